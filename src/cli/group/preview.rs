//! `roster group preview`: the plan as a table, the counts first (cli floor).

use clap::{Args, ValueEnum};

use super::mapping::MappingArguments;
use crate::{
    cli::{
        effect,
        page::{Page, PageArguments},
        role::Role,
        session::Session,
    },
    proto::roster::v1::{
        OrganizationRole, PreviewOrganizationGroupRequest, PreviewOrganizationGroupResponse,
        idp_group_service_client::IdpGroupServiceClient,
        preview_organization_group_request::{Add, Change, Remove, Update},
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,

    /// What would be done
    #[arg(long, value_enum, default_value = "map")]
    change: Planned,

    /// Role that members of the group would get
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
    /// `roster group map`
    Map,
    /// `roster group set-role`
    SetRole,
    /// `roster group unmap`
    Unmap,
}

impl Page for PreviewOrganizationGroupResponse {
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
        Planned::Map => Change::Add(Add { role }),
        Planned::SetRole => Change::Update(Update { role }),
        Planned::Unmap => Change::Remove(Remove {}),
    };
    let request = PreviewOrganizationGroupRequest {
        organization_ref: Some((&arguments.mapping.organization).into()),
        group_name: arguments.mapping.group,
        page_size: arguments.page.size(),
        page_token: String::new(),
        include_staying: arguments.include_staying,
        change: Some(change),
        min_revision: 0,
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let fetch = async |page_token| {
        let request = PreviewOrganizationGroupRequest { page_token, ..request.clone() };
        Ok(client.preview_organization_group(request).await?.into_inner())
    };
    session.list(&arguments.page, fetch).await
}
