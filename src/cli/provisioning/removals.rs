//! `roster provisioning removals` (cli floor).

use clap::Args;

use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        LargeRemoval, ListLargeRemovalsRequest, ListLargeRemovalsResponse, OrganizationRemoval,
        provisioning_service_client::ProvisioningServiceClient,
    },
};

/// What stands over the columns of large removals.
pub(super) const HEADINGS: &[&str] = &["time", "state", "members", "token", "request", "id"];

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The earliest first
    #[arg(long)]
    reverse: bool,

    #[command(flatten)]
    page: PageArguments,
}

impl Page for ListLargeRemovalsResponse {
    const HEADINGS: &'static [&'static str] = HEADINGS;

    fn rows(&self) -> Vec<Vec<String>> {
        self.large_removals.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

/// One large removal.
pub(super) fn row(removal: &LargeRemoval) -> Vec<String> {
    let of = |organization: &OrganizationRemoval| {
        let OrganizationRemoval { organization_name, removed_count, member_count, .. } = organization;
        format!("{removed_count} of {member_count} in {organization_name}")
    };
    vec![
        word::time(removal.time.as_ref()),
        word::of(removal.state().as_str_name(), "LARGE_REMOVAL_STATE_"),
        word::or_none(&removal.organizations.iter().map(of).collect::<Vec<_>>().join(", ")),
        word::or_none(&removal.scim_token_id),
        word::or_none(&removal.request_id),
        removal.id.clone(),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (page_size, reverse) = (arguments.page.size(), arguments.reverse);
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListLargeRemovalsRequest { page_size, page_token, reverse, min_revision: 0 };
        Ok(client.list_large_removals(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
