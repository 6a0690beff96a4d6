//! `roster token create` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, session::Session, when::When},
    proto::buf::alpha::registry::v1alpha1::{CreateTokenRequest, token_service_client::TokenServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Who shall own it; for server admins [default: the caller]
    #[arg(long, value_name = "NAME|ID")]
    user: Option<Named>,

    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    note: String,

    /// When it ends, at most a year ahead: a span such as 90d, or a time such as 2027-01-31T00:00:00Z [default: in a
    /// year]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
}

/// The token alone is printed, so that a script can keep it.
pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let user_id = match &arguments.user {
        Some(user) => session.user_id(user).await?,
        None => String::new(),
    };
    let expire_time = arguments.expires.map(When::ahead).transpose()?;
    let request = CreateTokenRequest { note: arguments.note, expire_time, user_id };
    let mut client = session.client(TokenServiceClient::with_origin);
    let made = client.create_token(request).await?.into_inner();
    session.show(&made, |made| made.token.clone())
}
