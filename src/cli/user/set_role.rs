//! `roster user set-role` (cli floor).

use clap::{Args, ValueEnum};

use crate::{
    cli::{named::Named, session::Session},
    proto::buf::alpha::registry::v1alpha1::{
        ServerRole, UpdateUserServerRoleRequest, user_service_client::UserServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The user
    #[arg(value_name = "NAME|ID")]
    user: Named,

    /// Role on the server
    #[arg(value_enum)]
    role: Role,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// May do everything, in every organization
    Admin,
    /// An ordinary user
    Member,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { user, role } = arguments;
    let (server_role, is) = match role {
        Role::Admin => (ServerRole::Admin, "a server admin"),
        Role::Member => (ServerRole::Member, "no server admin"),
    };
    let user_id = session.user_id(&user).await?;
    let request = UpdateUserServerRoleRequest { user_id, server_role: server_role.into() };
    let mut client = session.client(UserServiceClient::with_origin);
    let updated = client.update_user_server_role(request).await?.into_inner();
    session.show(&updated, |_| format!("{} is {is} now", user.text()))
}
