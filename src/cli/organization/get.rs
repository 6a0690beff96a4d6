//! `roster organization get` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::{named::Named, session::Session},
    proto::buf::registry::owner::v1::{
        GetOrganizationsRequest, organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = GetOrganizationsRequest { organization_refs: vec![(&arguments.organization).into()] };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let answer = client.get_organizations(request).await?.into_inner();
    session.show(&answer, |answer| row::table(&answer.organizations))
}
