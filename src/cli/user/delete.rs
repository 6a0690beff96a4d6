//! `roster user delete` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, session::Session},
    proto::buf::registry::owner::v1::{DeleteUsersRequest, user_service_client::UserServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    user: Named,

    /// Yes, with all roles and tokens, for good: no push brings the account back, and nobody else gets the name
    #[arg(long, required = true)]
    yes: bool,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = DeleteUsersRequest { user_refs: vec![(&arguments.user).into()] };
    let deleted = session.client(UserServiceClient::with_origin).delete_users(request).await?.into_inner();
    session.show(&deleted, |_| format!("deleted the user {}", arguments.user.text()))
}
