//! `roster organization remove` (cli floor).

use clap::Args;

use super::member::MemberArguments;
use crate::{
    cli::session::Session,
    proto::buf::alpha::registry::v1alpha1::{
        RemoveOrganizationMemberRequest, organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    member: MemberArguments,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let member = arguments.member;
    let (organization_id, user_id) = member.ids(session).await?;
    let request = RemoveOrganizationMemberRequest { organization_id, user_id };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let removed = client.remove_organization_member(request).await?.into_inner();
    session.show(&removed, |_| format!("removed {} from {}", member.user(), member.organization()))
}
