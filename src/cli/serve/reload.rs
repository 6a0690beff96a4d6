//! What SIGHUP does: reads the configuration again, and takes over what can be (cli floor).

use anyhow::Context as _;
use tokio::{signal::unix::Signal, sync::watch};

use super::{checks, settings};
use crate::{
    config::{Config, Key, Loaded, Sources},
    server::{listen::Limits, telemetry::Logs, tls::Tls},
    services::rate_limit::RateLimits,
};

/// The parts of a running server that take a new configuration.
pub(super) struct Reload {
    pub(super) sources: Sources,
    pub(super) loaded: Loaded,
    pub(super) logs: Logs,
    pub(super) limits: watch::Sender<Limits>,
    pub(super) rate_limits: RateLimits,
    pub(super) tls: Option<Tls>,
}

impl Reload {
    /// Reloads at every signal.
    pub(super) async fn at(mut self, mut hangups: Signal) {
        while hangups.recv().await.is_some() {
            match self.once() {
                Ok(changed) => tell(&changed),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the configuration stays as it was");
                }
            }
        }
    }

    /// The keys that changed; if anything is wrong, nothing changes.
    fn once(&mut self) -> anyhow::Result<Vec<Key>> {
        let loaded = self.sources.load_with(checks::problems)?;
        let changed = self.loaded.changed(&loaded);
        self.apply(&loaded.config, &changed)?;
        self.loaded = loaded;
        Ok(changed)
    }

    fn apply(&self, config: &Config, changed: &[Key]) -> anyhow::Result<()> {
        if let Some(tls) = &self.tls {
            // first, for it can fail
            tls.reload().context("the TLS certificate")?;
        }
        self.logs.set_filter(&config.log.level)?;
        self.limits.send_replace(settings::limits(config));
        if changed.iter().any(|key| key.section() == "rate_limits") {
            // counting begins anew
            self.rate_limits.set(settings::rates(config));
        }
        settings::limit_streams(&self.rate_limits, config);
        Ok(())
    }
}

fn tell(changed: &[Key]) {
    let paths = |reloads: bool| {
        let paths = changed.iter().filter(|key| key.reloads() == reloads).map(Key::path);
        paths.collect::<Vec<_>>().join(", ")
    };
    let (taken, waiting) = (paths(true), paths(false));
    tracing::info!(changed = taken, "the configuration was reloaded");
    if !waiting.is_empty() {
        tracing::warn!(changed = waiting, "these keys take effect after a restart");
    }
}
