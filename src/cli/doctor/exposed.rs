//! What is told to more people than it should be (cli floor).

use crate::{config::Config, services::doctor::Finding};

/// Metrics on a port that other machines reach, for everybody.
pub(super) fn look(config: &Config) -> Option<Finding> {
    let metrics = &config.metrics;
    let address = metrics.listen.filter(|address| metrics.enabled && !address.ip().is_loopback())?;
    if metrics.token.is_some() {
        return None;
    }
    let what = format!("metrics are told to everybody who reaches {address}");
    let why = "they name nobody, but tell how much is done, and what runs here";
    let fix = "set metrics.token or metrics.token_file, or let a firewall keep the port to Prometheus";
    Some(Finding::warning("metrics-open", what, why, fix))
}
