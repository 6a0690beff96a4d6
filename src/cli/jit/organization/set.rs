//! `roster jit organization set` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, role::Role, session::Session, word},
    proto::roster::v1::{OrganizationRole, SetJitOrganizationRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,

    /// Role that everyone gets; not owner
    #[arg(long, value_enum, default_value = "member")]
    role: Role,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let role = OrganizationRole::from(arguments.role);
    let organization_ref = Some((&arguments.organization).into());
    let request = SetJitOrganizationRequest { organization_ref, role: role.into() };
    let mut client = session.client(JitServiceClient::with_origin);
    let set = client.set_jit_organization(request).await?.into_inner();
    session.show(&set, |_| format!("everyone is {} of {}", word::role(role), arguments.organization.text()))
}
