//! Server: what Prometheus reads at `/metrics`.
//!
//! What is counted for each request is looked up once, by its route, and then one atomic addition. Everything else is
//! asked of those who know it when somebody reads. No label has the name or id of a user, a group or a token, nor
//! anything that a client chooses: paths are those of the routes, and methods of RPC those that are served.

mod exposition;
mod figures;
pub(super) mod process;
mod requests;
mod routes;

use std::sync::Arc;

use prometheus_client::registry::Registry;

use crate::{gateway::scim, proto, services::Services};

pub use exposition::Format;
pub(super) use requests::Ending;
pub use requests::{Count, Requests};
pub use routes::{Readers, routes};

/// All that one server counts; clones share it.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Requests,
}

impl Metrics {
    /// Counts requests from now on, and tells what `services` and SCIM count.
    ///
    /// # Errors
    /// When the compiled-in descriptors cannot be read.
    pub fn new(services: &Services, scim: &scim::Figures) -> anyhow::Result<Self> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process));
        let ours = registry.sub_registry_with_prefix("roster");
        let requests = Requests::new(&proto::pool()?, ours);
        ours.register_collector(Box::new(figures::OfServices(services.clone())));
        ours.register_collector(Box::new(figures::OfScim(scim.clone())));
        ours.register_collector(Box::new(figures::Build));
        Ok(Self { registry: Arc::new(registry), requests })
    }

    /// What counts requests.
    #[must_use]
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Everything, as it is now.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        exposition::render(&self.registry, format)
    }
}
