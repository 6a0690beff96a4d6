//! Versions of resources as entity tags (RFC 7644 §3.14, RFC 9110 §8.8.3, §13.1); floor `scim`.

use std::fmt;
use std::str::FromStr;

use super::error::Error;

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag {
    /// Whether it is marked `W/`: the same meaning, not the same bytes.
    pub weak: bool,
    /// What stands in the quotes.
    pub tag: String,
}

impl ETag {
    /// A weak tag, as `meta.version` carries it.
    pub fn weak(tag: impl Into<String>) -> Self {
        Self { weak: true, tag: tag.into() }
    }

    /// Weak comparison (RFC 9110 §8.8.3.2): the mark does not count.
    ///
    /// RFC 7644 §3.14 uses weak tags in If-Match too, where a strong comparison would never hold.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.weak { "W/" } else { "" };
        write!(f, "{mark}\"{}\"", self.tag)
    }
}

impl FromStr for ETag {
    type Err = Error;

    /// Reads `W/"tag"` or `"tag"`; a tag without quotes, as some clients send it, is taken as it stands.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let (weak, rest) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let tag = quoted.unwrap_or(rest);
        let is_tag =
            |c: char| c != '"' && !c.is_control() && !(quoted.is_none() && (c.is_whitespace() || c == ','));
        if (tag.is_empty() && quoted.is_none()) || !tag.chars().all(is_tag) {
            return Err(Error::value("an entity tag is written W/\"…\" or \"…\", as in meta.version"));
        }
        Ok(Self { weak, tag: tag.to_owned() })
    }
}

/// The value of If-Match or If-None-Match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETagList {
    /// `*`: any version
    Any,
    /// One of these.
    Of(Vec<ETag>),
}

impl ETagList {
    /// Whether the existing version `current` is among them.
    #[must_use]
    pub fn contains(&self, current: &ETag) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|tag| tag.is_same(current)),
        }
    }
}

impl FromStr for ETagList {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        split(text).into_iter().map(str::parse).collect::<Result<_, _>>().map(Self::Of)
    }
}

/// Splits at commas that are not in quotes; empty members of a list do not count (RFC 9110 §5.6.1).
fn split(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let parts: Vec<_> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { vec![""] } else { parts }
}

#[cfg(test)]
mod tests;
