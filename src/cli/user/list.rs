//! `roster user list` (cli floor).

use clap::{Args, ValueEnum};

use super::row;
use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
    },
    proto::buf::registry::owner::v1::{
        ListUsersRequest, ListUsersResponse, UserInstanceRole, UserState, UserType,
        list_users_request::Order, user_service_client::UserServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only users whose name has this in it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    query: String,

    /// Only users in this state
    #[arg(long, value_enum)]
    state: Option<State>,

    /// Only users of this type
    #[arg(long = "type", value_enum)]
    user_type: Option<Type>,

    /// Only users with this role on the server
    #[arg(long, value_enum)]
    server_role: Option<ServerRole>,

    /// Only members of this organization; may be repeated
    #[arg(long, value_name = "NAME|ID")]
    organization: Vec<Named>,

    /// Order of the list
    #[arg(long, value_enum, default_value = "created")]
    order: Sorted,

    #[command(flatten)]
    page: PageArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Active,
    Inactive,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    /// A person
    Standard,
    /// A program
    Bot,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ServerRole {
    Admin,
    Member,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sorted {
    /// The earliest first
    Created,
    /// The latest first
    Latest,
    /// From a to z
    Name,
}

impl Page for ListUsersResponse {
    const HEADINGS: &'static [&'static str] = row::HEADINGS;

    fn rows(&self) -> Vec<Vec<String>> {
        self.users.iter().map(row::row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = request(&arguments);
    let mut client = session.client(UserServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListUsersRequest { page_token, ..request.clone() };
        Ok(client.list_users(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}

fn request(arguments: &Arguments) -> ListUsersRequest {
    let state = |state| match state {
        State::Active => UserState::Active.into(),
        State::Inactive => UserState::Inactive.into(),
    };
    let user_type = |user_type| match user_type {
        Type::Standard => UserType::Standard.into(),
        Type::Bot => UserType::Bot.into(),
    };
    let role = |role| match role {
        ServerRole::Admin => UserInstanceRole::Admin.into(),
        ServerRole::Member => UserInstanceRole::Member.into(),
    };
    let order = match arguments.order {
        Sorted::Created => Order::CreateTimeAsc,
        Sorted::Latest => Order::CreateTimeDesc,
        Sorted::Name => Order::NameAsc,
    };
    ListUsersRequest {
        page_size: arguments.page.size(),
        page_token: String::new(),
        organization_refs: arguments.organization.iter().map(Into::into).collect(),
        order: order.into(),
        has_types: arguments.user_type.map(user_type).into_iter().collect(),
        has_states: arguments.state.map(state).into_iter().collect(),
        name_query: arguments.query.clone(),
        has_roles: arguments.server_role.map(role).into_iter().collect(),
    }
}
