//! `roster group unmap` (cli floor).

use clap::Args;

use super::mapping::MappingArguments;
use crate::{
    cli::{
        confirm::Confirm,
        effect::{self, HEADINGS},
        session::Session,
        show,
    },
    proto::{
        buf::alpha::registry::v1alpha1::{
            RemoveOrganizationGroupRequest, organization_service_client::OrganizationServiceClient,
        },
        roster::v1::{
            PreviewOrganizationGroupRequest,
            idp_group_service_client::IdpGroupServiceClient,
            preview_organization_group_request::{Change, Remove},
        },
    },
};

/// So many of those who would lose something are shown.
const SHOWN: u32 = 50;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,

    #[command(flatten)]
    confirm: Confirm,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { mapping, confirm } = arguments;
    confirm.ask(async || loss(session, &mapping).await).await?;
    let (organization_id, group_name) = mapping.names(session).await?;
    let request = RemoveOrganizationGroupRequest { organization_id, group_name };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let removed = client.remove_organization_group(request).await?.into_inner();
    session
        .show(&removed, |_| format!("{} is mapped to {} no more", mapping.group, mapping.organization.text()))
}

/// Who would lose what, as far as a table should be long.
async fn loss(session: &Session, mapping: &MappingArguments) -> anyhow::Result<String> {
    let request = PreviewOrganizationGroupRequest {
        organization_ref: Some((&mapping.organization).into()),
        group_name: mapping.group.clone(),
        page_size: SHOWN,
        change: Some(Change::Remove(Remove {})),
        ..PreviewOrganizationGroupRequest::default()
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let plan = client.preview_organization_group(request).await?.into_inner();
    let (group, organization) = (show::plain(&mapping.group), mapping.organization.text());
    if plan.effects.is_empty() {
        return Ok(format!("nobody loses anything when {group} is mapped to {organization} no more"));
    }
    let counts = [plan.added_count, plan.changed_count, plan.removed_count, plan.staying_count];
    let rows = plan.effects.iter().map(effect::row).collect();
    let more = if plan.next_page_token.is_empty() { "" } else { "\n(these are the first ones)" };
    Ok(format!(
        "without {group} in {organization}: {}{}{more}",
        effect::summary(counts),
        show::table(HEADINGS, rows)
    ))
}
