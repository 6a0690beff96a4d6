//! `roster group release` (cli floor).

use clap::Args;

use super::mapping::MappingArguments;
use crate::{
    cli::session::Session,
    proto::roster::v1::{ReleaseIdpGroupRequest, idp_group_service_client::IdpGroupServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    mapping: MappingArguments,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let MappingArguments { group, organization } = arguments.mapping;
    let request =
        ReleaseIdpGroupRequest { organization_ref: Some((&organization).into()), group_name: group.clone() };
    let mut client = session.client(IdpGroupServiceClient::with_origin);
    let released = client.release_idp_group(request).await?.into_inner();
    session.show(&released, |_| format!("released {group} to {}", organization.text()))
}
