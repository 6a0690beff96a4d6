//! `roster user current` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::session::Session,
    proto::buf::registry::owner::v1::{GetCurrentUserRequest, user_service_client::UserServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<()> {
    let mut client = session.client(UserServiceClient::with_origin);
    let answer = client.get_current_user(GetCurrentUserRequest {}).await?.into_inner();
    session.show(&answer, |answer| row::table(&answer.user))
}
