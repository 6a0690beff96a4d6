//! `roster user get` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::{named::Named, session::Session},
    proto::buf::registry::owner::v1::{GetUsersRequest, user_service_client::UserServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    user: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = GetUsersRequest { user_refs: vec![(&arguments.user).into()] };
    let answer = session.client(UserServiceClient::with_origin).get_users(request).await?.into_inner();
    session.show(&answer, |answer| row::table(&answer.users))
}
