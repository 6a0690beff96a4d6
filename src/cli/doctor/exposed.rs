//! What more people see than should (cli floor); `serve` logs it at its start.

use std::path::Path;

use crate::{
    config::{Config, Key, Loaded},
    services::doctor::Finding,
};

/// What is open to more people than it should be.
pub(in crate::cli) fn look(loaded: &Loaded) -> Vec<Finding> {
    let config = &loaded.config;
    let files = loaded.secret_files();
    let files = files.iter().filter(|(file, _)| is_open(file)).map(|(file, key)| open_file(file, key));
    metrics(config).into_iter().chain(unencrypted(config)).chain(files).collect()
}

/// Metrics on a port that other machines reach, for everybody.
fn metrics(config: &Config) -> Option<Finding> {
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

/// A port that other hosts reach, without TLS and without a proxy that would have it.
fn unencrypted(config: &Config) -> Option<Finding> {
    let address = config.server.listen;
    let is_local = address.ip().to_canonical().is_loopback();
    if is_local || config.tls.certificate.is_some() || !config.proxy.trusted.is_empty() {
        return None;
    }
    let what = format!("the server listens on {address} without TLS, and no proxy is named that has it");
    let why = "every token and every name is sent unencrypted";
    let fix =
        "set tls.certificate and tls.key, or put a proxy with TLS in front and name it in proxy.trusted";
    Some(Finding::warning("unencrypted-port", what, why, fix))
}

fn open_file(file: &Path, key: &Key) -> Finding {
    let what = format!(
        "every user of this host can read {}, which has the secret of {}",
        file.display(),
        key.path()
    );
    let why = "who has the secret can do what the server can do with it";
    Finding::warning("secret-file-open", what, why, format!("chmod o-rwx {}", file.display()))
}

/// Whether users who are neither the owner nor in the group can read or write the file.
#[cfg(unix)]
pub(super) fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o006 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_open(_: &Path) -> bool {
    false
}
