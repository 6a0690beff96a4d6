//! `roster group unrelease` (cli floor).

use clap::Args;

use super::mapping::MappingArguments;
use crate::{
    cli::session::Session,
    proto::roster::v1::{UnreleaseIdpGroupRequest, idp_group_service_client::IdpGroupServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let MappingArguments { group, organization } = arguments.mapping;
    let request = UnreleaseIdpGroupRequest {
        organization_ref: Some((&organization).into()),
        group_name: group.clone(),
    };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let done = client.unrelease_idp_group(request).await?.into_inner();
    session.show(&done, |_| format!("{group} is released to {} no more", organization.text()))
}
