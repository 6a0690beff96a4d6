//! `roster group map` (cli floor).

use clap::Args;

use super::{mapping::MappingArguments, near};
use crate::{
    cli::{role::Role, session::Session},
    proto::buf::alpha::registry::v1alpha1::{
        AddOrganizationGroupRequest, OrganizationRole, organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,

    /// Role that members of the group get [default: member]
    #[arg(long, value_enum)]
    role: Option<Role>,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { mapping, role } = arguments;
    let (organization_id, group_name) = mapping.names(session).await?;
    let role_override = role.map_or(OrganizationRole::Unspecified, Into::into).into();
    let request = AddOrganizationGroupRequest { organization_id, group_name, role_override };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let mapped = client.add_organization_group(request).await?.into_inner();
    if let Some(told) = near::unpushed(session, &mapping.group).await {
        let warning = serde_json::json!({ "warning": &told }).to_string();
        eprintln!("{}", if session.is_for_people() { told } else { warning });
    }
    session.show(&mapped, |_| format!("mapped {} to {}", mapping.group, mapping.organization.text()))
}
