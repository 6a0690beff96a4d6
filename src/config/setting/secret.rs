//! A secret text (config floor).

use std::fmt;

use super::{Setting, text};
use crate::config::raw::Raw;

/// Shorter ones can be guessed.
const LEAST: usize = 16;

/// A secret text; written out, it is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is shown in place of `text`.
    pub(in crate::config) fn masked(text: &str) -> String {
        if text.is_empty() { String::new() } else { super::MASK.to_owned() }
    }
}

impl Setting for Secret {
    fn read(raw: &Raw) -> Result<Self, String> {
        let text = text(raw)?;
        // it goes into a header
        let is_sane = text.len() >= LEAST && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_sane {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("must be at least {LEAST} visible characters of ASCII, without spaces"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", super::MASK)
    }
}
