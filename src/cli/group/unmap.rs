//! `roster group unmap` (cli floor).

use clap::Args;

use super::mapping::MappingArguments;
use crate::{
    cli::session::Session,
    proto::buf::alpha::registry::v1alpha1::{
        RemoveOrganizationGroupRequest, organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let mapping = arguments.mapping;
    let (organization_id, group_name) = mapping.names(session).await?;
    let request = RemoveOrganizationGroupRequest { organization_id, group_name };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let removed = client.remove_organization_group(request).await?.into_inner();
    session
        .show(&removed, |_| format!("{} is mapped to {} no more", mapping.group, mapping.organization.text()))
}
