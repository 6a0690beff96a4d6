//! The URL of a database, which may have a password in it (config floor).

use std::fmt;

use super::{MASK, Setting, text};
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

    /// `text` without its password.
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
    /// Without the password, be it in front of the host or in the query. Of what is no URL nothing is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with("sqlite:") {
            return f.write_str(&self.0);
        }
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str(MASK) };
        // the last: a password that was not percent-encoded may have one
        let (user_info, place) =
            rest.rsplit_once('@').map_or((None, rest), |(info, place)| (Some(info), place));
        write!(f, "{scheme}://")?;
        if let Some(info) = user_info {
            let user = info.split_once(':').map_or(info, |(user, _)| user);
            let password = if user == info { String::new() } else { format!(":{MASK}") };
            write!(f, "{user}{password}@")?;
        }
        f.write_str(&masked_query(place))
    }
}

fn masked_query(place: &str) -> String {
    let Some((path, query)) = place.split_once('?') else { return place.to_owned() };
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    let pairs: Vec<_> = query.split('&').map(mask).collect();
    format!("{path}?{}", pairs.join("&"))
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
