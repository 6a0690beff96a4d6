//! `roster organization create` (cli floor).

use clap::Args;

use super::row;
use crate::{
    cli::session::Session,
    proto::buf::registry::owner::v1::{
        CreateOrganizationsRequest, create_organizations_request::Value,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Name: 2 to 32 lower-case letters, digits and hyphens
    name: String,

    /// What the organization is
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    description: String,

    /// Web page of the organization
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URL")]
    url: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { name, description, url } = arguments;
    let request =
        CreateOrganizationsRequest { values: vec![Value { name, description, url, ..Value::default() }] };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let made = client.create_organizations(request).await?.into_inner();
    session.show(&made, |made| row::table(&made.organizations))
}
