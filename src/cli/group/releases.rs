//! `roster group releases` (cli floor).

use clap::Args;

use crate::{
    cli::{
        named::Named,
        page::{Page, PageArguments},
        session::Session,
        word,
    },
    proto::roster::v1::{
        IdpGroupRelease, ListIdpGroupReleasesRequest, ListIdpGroupReleasesResponse,
        idp_group_service_client::IdpGroupServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only those to this organization
    #[arg(value_name = "ORGANIZATION")]
    organization: Option<Named>,

    #[command(flatten)]
    page: PageArguments,

    /// The latest first
    #[arg(long)]
    reverse: bool,
}

impl Page for ListIdpGroupReleasesResponse {
    const HEADINGS: &'static [&'static str] = &["group", "organization", "pushed", "released"];

    fn rows(&self) -> Vec<Vec<String>> {
        self.releases.iter().map(row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

fn row(release: &IdpGroupRelease) -> Vec<String> {
    vec![
        release.group_name.clone(),
        release.organization_name.clone(),
        word::yes(!release.idp_group_id.is_empty()),
        word::time(release.create_time.as_ref()),
    ]
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (page_size, reverse) = (arguments.page.size(), arguments.reverse);
    let organization_ref = arguments.organization.as_ref().map(Into::into);
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let fetch = async |page_token| {
        let organization_ref = organization_ref.clone();
        let request =
            ListIdpGroupReleasesRequest { organization_ref, page_size, page_token, reverse, min_revision: 0 };
        Ok(client.list_idp_group_releases(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
