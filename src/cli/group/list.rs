//! `roster group list` (cli floor).

use clap::Args;

use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        IdpGroup, ListIdpGroupsRequest, ListIdpGroupsResponse,
        idp_group_service_client::IdpGroupServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only groups whose name has this in it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    query: String,

    /// Only groups that are mapped to an organization
    #[arg(long)]
    mapped: bool,

    /// Only groups that are mapped to none
    #[arg(long, conflicts_with = "mapped")]
    unmapped: bool,

    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListIdpGroupsResponse {
    const HEADINGS: &'static [&'static str] =
        &["id", "name", "members", "organizations", "updated", "external id"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.idp_groups.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(group: &IdpGroup) -> Vec<String> {
    vec![
        group.id.clone(),
        group.display_name.clone(),
        group.member_count.to_string(),
        group.organization_count.to_string(),
        word::time(group.update_time.as_ref()),
        word::or_none(&group.external_id),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ListIdpGroupsRequest {
        page_size: arguments.page.size(),
        page_token: String::new(),
        reverse: arguments.reverse,
        name_query: arguments.query,
        mapped: (arguments.mapped || arguments.unmapped).then_some(arguments.mapped),
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListIdpGroupsRequest { page_token, ..request.clone() };
        Ok(client.list_idp_groups(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
