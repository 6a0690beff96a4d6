//! The URL of a database, which may have a password in it (config floor).

use std::fmt;

use super::{MASK, Setting, masked, text};
use crate::config::raw::Raw;

/// The URL of a database. Written out, it is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// With the password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without what is secret in it.
    pub(in crate::config) fn masked(text: &str) -> String {
        Self(text.to_owned()).to_string()
    }
}

impl Setting for DatabaseUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = text(raw)?;
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without what is secret in it. Of what is no URL nothing is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_url = self.0.starts_with("sqlite:") || self.0.contains("://");
        let shown = if is_url { masked::url(&self.0) } else { MASK.to_owned() };
        f.write_str(&shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
