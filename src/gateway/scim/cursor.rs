//! Cursors (gateway floor): RFC 9865.
//!
//! A cursor holds a place in a list and a digest that binds it to the query and the token. It gives no right to
//! anything: each page is authorised by the token like the first. So it needs no secret, and holds on every replica
//! and after a restart.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{
    domain::clock::Timestamp,
    scim::{Error, ScimType},
};

/// How long a cursor holds, in seconds; `pagination.cursorTimeout` of the configuration.
pub(super) const TIMEOUT: u64 = 3_600;

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// After the resource with this id, in a list by id: what comes or goes before it changes nothing.
    After(String),
    /// After so many resources.
    Offset(u64),
}

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) position: Position,
    /// How many resources the list had at its first page.
    pub(super) total: u64,
    pub(super) made: Timestamp,
}

impl Cursor {
    /// The cursor as text, of URI unreserved characters (RFC 9865 §2.2), for the list that `query` gives.
    pub(super) fn write(&self, query: &str) -> String {
        let position = match &self.position {
            Position::After(id) => format!("a{id}"),
            Position::Offset(offset) => format!("o{offset}"),
        };
        let content = format!("{}.{}.{position}", self.made.micros(), self.total);
        URL_SAFE_NO_PAD.encode(format!("{}.{content}", digest(query, &content)))
    }

    /// Reads a cursor of the list that `query` gives.
    pub(super) fn read(text: &str, query: &str, now: Timestamp) -> Result<Self, Error> {
        let detail =
            "the cursor is not one of this list: repeat the query of the first page, with nextCursor";
        let read = parse(text, query).ok_or_else(|| Error::new(ScimType::InvalidCursor, detail))?;
        let age = now.micros().saturating_sub(read.made.micros());
        if u64::try_from(age).is_ok_and(|age| age > TIMEOUT * 1_000_000) {
            let detail = "the cursor has expired: begin again with an empty cursor";
            return Err(Error::new(ScimType::ExpiredCursor, detail));
        }
        Ok(read)
    }
}

fn parse(text: &str, query: &str) -> Option<Cursor> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (sum, content) = plain.split_once('.')?;
    if digest(query, content) != sum {
        return None;
    }
    let mut parts = content.splitn(3, '.');
    let made = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let total = parts.next()?.parse().ok()?;
    let position = parts.next()?;
    let position = match position.strip_prefix('a') {
        Some(id) => Position::After(id.to_owned()),
        None => Position::Offset(position.strip_prefix('o')?.parse().ok()?),
    };
    Some(Cursor { position, total, made })
}

fn digest(query: &str, content: &str) -> String {
    let sum = Sha256::digest(format!("{}\n{query}\n{content}", query.len()));
    URL_SAFE_NO_PAD.encode(sum)
}
