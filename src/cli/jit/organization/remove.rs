//! `roster jit organization remove` (cli floor).

use clap::Args;

use crate::{
    cli::{named::Named, session::Session},
    proto::roster::v1::{RemoveJitOrganizationRequest, jit_service_client::JitServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The organization
    #[arg(value_name = "NAME|ID")]
    organization: Named,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let organization_ref = Some((&arguments.organization).into());
    let mut client = session.client(JitServiceClient::with_origin);
    let removed = client.remove_jit_organization(RemoveJitOrganizationRequest { organization_ref }).await?;
    let text = |_: &_| format!("nobody joins {} any more", arguments.organization.text());
    session.show(&removed.into_inner(), text)
}
