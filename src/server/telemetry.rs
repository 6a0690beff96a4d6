//! Server: logs, to stderr: text for a person at a terminal, JSON lines for everything else.

use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// The environment variable with the filter, in tracing-subscriber's notation (`info`, `roster=debug,warn`).
pub const FILTER_VARIABLE: &str = "ROSTER_LOG";

const DEFAULT_FILTER: &str = "info";

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter does not parse, or is not text.
    #[error("{FILTER_VARIABLE} is not a log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::FromEnvError),
    /// The process logs to somewhere already.
    #[error(transparent)]
    Twice(#[from] TryInitError),
}

/// Starts logging for the whole process, panics included.
///
/// # Errors
/// If `ROSTER_LOG` is not a filter, or if the process logs already.
pub fn init() -> Result<(), Error> {
    let filter = filter()?;
    let logs = fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::stderr().is_terminal() {
        logs.finish().try_init()?;
    } else {
        logs.json().flatten_event(true).with_current_span(false).finish().try_init()?;
    }
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// A panic is a log line like any other, with the request's id if it came from one.
fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, panic = info.payload_as_str(), "panic");
}

fn filter() -> Result<EnvFilter, Error> {
    match std::env::var_os(FILTER_VARIABLE) {
        Some(text) if !text.is_empty() => {
            Ok(EnvFilter::builder().with_env_var(FILTER_VARIABLE).try_from_env()?)
        }
        _ => Ok(EnvFilter::new(DEFAULT_FILTER)),
    }
}
