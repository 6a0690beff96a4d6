//! `roster scim-token list` (cli floor).

use clap::Args;

use super::profile;
use crate::{
    cli::{
        page::{Page, PageArguments},
        session::Session,
    },
    proto::roster::v1::{
        ListScimTokensRequest, ListScimTokensResponse, scim_token_service_client::ScimTokenServiceClient,
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

impl Page for ListScimTokensResponse {
    const HEADINGS: &'static [&'static str] = profile::HEADINGS;

    fn rows(&self) -> Vec<Vec<String>> {
        self.scim_tokens.iter().map(profile::row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let (page_size, reverse) = (arguments.page.size(), arguments.reverse);
    let mut client = session.client(ScimTokenServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = ListScimTokensRequest { page_size, page_token, reverse };
        Ok(client.list_scim_tokens(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
