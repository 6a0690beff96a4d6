//! `roster group mappings` (cli floor).

use clap::Args;

use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        ListOrganizationGroupsRequest, ListOrganizationGroupsResponse, OrganizationGroup,
        idp_group_service_client::IdpGroupServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListOrganizationGroupsResponse {
    const HEADINGS: &'static [&'static str] =
        &["group", "organization", "role", "members", "pushed", "mapped"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.organization_groups.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(mapping: &OrganizationGroup) -> Vec<String> {
    vec![
        mapping.group_name.clone(),
        mapping.organization_name.clone(),
        word::role(mapping.role()),
        mapping.member_count.to_string(),
        word::yes(!mapping.idp_group_id.is_empty()),
        word::time(mapping.create_time.as_ref()),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (page_size, reverse) = (arguments.page.size(), arguments.reverse);
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListOrganizationGroupsRequest { page_size, page_token, reverse };
        Ok(client.list_organization_groups(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
