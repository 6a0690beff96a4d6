//! Server: logs, to stderr: text for a person at a terminal, JSON lines for everything else.

mod json;

use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, fmt, registry, reload};

use self::json::JsonLines;
use super::traces::Traces;

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// Text.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter does not parse.
    #[error("is not a log filter: {0}")]
    Filter(#[from] ParseError),
    /// A word of the filter would be taken for a part of the program that is not there.
    #[error(
        "is not a log filter: `{0}` is none of error, warn, info, debug, trace and off; for a part of the program say PART=LEVEL"
    )]
    Word(String),
    /// By the filter, nothing would be logged.
    #[error("would log nothing: name a level, such as info, or roster=info")]
    Silent,
    /// The process logs to somewhere already.
    #[error(transparent)]
    Twice(#[from] TryInitError),
    /// The process does not log any more.
    #[error(transparent)]
    Gone(#[from] reload::Error),
}

/// The logs of the process, whose filter can be changed.
#[derive(Clone, Debug)]
pub struct Logs(reload::Handle<EnvFilter, Registry>);

impl Logs {
    /// Starts logging for the whole process, panics included. The filter is in tracing-subscriber's notation
    /// (`info`, `roster=debug,warn`).
    ///
    /// # Errors
    /// If `filter` is none, or if the process logs already.
    pub fn start(filter: &str, format: Format, traces: Option<&Traces>) -> Result<Self, Error> {
        let (filter, handle) = reload::Layer::new(parse(filter)?);
        let is_text = match format {
            Format::Auto => io::stderr().is_terminal(),
            Format::Text => true,
            Format::Json => false,
        };
        match traces {
            None => registry().with(filter).with(lines(is_text)).try_init()?,
            // what is logged and what is sent is filtered apart, which costs each line a little
            Some(traces) => {
                registry().with(lines(is_text).with_filter(filter)).with(traces.layer()).try_init()?;
            }
        }
        std::panic::set_hook(Box::new(log_panic));
        Ok(Self(handle))
    }

    /// Logs by another filter from now on.
    ///
    /// # Errors
    /// If `filter` is none.
    pub fn set_filter(&self, filter: &str) -> Result<(), Error> {
        Ok(self.0.reload(parse(filter)?)?)
    }
}

fn lines<S>(is_text: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = fmt::layer().with_writer(io::stderr);
    if is_text { lines.boxed() } else { lines.fmt_fields(JsonFields::new()).event_format(JsonLines).boxed() }
}

/// A panic is a log line like any other, with the request's id if it came from one.
fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, panic = info.payload_as_str(), "panic");
}

/// Whether `filter` is one by which Roster logs something, unless it is `off`.
///
/// # Errors
/// If it is none, or has a word that is neither a level nor `PART=LEVEL`: that would be taken for a part of the program.
pub fn check(filter: &str) -> Result<(), Error> {
    parse(filter)?;
    let mut says_something = false;
    for directive in filter.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (part, level) =
            directive.split_once('=').map_or((directive, None), |(part, level)| (part, Some(level)));
        let is_level = level.is_none() && part.parse::<LevelFilter>().is_ok();
        let is_ours = part.starts_with("roster") || part.contains('[');
        if level.is_none() && !is_level && !is_ours {
            return Err(Error::Word(directive.to_owned()));
        }
        says_something |= is_level || is_ours;
    }
    if says_something { Ok(()) } else { Err(Error::Silent) }
}

fn parse(filter: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_levels_and_logs_something_of_ours() {
        for filter in [
            "info",
            "WARN",
            "off",
            "3",
            "roster=debug,warn",
            "roster",
            "roster::server=trace",
            "hyper=debug, info",
        ] {
            assert!(check(filter).is_ok(), "{filter}: {:?}", check(filter));
        }
        for filter in [
            "verbose",
            "info,verbose",
            "warning",
            "hyper=debug",
            "verbose=info",
            "roster=loud",
            "",
            "=",
            "10",
        ] {
            assert!(check(filter).is_err(), "{filter}");
        }
    }
}
