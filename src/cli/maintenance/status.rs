//! `roster maintenance status` (cli floor).

use clap::Args;

use crate::{
    cli::{session::Session, show::plain, word},
    proto::roster::v1::{
        GetMaintenanceRequest, Maintenance, maintenance_service_client::MaintenanceServiceClient,
    },
};

#[derive(Args, Debug)]
pub(super) struct Arguments {}

pub(super) async fn run(session: &Session, _: Arguments) -> anyhow::Result<()> {
    let mut client = session.client(MaintenanceServiceClient::with_origin);
    let answer = client.get_maintenance(GetMaintenanceRequest::default()).await?.into_inner();
    session.show(&answer, |answer| told(answer.maintenance.as_ref()))
}

/// Since when, by whom, and why.
pub(super) fn told(maintenance: Option<&Maintenance>) -> String {
    let Some(maintenance) = maintenance else { return "the server takes changes".to_owned() };
    let time = word::time(maintenance.create_time.as_ref());
    let actor = word::actor(maintenance.actor.as_ref());
    format!("in maintenance since {time}, by {actor}: {}", plain(&maintenance.message))
}
