//! `roster maintenance on` (cli floor).

use clap::Args;

use super::status;
use crate::{
    cli::session::Session,
    proto::roster::v1::{BeginMaintenanceRequest, maintenance_service_client::MaintenanceServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The reason and the expected end; part of every refusal
    #[arg(value_name = "MESSAGE")]
    message: String,
}

pub(super) async fn run(session: &Session, arguments: Arguments) -> anyhow::Result<()> {
    let request = BeginMaintenanceRequest { message: arguments.message };
    let mut client = session.client(MaintenanceServiceClient::with_origin);
    let answer = client.begin_maintenance(request).await?.into_inner();
    session.show(&answer, |answer| status::told(answer.maintenance.as_ref()))
}
