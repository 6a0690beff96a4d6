//! `roster user create` (cli floor).

use clap::Args;

use super::{account, row};
use crate::{
    cli::session::Session,
    proto::buf::registry::owner::v1::{
        CreateUsersRequest, UserType, create_users_request::Value, user_service_client::UserServiceClient,
    },
    proto::roster::v1::{CreateUserAccountRequest, user_service_client as ours},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Name in the registry: 2 to 32 lower-case letters, digits and hyphens
    name: String,

    /// A program, whose tokens server admins make
    #[arg(long)]
    bot: bool,

    /// Email of the person, by which an identity provider finds the account
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "E-MAIL",
        conflicts_with = "bot"
    )]
    email: String,

    /// What the user is
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    description: String,

    /// Web page of the user
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URL")]
    url: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    if !arguments.email.is_empty() {
        return run_with_email(session, arguments).await;
    }
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

/// The published API makes users without an e-mail.
async fn run_with_email(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { name: username, email, description, url, .. } = arguments;
    let request = CreateUserAccountRequest { username, email, description, url };
    let mut client = session.client(ours::UserServiceClient::with_origin);
    let made = client.create_user_account(request).await?.into_inner();
    session.show(&made, |made| account::table(&made.user_account))
}
