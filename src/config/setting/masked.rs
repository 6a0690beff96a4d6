//! URLs without what is secret in them (config floor).
//!
//! What is known to be none is shown, and nothing else: a list of secrets would lack the next one, and the names of parameters
//! can be percent-encoded.

use super::MASK;

/// Parameters of databases that are shown with their values; they name places, modes and sizes.
const SHOWN: [&str; 20] = [
    "application_name",
    "cache",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "mode",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "target_session_attrs",
    "user",
];

/// A text that may be a URL, without passwords, the values of parameters that are not known, and the user of what is no database.
/// Any other text stays, unless it has a password all the same, as a URL that somebody mistyped.
pub(in crate::config) fn url(text: &str) -> String {
    if let Some(path) = text.strip_prefix("sqlite:") {
        return format!("sqlite:{}", rest(path));
    }
    match text.split_once("://") {
        Some((scheme, place)) => format!("{scheme}://{}", of_place(scheme, place)),
        None if text.rsplit_once('@').is_some_and(|(info, _)| info.contains(':')) => MASK.to_owned(),
        None => text.to_owned(),
    }
}

/// What follows the scheme (RFC 3986 §3.2). A password that should be encoded and is not can be anywhere: what is none of the
/// parts of a URL is not shown.
fn of_place(scheme: &str, place: &str) -> String {
    let (authority, after) = place.split_at(place.find(['/', '?', '#']).unwrap_or(place.len()));
    let (info, host) =
        authority.rsplit_once('@').map_or((None, authority), |(info, host)| (Some(info), host));
    let path = after.split(['?', '#']).next().unwrap_or_default();
    let may_be_user = info.is_none() && host.contains(':') && after.contains('@');
    if !is_host(host) || path.contains('@') || may_be_user {
        return MASK.to_owned();
    }
    let info = info.map(|info| format!("{}@", of_user(scheme, info))).unwrap_or_default();
    format!("{info}{host}{}", rest(after))
}

fn is_host(host: &str) -> bool {
    // several of PostgreSQL's, addresses of IPv6, and sockets, whose slashes are encoded
    let hosts = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_,[]:%*".contains(c));
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    hosts && (host.ends_with(']') || port.chars().all(|c| c.is_ascii_digit()))
}

/// The user of a database has a name; of anything else it may be a token.
fn of_user(scheme: &str, info: &str) -> String {
    let (user, password) = info.split_once(':').map_or((info, ""), |(user, _)| (user, ":"));
    let is_plain = user.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if !is_plain || !scheme.starts_with("postgres") {
        return MASK.to_owned();
    }
    if password.is_empty() { user.to_owned() } else { format!("{user}:{MASK}") }
}

/// A path with its query.
fn rest(text: &str) -> String {
    let (text, fragment) = text.split_once('#').map_or((text, ""), |(text, _)| (text, "#"));
    let fragment = if fragment.is_empty() { String::new() } else { format!("#{MASK}") };
    let Some((path, query)) = text.split_once('?') else { return format!("{text}{fragment}") };
    let pairs: Vec<_> = query.split('&').map(of_pair).collect();
    format!("{path}?{}{fragment}", pairs.join("&"))
}

fn of_pair(pair: &str) -> String {
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    match pair.split_once('=') {
        // a whole URL, or one more parameter, behind an encoded character
        Some((name, value)) if SHOWN.contains(&name) && !value.contains(['@', '%', ';']) => pair.to_owned(),
        Some((name, value)) if SHOWN.contains(&name) && is_socket(value) => pair.to_owned(),
        Some((name, _)) if !name.is_empty() && is_plain(name) => format!("{name}={MASK}"),
        None if pair.is_empty() => String::new(),
        _ => MASK.to_owned(),
    }
}

/// A folder, whose slashes may be encoded.
fn is_socket(value: &str) -> bool {
    let path = value.replace("%2F", "/").replace("%2f", "/");
    path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}
