//! Attribute paths and PATCH paths (RFC 7644 §3.5.2, §3.10): their grammar and their printed form; floor `scim`.

mod resolve;
mod value_path;

pub use resolve::{AttributeRef, Inner, Target, resolve_within};
pub use value_path::ValuePath;
pub(crate) use value_path::sub_attribute;

use std::fmt;
use std::str::FromStr;

use super::error::Error;
use super::scan::{Fault, Scanner};
use crate::quote::shown;

/// An attribute path as a client wrote it: `attr`, `attr.sub`, either with a schema URI and a colon before it, or the
/// URI of an extension alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URI, when one is given.
    pub uri: Option<String>,
    /// The attribute's name; empty when the path is a URI alone.
    pub name: String,
    /// The sub-attribute's name.
    pub sub: Option<String>,
}

impl AttributePath {
    /// The path of an attribute without URI and sub-attribute.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self { uri: None, name: name.into(), sub: None }
    }

    /// Reads the path that begins where `scanner` stands.
    pub(crate) fn scan(scanner: &mut Scanner<'_>) -> Result<Self, Fault> {
        let start = scanner.at();
        let token = scanner.take_while(is_path_char);
        if token.is_empty() {
            return Err(Fault::new(
                start,
                format!("an attribute name is expected, found {}", scanner.found()),
            ));
        }
        let fault = || {
            Fault::new(
                start,
                format!("{:?} is not an attribute path (attr, attr.sub or URN:attr.sub)", shown(token)),
            )
        };
        match token.rsplit_once(':') {
            None => split_name(token).map(|(name, sub)| Self { uri: None, name, sub }).ok_or_else(fault),
            Some((uri, rest)) if is_uri(uri) => Ok(Self::qualified(token, uri, rest)),
            Some(_) => Err(fault()),
        }
    }

    /// When what follows the last colon is no name ("…:2.0"), the whole is a URI that stands alone.
    fn qualified(token: &str, uri: &str, rest: &str) -> Self {
        match split_name(rest) {
            Some((name, sub)) => Self { uri: Some(uri.to_owned()), name, sub },
            None => Self { uri: Some(token.to_owned()), name: String::new(), sub: None },
        }
    }
}

impl FromStr for AttributePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut scanner = Scanner::new(text);
        let malformed =
            |fault: Fault| Error::path(format!("the path {:?} is malformed: {fault}", shown(text)));
        let path = Self::scan(&mut scanner).map_err(malformed)?;
        if scanner.is_at_end() {
            return Ok(path);
        }
        Err(malformed(scanner.fault(format!("unexpected {}", scanner.found()))))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.uri {
            Some(uri) if self.name.is_empty() => f.write_str(uri)?,
            Some(uri) => write!(f, "{uri}:{}", self.name)?,
            None => f.write_str(&self.name)?,
        }
        self.sub.iter().try_for_each(|sub| write!(f, ".{sub}"))
    }
}

/// Characters of names, and those that a URN may hold beside them (RFC 8141 §2), less what ends a path in a filter.
fn is_path_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_$:.%+=@;!*~/&?#".contains(c)
}

fn is_uri(text: &str) -> bool {
    text.contains(':') && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// `name` or `name.sub`.
fn split_name(text: &str) -> Option<(String, Option<String>)> {
    match text.split_once('.') {
        None => is_name(text).then(|| (text.to_owned(), None)),
        Some((name, sub)) => (is_name(name) && is_name(sub)).then(|| (name.to_owned(), Some(sub.to_owned()))),
    }
}

/// RFC 7644 §3.5.2: `ATTRNAME = ALPHA *(nameChar)`, and `$ref` beside it.
fn is_name(text: &str) -> bool {
    let bare = text.strip_prefix('$').unwrap_or(text);
    bare.starts_with(|c: char| c.is_ascii_alphabetic())
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

#[cfg(test)]
mod tests;
