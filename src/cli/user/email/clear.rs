//! `roster user email clear` (cli floor).

use clap::Args;

use super::account;
use crate::{
    cli::{named::Named, session::Session},
    proto::roster::v1::{ClearUserEmailRequest, user_service_client::UserServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    user: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ClearUserEmailRequest { user_ref: Some((&arguments.user).into()) };
    let mut client = session.client(UserServiceClient::with_origin);
    let changed = client.clear_user_email(request).await?.into_inner();
    session.show(&changed, |changed| account::table(&changed.user_account))
}
