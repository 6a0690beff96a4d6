//! `roster provisioning pause` (cli floor).

use clap::Args;

use super::readiness;
use crate::{
    cli::session::Session,
    proto::roster::v1::{PauseProvisioningRequest, provisioning_service_client::ProvisioningServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Why; the identity provider is told as well
    #[arg(value_name = "REASON")]
    reason: String,

    /// Only changes with this SCIM token
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    scim_token: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = PauseProvisioningRequest { scim_token_id: arguments.scim_token, reason: arguments.reason };
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let answer = client.pause_provisioning(request).await?.into_inner();
    session.show(&answer, |answer| readiness::pause(&answer.pause.clone().unwrap_or_default()))
}
