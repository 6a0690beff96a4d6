//! `roster organization members` (cli floor).

use clap::Args;

use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::buf::alpha::registry::v1alpha1::{
        ListOrganizationUsersRequest, ListOrganizationUsersResponse, OrganizationUser,
        user_service_client::UserServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,

    #[command(flatten)]
    page: PageArguments,

    /// The latest accounts first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListOrganizationUsersResponse {
    const HEADINGS: &'static [&'static str] = &["user id", "name", "type", "role", "source"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.users.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(member: &OrganizationUser) -> Vec<String> {
    let user = member.user.clone().unwrap_or_default();
    let user_type = word::of(user.user_type().as_str_name(), "USER_TYPE_");
    let role = member.organization_role().as_str_name();
    let source = member.organization_role_source().as_str_name();
    vec![
        user.id,
        user.username,
        user_type,
        word::of(role, "ORGANIZATION_ROLE_"),
        word::of(source, "ORGANIZATION_ROLE_SOURCE_"),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ListOrganizationUsersRequest {
        organization_id: session.organization_id(&arguments.organization).await?,
        page_size: arguments.page.size(),
        page_token: String::new(),
        reverse: arguments.reverse,
    };
    let mut client = session.client(UserServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListOrganizationUsersRequest { page_token, ..request.clone() };
        Ok(client.list_organization_users(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
