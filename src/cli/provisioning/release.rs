//! `roster provisioning release` (cli floor).

use clap::Args;

use super::removals;
use crate::{
    cli::{session::Session, show},
    proto::roster::v1::{ReleaseLargeRemovalRequest, provisioning_service_client::ProvisioningServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Id of the large removal, as `roster provisioning removals` and readiness tell it
    #[arg(value_name = "ID")]
    removal: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = ReleaseLargeRemovalRequest { large_removal_id: arguments.removal };
    let mut client = session.client(ProvisioningServiceClient::with_origin);
    let answer = client.release_large_removal(request).await?.into_inner();
    session.show(&answer, |answer| {
        show::table(removals::HEADINGS, answer.large_removal.iter().map(removals::row).collect())
    })
}
