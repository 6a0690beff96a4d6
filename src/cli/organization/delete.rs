//! `roster organization delete` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, session::Session},
    proto::buf::registry::owner::v1::{
        DeleteOrganizationsRequest, organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,

    /// Yes, with all of its memberships and mappings, for good
    #[arg(long, required = true)]
    yes: bool,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = DeleteOrganizationsRequest { organization_refs: vec![(&arguments.organization).into()] };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let deleted = client.delete_organizations(request).await?.into_inner();
    session.show(&deleted, |_| format!("deleted the organization {}", arguments.organization.text()))
}
