//! `roster group set-role` (cli floor).

use clap::Args;

use super::mapping::MappingArguments;
use crate::{
    cli::{role::Role, session::Session},
    proto::buf::alpha::registry::v1alpha1::{
        OrganizationRole, UpdateOrganizationGroupRequest,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,

    /// Role that members of the group get
    #[arg(value_enum)]
    role: Role,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { mapping, role } = arguments;
    let (organization_id, group_name) = mapping.names(session).await?;
    let role_override = Some(OrganizationRole::from(role).into());
    let request = UpdateOrganizationGroupRequest { organization_id, group_name, role_override };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let updated = client.update_organization_group(request).await?.into_inner();
    session.show(&updated, |_| {
        format!("changed the role of {} in {}", mapping.group, mapping.organization.text())
    })
}
