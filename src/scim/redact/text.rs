//! Texts that may compare secrets: filters, paths, queries, details of errors; floor `scim`.
//!
//! A text is decoded as often as it can be, and each reading is looked at. One that is a filter or a path of an attribute
//! names what its attributes are called, and what it compares them with is no name. In one that is neither, any word counts.

use super::{REDACTED, Secrets, decode};
use crate::scim::{
    filter::Filter,
    path::{AttributePath, ValuePath},
};

/// Longer texts are not looked through.
const TEXT_MAX: usize = 64 << 10;

/// Parameters of RFC 7644 §3.4.2 and RFC 9865 that say nothing of anybody; they may stay beside a secret.
const PLAIN_PARAMETERS: [&str; 5] = ["count", "startIndex", "sortOrder", "sortBy", "cursor"];

impl Secrets {
    /// The query of a URL, without the values of those parameters that may have a secret in them.
    #[must_use]
    pub fn in_query(&self, query: &str) -> String {
        if !query.split('&').any(|pair| self.may_be_in_pair(pair)) {
            return query.to_owned();
        }
        let pairs =
            query.split('&').map(|pair| if is_plain_pair(pair) { pair.to_owned() } else { hidden(pair) });
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The path of a URL, up to the first segment that may have a secret in it.
    #[must_use]
    pub fn in_path(&self, path: &str) -> String {
        let mut kept = Vec::new();
        for segment in path.split('/') {
            if self.may_be_in(segment) {
                kept.push(REDACTED);
                break;
            }
            kept.push(segment);
        }
        kept.join("/")
    }

    /// Any other text; nothing is left of one that may have a secret in it.
    #[must_use]
    pub fn in_text(&self, text: &str) -> String {
        if is_quoting(text) && self.may_be_in(text) { REDACTED.to_owned() } else { text.to_owned() }
    }

    /// The detail of an error; nothing is left of that of a request which compared a secret, since it may repeat it.
    #[must_use]
    pub fn in_detail(&self, detail: &str, is_compared: bool) -> String {
        if is_compared { REDACTED.to_owned() } else { self.in_text(detail) }
    }

    /// Whether a text names a secret, beside what it compares with others.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        if text.len() > TEXT_MAX {
            return true;
        }
        let Some(readings) = decode::readings(text) else { return true };
        if !readings.iter().any(|reading| self.are_words_of(reading)) {
            return false;
        }
        // what comes before the filter is the same filter, encoded
        let filter = readings.iter().position(|reading| is_filter(reading)).unwrap_or(0);
        readings
            .iter()
            .skip(filter)
            .any(|reading| self.are_words_of(reading) && !self.are_compared_with(reading))
    }

    fn may_be_in_pair(&self, pair: &str) -> bool {
        match pair.split_once('=') {
            Some((key, value)) => self.have_written(key) || self.may_be_in(key) || self.may_be_in(value),
            None => self.may_be_in(pair),
        }
    }

    /// Whether any word of a text is the name of a secret.
    fn are_words_of(&self, text: &str) -> bool {
        let mut words =
            text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$')));
        words.any(|word| !word.is_empty() && self.have(word))
    }

    /// Whether this is a filter or a path, and none of its attributes is a secret: then one is only compared with.
    fn are_compared_with(&self, text: &str) -> bool {
        match (text.parse::<Filter>(), text.parse::<ValuePath>()) {
            (Ok(filter), _) => !self.are_asked_in(&filter),
            (_, Ok(path)) => {
                !self.have_path(&path.attribute)
                    && !path.filter.is_some_and(|filter| self.are_asked_in(&filter))
            }
            _ => false,
        }
    }

    fn are_asked_in(&self, filter: &Filter) -> bool {
        match filter {
            Filter::Compare { path, .. } | Filter::Present(path) => self.have_path(path),
            Filter::And(all) | Filter::Or(all) => all.iter().any(|filter| self.are_asked_in(filter)),
            Filter::Not(filter) => self.are_asked_in(filter),
            Filter::ValuePath { path, filter } => self.have_path(path) || self.are_asked_in(filter),
        }
    }

    fn have_path(&self, path: &AttributePath) -> bool {
        let parts = [path.uri.as_deref(), Some(path.name.as_str()), path.sub.as_deref()];
        parts.into_iter().flatten().any(|part| self.have(part))
    }
}

/// Whether a text may repeat a value: most say something of an attribute, and nothing of what it holds.
pub(super) fn is_quoting(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'"' | b'\'' | b'=' | b'%' | b'\\' | b'{')) || text.contains(": ")
}

fn is_filter(text: &str) -> bool {
    text.parse::<Filter>().is_ok() || text.parse::<ValuePath>().is_ok()
}

fn is_plain_pair(pair: &str) -> bool {
    let known = |(key, _): &(&str, &str)| PLAIN_PARAMETERS.iter().any(|name| name.eq_ignore_ascii_case(key));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    pair.split_once('=').filter(known).is_some_and(|(_, value)| value.chars().all(plain))
}

/// A parameter without its value, and without its name where that may be a value itself.
fn hidden(pair: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match pair.split_once('=') {
        Some((key, _)) if !key.is_empty() && key.chars().all(plain) => format!("{key}={REDACTED}"),
        _ => REDACTED.to_owned(),
    }
}
