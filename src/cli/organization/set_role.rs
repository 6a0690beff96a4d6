//! `roster organization set-role` (cli floor).

use clap::Args;

use super::member::MemberArguments;
use crate::{
    cli::{role::Role, session::Session},
    proto::buf::alpha::registry::v1alpha1::{
        OrganizationRole, UpdateOrganizationMemberRequest,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    member: MemberArguments,

    /// Direct role
    #[arg(value_enum)]
    role: Role,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { member, role } = arguments;
    let (organization_id, user_id) = member.ids(session).await?;
    let organization_role = OrganizationRole::from(role).into();
    let request = UpdateOrganizationMemberRequest { organization_id, user_id, organization_role };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let updated = client.update_organization_member(request).await?.into_inner();
    session.show(&updated, |_| format!("changed the role of {} in {}", member.user(), member.organization()))
}
