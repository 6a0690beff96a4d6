//! `roster user email get` (cli floor).

use clap::Args;

use super::account;
use crate::{
    cli::{named::Named, session::Session},
    proto::roster::v1::{GetUserAccountRequest, user_service_client::UserServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    user: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = GetUserAccountRequest { user_ref: Some((&arguments.user).into()), min_revision: 0 };
    let mut client = session.client(UserServiceClient::with_origin);
    let found = client.get_user_account(request).await?.into_inner();
    session.show(&found, |found| account::table(&found.user_account))
}
