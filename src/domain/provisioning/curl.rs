//! A recorded request as a line to paste (domain floor).

use std::fmt::Write as _;

use super::{LoggedBody, LoggedRequest, TARGET_MAX};
use crate::domain::name;

impl LoggedRequest {
    /// The request as a `curl` command, with `$ROSTER` for the server and `$SCIM_TOKEN` for the secret. A body that was not
    /// kept whole is told in a comment in its place.
    ///
    /// A comment alone stands for a request without a valid token, since anybody can send one, and whoever pastes it would
    /// send it with a valid one; and for one whose target was not kept whole, since the rest may be another resource.
    #[must_use]
    pub fn to_curl(&self) -> String {
        if self.token.is_none() {
            return "# no command: the request had no valid token".to_owned();
        }
        // RFC 9112 §3.2.1: anything else would become a part of the server's name
        if !self.path.starts_with('/') || is_cut(&self.path) || is_cut(&self.query) {
            return "# no command: the target was not kept whole".to_owned();
        }
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let target = quoted(&encoded(&format!("{}{query}", self.path)));
        let method =
            if self.method == "GET" { String::new() } else { format!(" -X {}", quoted(&self.method)) };
        // -g and --path-as-is: brackets, braces and dots of the target are sent as they came
        let mut line = format!("curl -sSg --path-as-is{method} \"$ROSTER\"{target}");
        line.push_str(" -H \"Authorization: Bearer $SCIM_TOKEN\"");
        line.push_str(&self.request_body.as_ref().map(of_body).unwrap_or_default());
        line
    }
}

fn of_body(body: &LoggedBody) -> String {
    if !body.is_whole {
        return "  # the body was too long to be kept whole".to_owned();
    }
    // --data-raw: an @ in front names no file
    format!(" -H 'Content-Type: application/scim+json' --data-raw {}", quoted(&escaped(&body.text)))
}

/// The same target in ASCII (RFC 3986 §2.1).
fn encoded(target: &str) -> String {
    let mut text = String::with_capacity(target.len());
    for byte in target.bytes() {
        if byte.is_ascii_graphic() || byte == b' ' {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn is_cut(text: &str) -> bool {
    text.chars().count() >= TARGET_MAX
}

/// JSON with those characters as escapes that a terminal obeys or does not show: what is pasted is what is seen.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if char.is_control() || name::is_invisible(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(char);
        }
    }
    text
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
