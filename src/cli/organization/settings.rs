//! `roster organization settings` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, session::Session, show, word},
    proto::buf::alpha::registry::v1alpha1::{
        GetOrganizationSettingsRequest, GetOrganizationSettingsResponse,
        organization_service_client::OrganizationServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let organization_id = session.organization_id(&arguments.organization).await?;
    let request = GetOrganizationSettingsRequest { organization_id };
    let mut client = session.client(OrganizationServiceClient::with_origin);
    let settings = client.get_organization_settings(request).await?.into_inner();
    session.show(&settings, |settings| text(arguments.organization.text(), settings))
}

fn text(organization: &str, settings: &GetOrganizationSettingsResponse) -> String {
    let groups: Vec<_> = settings.idp_groups.iter().map(|group| group.name.as_str()).collect();
    let row = vec![
        organization.to_owned(),
        word::of(settings.repository_base_role().as_str_name(), "REPOSITORY_ROLE_"),
        settings.members_count.to_string(),
        word::or_none(&groups.join(", ")),
    ];
    show::table(&["name", "base role", "members", "groups"], vec![row])
}
