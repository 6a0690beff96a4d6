//! `roster token delete` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::buf::alpha::registry::v1alpha1::{DeleteTokenRequest, token_service_client::TokenServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the token
    #[arg(value_name = "ID")]
    token_id: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = DeleteTokenRequest { token_id: arguments.token_id.clone() };
    let deleted = session.client(TokenServiceClient::with_origin).delete_token(request).await?.into_inner();
    session.show(&deleted, |_| format!("revoked the API token {}", arguments.token_id))
}
