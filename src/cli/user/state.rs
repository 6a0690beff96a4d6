//! Switching users off and on (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::{named::Named, session::Session},
    proto::buf::registry::owner::v1::{
        UpdateUsersRequest, UserState, update_users_request::Value, user_service_client::UserServiceClient,
    },
};

/// Which one.
#[derive(Args, Debug)]
// of a command that takes more, the group would have the name of its own
#[group(skip)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    pub(super) user: Named,
}

/// Brings the user into `state`.
pub(super) async fn set(session: &Session, arguments: &Arguments, state: UserState) -> anyhow::Result<()> {
    let value =
        Value { user_ref: Some((&arguments.user).into()), state: Some(state.into()), ..Value::default() };
    let request = UpdateUsersRequest { values: vec![value] };
    let updated = session.client(UserServiceClient::with_origin).update_users(request).await?.into_inner();
    session.show(&updated, |updated| row::table(&updated.users))
}
