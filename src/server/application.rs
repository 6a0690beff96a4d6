//! Server: the whole application over the use cases.

use std::time::Duration;

use axum::Router;
use futures::FutureExt;

use super::{
    cors::Cors,
    forwarded::Proxies,
    metrics::{self, Metrics},
    ready::Readiness,
    router::{self, Observers},
};
use crate::{
    gateway::{connect, oauth, ops, rpc, scim},
    proto,
    services::{Services, fleet, job},
};

/// How often gRPC health asks the database.
const HEALTH_PERIOD: Duration = Duration::from_secs(5);

/// Everything that is served, as one service.
pub type Application = Router;

/// What the gateways are told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What SCIM is told.
    pub scim: scim::Settings,
    /// The largest message of an RPC, in bytes.
    pub max_message: usize,
    /// Which pages may call the RPCs from a browser.
    pub cors: Cors,
    /// Which proxies are believed.
    pub proxies: Proxies,
    /// What counts requests, if something does.
    pub metrics: Option<Metrics>,
    /// Whether traces are sent; something must count then.
    pub traces: bool,
    /// Who may read what is counted, if that is served here.
    pub readers: Option<metrics::Readers>,
}

/// Every gateway over `services`; `readiness` is what health answers, from the first request on.
///
/// # Errors
/// When the compiled-in descriptors cannot be read.
pub async fn application(
    services: &Services,
    settings: &Settings,
    readiness: &Readiness,
) -> anyhow::Result<Application> {
    let (reporter, health) = tonic_health::server::health_reporter();
    readiness.report(&reporter, services).await;
    tokio::spawn(readiness.clone().publish(reporter, services.clone(), HEALTH_PERIOD));
    tokio::spawn(readiness.clone().stop_watching(services.clone()));
    tokio::spawn(job::run(services.clone()));
    tokio::spawn(job::resume_rollouts(services.clone()));
    tokio::spawn(fleet::run(services.clone()));
    tokio::spawn(services.clone().look_for_changes());
    let latch = readiness.clone();
    let plain = ops::routes(services.clone(), move || latch.is_ready());
    let plain = plain.merge(scim::routes(services.clone(), &settings.scim)?);
    let plain = plain.merge(oauth::routes(services.clone(), &settings.scim.public_url));
    let plain = match (&settings.metrics, &settings.readers) {
        (Some(counted), Some(readers)) => {
            plain.merge(metrics::routes(counted.clone(), services.clone(), readers.clone()))
        }
        _ => plain,
    };
    let patience = Some(settings.scim.patience);
    let options = connect::Options {
        max_message: settings.max_message,
        refuse: rpc::refuse,
        complete: rpc::complete,
        ..connect::Options::default()
    };
    let rpc = rpc::routes(services, health, settings.max_message)?;
    let gate = gate(services.clone());
    let rpc = router::rpc_stack(rpc, &proto::pool()?, options, &settings.cors, patience, gate);
    let requests = settings.metrics.as_ref().map(Metrics::requests).cloned();
    let observers = Observers { requests, traces: settings.traces };
    Ok(router::app(plain, rpc, &settings.proxies, observers))
}

/// What decides about a call of Connect before its body is read: what authenticates those of gRPC.
fn gate(services: Services) -> connect::Gate {
    connect::Gate::new(move |head| {
        let services = services.clone();
        async move {
            let (head, max_message) = rpc::admit(&services, head).await?;
            Ok(connect::Admission { head, max_message })
        }
        .boxed()
    })
}

/// What is served on a port for who watches alone, and goes on there whatever happens to the other: metrics, and health.
pub fn monitoring(
    metrics: Metrics,
    services: &Services,
    readers: metrics::Readers,
    readiness: &Readiness,
) -> Router {
    let latch = readiness.clone();
    let health = ops::routes(services.clone(), move || latch.is_ready());
    metrics::routes(metrics, services.clone(), readers).merge(health)
}
