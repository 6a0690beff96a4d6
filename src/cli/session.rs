//! A connection to a server, and how its answers are shown (cli floor).

use http::Uri;
use indicatif::ProgressBar;
use prost::{Message, Name};
use prost_reflect::DescriptorPool;
use tonic::Status;

use super::{
    named::Named,
    page::{Page, PageArguments},
    remote::Transport,
    show::{self, Format},
};
use crate::proto::{
    buf::alpha::registry::v1alpha1::{
        GetOrganizationByNameRequest, GetUserByUsernameRequest,
        organization_service_client::OrganizationServiceClient, user_service_client::UserServiceClient,
    },
    pool,
};

/// What every command that asks a server works with.
pub(super) struct Session {
    transport: Transport,
    origin: Uri,
    format: Format,
}

impl Session {
    pub(super) fn new(transport: Transport, origin: Uri, format: Format) -> Self {
        Self { transport, origin, format }
    }

    /// A generated client, by its `with_origin`.
    pub(super) fn client<C>(&self, with_origin: impl FnOnce(Transport, Uri) -> C) -> C {
        with_origin(self.transport.clone(), self.origin.clone())
    }

    /// Whether answers are tables and sentences.
    pub(super) fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }

    /// Shows `answer`; `text` is what people read.
    pub(super) fn show<M: Message + Name>(
        &self,
        answer: &M,
        text: impl FnOnce(&M) -> String,
    ) -> anyhow::Result<()> {
        match self.format {
            Format::Table => show::print(&text(answer)),
            Format::Json => show::print(&show::json(&pool()?, answer)?),
        }
    }

    /// Shows the pages that `fetch` gets for page tokens: one, or all.
    pub(super) async fn list<M: Page>(
        &self,
        arguments: &PageArguments,
        mut fetch: impl AsyncFnMut(String) -> Result<M, Status>,
    ) -> anyhow::Result<()> {
        let mut listing = Listing::new(self.format)?;
        let mut token = arguments.page_token.clone();
        loop {
            let page = fetch(std::mem::take(&mut token)).await?;
            listing.add(&page)?;
            page.next_page_token().clone_into(&mut token);
            if token.is_empty() || !arguments.all {
                return listing.finish::<M>(&token);
            }
        }
    }

    /// The id of a user: looked up where a name was typed.
    pub(super) async fn user_id(&self, user: &Named) -> anyhow::Result<String> {
        let Named::Name(username) = user else { return Ok(user.text().to_owned()) };
        let request = GetUserByUsernameRequest { username: username.clone() };
        let found = self.client(UserServiceClient::with_origin).get_user_by_username(request).await?;
        Ok(found.into_inner().user.unwrap_or_default().id)
    }

    /// The id of an organization: looked up where a name was typed.
    pub(super) async fn organization_id(&self, organization: &Named) -> anyhow::Result<String> {
        let Named::Name(name) = organization else { return Ok(organization.text().to_owned()) };
        let request = GetOrganizationByNameRequest { name: name.clone() };
        let found =
            self.client(OrganizationServiceClient::with_origin).get_organization_by_name(request).await?;
        Ok(found.into_inner().organization.unwrap_or_default().id)
    }
}

/// A list on its way to stdout: JSON page by page, a table when all of it is there.
struct Listing {
    format: Format,
    pool: DescriptorPool,
    summary: Option<String>,
    rows: Vec<Vec<String>>,
    /// On a terminal alone.
    progress: ProgressBar,
}

impl Listing {
    fn new(format: Format) -> anyhow::Result<Self> {
        let progress = ProgressBar::new_spinner();
        Ok(Self { format, pool: pool()?, summary: None, rows: Vec::new(), progress })
    }

    fn add<M: Page>(&mut self, page: &M) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return show::print(&show::json(&self.pool, page)?);
        }
        self.rows.extend(page.rows());
        self.summary = self.summary.take().or_else(|| page.summary());
        self.progress.set_message(format!("{} so far", self.rows.len()));
        self.progress.tick();
        Ok(())
    }

    /// `next` is where the list goes on, if it does.
    fn finish<M: Page>(self, next: &str) -> anyhow::Result<()> {
        self.progress.finish_and_clear();
        if self.format == Format::Json {
            return Ok(());
        }
        if let Some(summary) = &self.summary {
            show::print(summary)?;
        }
        show::print(&show::table(M::HEADINGS, self.rows))?;
        if !next.is_empty() {
            eprintln!("there are more: --all shows them, --page-token {next} the next page");
        }
        Ok(())
    }
}
