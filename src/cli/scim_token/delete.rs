//! `roster scim-token delete` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::roster::v1::{DeleteScimTokenRequest, scim_token_service_client::ScimTokenServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the token
    #[arg(value_name = "ID")]
    scim_token: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = DeleteScimTokenRequest { scim_token_id: arguments.scim_token.clone() };
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let deleted = client.delete_scim_token(request).await?.into_inner();
    session.show(&deleted, |_| format!("revoked the SCIM token {}", arguments.scim_token))
}
