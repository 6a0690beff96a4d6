//! `roster user create` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::session::Session,
    proto::buf::registry::owner::v1::{
        CreateUsersRequest, UserType, create_users_request::Value, user_service_client::UserServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Name in the registry: 2 to 32 lower-case letters, digits and hyphens
    name: String,

    /// A program, whose tokens server admins make
    #[arg(long)]
    bot: bool,

    /// What the user is
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    description: String,

    /// Web page of the user
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URL")]
    url: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let user_type = if arguments.bot { UserType::Bot } else { UserType::Standard };
    let value = Value {
        name: arguments.name,
        r#type: user_type.into(),
        description: arguments.description,
        url: arguments.url,
        ..Value::default()
    };
    let request = CreateUsersRequest { values: vec![value] };
    let made = session.client(UserServiceClient::with_origin).create_users(request).await?.into_inner();
    session.show(&made, |made| row::table(&made.users))
}
