//! Traces, and metrics: on the port of everything else, or on one of their own (cli floor).

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    server::{
        application, listen,
        metrics::{Metrics, Readers},
        ready::Readiness,
    },
    services::Services,
};

/// How many may read at once; these descriptors are not taken by connections to the other port.
const CONNECTIONS: usize = 32;

/// What is served on a port of its own, if anything is.
pub(super) struct Monitoring(Option<(TcpListener, Metrics, Readers)>);

impl Monitoring {
    /// Begins to count, and tells the gateways; binds the port for metrics, if they have one.
    pub(super) async fn begin(
        config: &Config,
        dev: bool,
        services: &Services,
        told: &mut application::Settings,
    ) -> anyhow::Result<Self> {
        let configured = &config.metrics;
        told.traces = config.traces.endpoint.is_some();
        if !configured.enabled && !told.traces {
            return Ok(Self(None));
        }
        let metrics = Metrics::new(services, &told.scim.figures)?;
        told.metrics = Some(metrics.clone());
        if !configured.enabled {
            return Ok(Self(None));
        }
        let token = configured.token.as_ref().map(|token| token.reveal().into());
        let Some(address) = configured.listen else {
            told.readers = Some(Readers { everybody: dev, token });
            return Ok(Self(None));
        };
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen on {address} for metrics"))?;
        Ok(Self(Some((listener, metrics, Readers { everybody: token.is_none(), token }))))
    }

    /// Serves the port of its own until `stop`; its URL.
    pub(super) fn serve(
        self,
        services: &Services,
        readiness: &Readiness,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<String>> {
        let Some((listener, metrics, readers)) = self.0 else { return Ok(None) };
        let url = format!("http://{}/metrics", listener.local_addr()?);
        let app = application::monitoring(metrics, services, readers, readiness);
        let limits = listen::Limits { connections: CONNECTIONS, ..listen::Limits::default() };
        tokio::spawn(listen::serve(listener, app, limits, stop.clone()));
        Ok(Some(url))
    }
}
