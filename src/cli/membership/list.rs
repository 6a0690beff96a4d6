//! `roster membership list` (cli floor).

use clap::Args;

use super::grant;
use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        ListMembershipsRequest, ListMembershipsResponse, Membership, list_memberships_request::Scope,
        membership_service_client::MembershipServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    scope: ScopeArguments,

    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

/// Of what.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct ScopeArguments {
    /// The members of this organization
    #[arg(long, value_name = "NAME|ID")]
    organization: Option<Named>,

    /// The organizations of this user
    #[arg(long, value_name = "NAME|ID")]
    user: Option<Named>,
}

impl Page for ListMembershipsResponse {
    const HEADINGS: &'static [&'static str] = &["organization", "user", "role", "source", "grants"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.memberships.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(membership: &Membership) -> Vec<String> {
    let grants: Vec<_> = membership.grants.iter().map(grant::text).collect();
    vec![
        membership.organization_name.clone(),
        membership.username.clone(),
        word::role(membership.role()),
        word::source(membership.source()),
        grants.join(", "),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let organization =
        arguments.scope.organization.as_ref().map(|named| Scope::OrganizationRef(named.into()));
    let user = arguments.scope.user.as_ref().map(|named| Scope::UserRef(named.into()));
    let request = ListMembershipsRequest {
        scope: organization.or(user),
        page_size: arguments.page.size(),
        page_token: String::new(),
        reverse: arguments.reverse,
    };
    let mut client = session.client(MembershipServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListMembershipsRequest { page_token, ..request.clone() };
        Ok(client.list_memberships(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
