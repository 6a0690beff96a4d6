//! `roster organization list` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
    },
    proto::buf::registry::owner::v1::{
        ListOrganizationsRequest, ListOrganizationsResponse, list_organizations_request::Order,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only organizations that this user is a member of; may be repeated
    #[arg(long, value_name = "NAME|ID")]
    user: Vec<Named>,

    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListOrganizationsResponse {
    const HEADINGS: &'static [&'static str] = row::HEADINGS;

    fn rows(&self) -> Vec<Vec<String>> {
        self.organizations.iter().map(row::row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let order = if arguments.reverse { Order::CreateTimeDesc } else { Order::CreateTimeAsc };
    let request = ListOrganizationsRequest {
        page_size: arguments.page.size(),
        page_token: String::new(),
        user_refs: arguments.user.iter().map(Into::into).collect(),
        order: order.into(),
    };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListOrganizationsRequest { page_token, ..request.clone() };
        Ok(client.list_organizations(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
