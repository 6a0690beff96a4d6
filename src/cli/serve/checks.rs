//! What is wrong with a configuration beyond the types of its values (cli floor): each of these would start and not work.

use std::time::Duration;

use super::settings::{cors, jit, proxies, tls_files};
use crate::{
    config::{Loaded, Problem},
    server::telemetry,
    storage::Store,
};

/// The least that the parts are made for: hyper reads heads into 8 KiB, and messages have more than a few bytes.
const LEAST_HEAD: usize = 8 << 10;
const LEAST_BODY: usize = 1 << 10;

/// All that is wrong.
pub(in crate::cli) fn problems(loaded: &Loaded) -> Vec<Problem> {
    let filter = telemetry::check(&loaded.config.log.level);
    let filter = filter.map_err(|error| loaded.problem("log.level", error.to_string()));
    let url = Store::check_url(loaded.config.database.url.reveal());
    let url = url.map_err(|error| loaded.problem("database.url", error.to_string()));
    let parts = [
        url,
        filter,
        jit(loaded).map(drop),
        cors(loaded).map(drop),
        proxies(loaded).map(drop),
        tls_files(loaded).map(drop),
        ports(loaded),
    ];
    let sizes = sizes(loaded).into_iter().chain(times(loaded));
    parts.into_iter().filter_map(Result::err).chain(sizes).collect()
}

/// Two ports cannot be one.
fn ports(loaded: &Loaded) -> Result<(), Problem> {
    let (config, metrics) = (&loaded.config, &loaded.config.metrics);
    let is_same =
        metrics.enabled && metrics.listen == Some(config.server.listen) && config.server.listen.port() != 0;
    if is_same {
        Err(loaded.problem("metrics.listen", "is the address of server.listen as well"))
    } else {
        Ok(())
    }
}

fn sizes(loaded: &Loaded) -> Vec<Problem> {
    let limits = &loaded.config.limits;
    let least = [
        ("limits.head", limits.head, LEAST_HEAD),
        ("limits.scim_body", limits.scim_body, LEAST_BODY),
        ("limits.message", limits.message, LEAST_BODY),
    ];
    let small = least.into_iter().filter(|(_, size, least)| size.0 < *least);
    small.map(|(key, _, least)| loaded.problem(key, format!("must be at least {}KiB", least >> 10))).collect()
}

fn times(loaded: &Loaded) -> Vec<Problem> {
    let watch = &loaded.config.watch;
    let times = [("watch.heartbeat", watch.heartbeat), ("watch.reader_timeout", watch.reader_timeout)];
    let short = times.into_iter().filter(|(_, time)| *time < Duration::from_secs(1));
    short.map(|(key, _)| loaded.problem(key, "must be at least 1s")).collect()
}
