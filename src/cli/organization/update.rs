//! `roster organization update` (cli floor).

use clap::{Args, ValueEnum};

use crate::{
    cli::{named::Named, session::Session},
    proto::buf::alpha::registry::v1alpha1::{
        RepositoryRole, UpdateOrganizationSettingsRequest,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,

    /// What the organization is; empty takes it away
    #[arg(long, value_name = "TEXT", group = "change")]
    description: Option<String>,

    /// Web page of the organization; empty takes it away
    #[arg(long, value_name = "URL", group = "change")]
    url: Option<String>,

    /// Role that every member has in repositories, for the services that ask for it
    #[arg(long, value_enum, group = "change")]
    base_role: Option<BaseRole>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BaseRole {
    /// Reads
    Read,
    /// Pushes to labels that are not the default
    LimitedWrite,
    /// Pushes
    Write,
    /// Manages repositories
    Admin,
    /// Owns repositories
    Owner,
}

impl From<BaseRole> for RepositoryRole {
    fn from(role: BaseRole) -> Self {
        match role {
            BaseRole::Read => Self::Read,
            BaseRole::LimitedWrite => Self::LimitedWrite,
            BaseRole::Write => Self::Write,
            BaseRole::Admin => Self::Admin,
            BaseRole::Owner => Self::Owner,
        }
    }
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { organization, description, url, base_role } = arguments;
    let organization_id = session.organization_id(&organization).await?;
    let base = base_role.map_or(RepositoryRole::Unspecified, RepositoryRole::from);
    let repository_base_role = base.into();
    let request =
        UpdateOrganizationSettingsRequest { organization_id, repository_base_role, description, url };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let updated = client.update_organization_settings(request).await?.into_inner();
    session.show(&updated, |_| format!("changed the settings of {}", organization.text()))
}
