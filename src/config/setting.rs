//! The types that values have (config floor).

mod database_url;
pub(super) mod masked;
mod measure;
mod secret;

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

pub use self::{database_url::DatabaseUrl, secret::Secret};
use super::raw::Raw;

/// Stands where a secret is.
const MASK: &str = "***";

/// A type that a value can have.
pub(super) trait Setting: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// What it must be, as the rest of a sentence after the key's name.
    fn read(raw: &Raw) -> Result<Self, String>;
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Setting for LogFormat {
    fn read(raw: &Raw) -> Result<Self, String> {
        match text(raw)? {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("must be auto, text or json".to_owned()),
        }
    }
}

/// Who may make organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creators {
    /// Every user.
    Everyone,
    /// Server admins.
    Admins,
}

impl Setting for Creators {
    fn read(raw: &Raw) -> Result<Self, String> {
        match text(raw)? {
            "everyone" => Ok(Self::Everyone),
            "admins" => Ok(Self::Admins),
            _ => Err("must be everyone or admins".to_owned()),
        }
    }
}

fn text(raw: &Raw) -> Result<&str, String> {
    match raw {
        Raw::Text(text) => Ok(text),
        _ => Err("must be a text".to_owned()),
    }
}

impl Setting for String {
    fn read(raw: &Raw) -> Result<Self, String> {
        text(raw).map(str::to_owned)
    }
}

impl Setting for bool {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Boolean(value) => Ok(*value),
            _ => Err("must be true or false".to_owned()),
        }
    }
}

impl Setting for Vec<String> {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::List(items) => Ok(items.clone()),
            _ => Err("must be a list of texts".to_owned()),
        }
    }
}

impl Setting for PathBuf {
    fn read(raw: &Raw) -> Result<Self, String> {
        text(raw).map(Self::from)
    }
}

impl Setting for SocketAddr {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = text(raw)?;
        let shown = masked::url(text);
        text.parse().map_err(|_| format!("`{shown}` is not an address with a port, such as 127.0.0.1:8080"))
    }
}

/// An http or https URL with a host and without a query, without the slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(pub String);

impl fmt::Debug for BaseUrl {
    /// Without the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&masked::url(&self.0)).finish()
    }
}

impl Setting for BaseUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = text(raw)?;
        let url: Option<http::Uri> = text.parse().ok();
        let is_base = |url: &http::Uri| {
            let is_http = matches!(url.scheme_str(), Some("http" | "https"));
            is_http && url.host().is_some_and(|host| !host.is_empty()) && url.query().is_none()
        };
        if url.as_ref().is_some_and(is_base) {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        let text = masked::url(text);
        Err(format!("`{text}` is not an http or https URL with a host and without a query"))
    }
}

/// The empty text is none.
impl<T: Setting> Setting for Option<T> {
    fn read(raw: &Raw) -> Result<Self, String> {
        if matches!(raw, Raw::Text(text) if text.is_empty()) { Ok(None) } else { T::read(raw).map(Some) }
    }
}

/// A whole number of this type, from `MIN` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtLeast<const MIN: u32>(pub u32);

impl<const MIN: u32> Setting for AtLeast<MIN> {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = match raw {
            Raw::Integer(number) => u32::try_from(*number).ok(),
            _ => None,
        };
        let number = number.filter(|number| *number >= MIN);
        number.map(Self).ok_or_else(|| format!("must be a whole number from {MIN} to {}", u32::MAX))
    }
}

/// A whole number from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub u32);

impl Setting for Percent {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = match raw {
            Raw::Integer(number) => u32::try_from(*number).ok().filter(|number| *number <= 100),
            _ => None,
        };
        number.map(Self).ok_or_else(|| "must be a whole number from 0 to 100".to_owned())
    }
}

/// A number of bytes, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl Setting for Size {
    fn read(raw: &Raw) -> Result<Self, String> {
        measure::bytes(raw).map(Self).ok_or_else(|| "must be a size, such as 4096 or \"16MiB\"".to_owned())
    }
}

impl Setting for Duration {
    fn read(raw: &Raw) -> Result<Self, String> {
        measure::time(raw)
            .ok_or_else(|| "must be a time with its unit, such as \"500ms\", \"15s\" or \"7d\"".to_owned())
    }
}

/// How long requests are still taken after SIGTERM; none where it depends on what started the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace(pub Option<Duration>);

impl Setting for Grace {
    fn read(raw: &Raw) -> Result<Self, String> {
        match text(raw) {
            Ok("auto") => Ok(Self(None)),
            Ok("0s") => Ok(Self(Some(Duration::ZERO))),
            _ => Duration::read(raw)
                .map(|time| Self(Some(time)))
                .map_err(|reason| format!("{reason}, \"0s\" or \"auto\"")),
        }
    }
}
