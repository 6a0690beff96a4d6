//! `roster maintenance off` (cli floor).

use clap::Args;

use crate::{
    cli::session::Session,
    proto::roster::v1::{EndMaintenanceRequest, maintenance_service_client::MaintenanceServiceClient},
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<()> {
    let mut client = session.client(MaintenanceServiceClient::with_origin);
    let answer = client.end_maintenance(EndMaintenanceRequest {}).await?.into_inner();
    session.show(&answer, |_| "the server takes changes".to_owned())
}
