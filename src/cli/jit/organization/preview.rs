//! `roster jit organization preview`: the plan as a table, the counts first (cli floor).

use clap::{Args, ValueEnum};

use crate::{
    cli::{
        effect,
        named::Named,
        page::{Page, PageArguments},
        role::Role,
        session::Session,
    },
    proto::roster::v1::{
        OrganizationRole, PreviewJitOrganizationRequest, PreviewJitOrganizationResponse,
        jit_service_client::JitServiceClient,
        preview_jit_organization_request::{Change, Remove, Set},
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,

    /// What would be done
    #[arg(long, value_enum, default_value = "set")]
    change: Planned,

    /// Role that everyone would get
    #[arg(long, value_enum, default_value = "member")]
    role: Role,

    /// Show those as well who stay with their role
    #[arg(long)]
    include_staying: bool,

    #[command(flatten)]
    page: PageArguments,
}

/// A command whose effect is wanted.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Planned {
    /// `roster jit organization set`
    Set,
    /// `roster jit organization remove`
    Remove,
}

impl Page for PreviewJitOrganizationResponse {
    const HEADINGS: &'static [&'static str] = effect::HEADINGS;

    fn rows(&self) -> Vec<Vec<String>> {
        self.effects.iter().map(effect::row).collect()
    }

    fn next_page_token(&self) -> &str {
        &self.next_page_token
    }

    fn summary(&self) -> Option<String> {
        let Self { added_count, changed_count, removed_count, staying_count, .. } = self;
        Some(effect::summary([*added_count, *changed_count, *removed_count, *staying_count]))
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let role = OrganizationRole::from(arguments.role).into();
    let change = match arguments.change {
        Planned::Set => Change::Set(Set { role }),
        Planned::Remove => Change::Remove(Remove {}),
    };
    let request = PreviewJitOrganizationRequest {
        organization_ref: Some((&arguments.organization).into()),
        page_size: arguments.page.size(),
        page_token: String::new(),
        include_staying: arguments.include_staying,
        change: Some(change),
        min_revision: 0,
    };
    let mut client = session.client(JitServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = PreviewJitOrganizationRequest { page_token, ..request.clone() };
        Ok(client.preview_jit_organization(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
