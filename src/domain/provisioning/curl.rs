//! A recorded request as a line to paste (domain floor).

use std::fmt::Write as _;

use super::LoggedRequest;

impl LoggedRequest {
    /// The request as a `curl` command, with `$ROSTER` for the server and `$SCIM_TOKEN` for the secret. A body that was not
    /// kept whole is told in a comment in its place.
    #[must_use]
    pub fn to_curl(&self) -> String {
        let mut target = self.path.clone();
        if !self.query.is_empty() {
            target = format!("{target}?{}", self.query);
        }
        let mut line = "curl -sS".to_owned();
        if self.method != "GET" {
            let _ = write!(line, " -X {}", quoted(&self.method));
        }
        let _ = write!(line, " \"$ROSTER\"{} -H \"Authorization: Bearer $SCIM_TOKEN\"", quoted(&target));
        match &self.request_body {
            Some(body) if body.is_whole => {
                let _ = write!(
                    line,
                    " -H 'Content-Type: application/scim+json' --data-binary {}",
                    quoted(&body.text)
                );
            }
            Some(_) => line.push_str("  # the body was too long to be kept whole"),
            None => {}
        }
        line
    }
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
mod tests {
    use super::*;

    #[test]
    fn a_word_with_anything_in_it_is_one_word() {
        assert_eq!(quoted("/scim/v2/Users"), "/scim/v2/Users");
        assert_eq!(quoted("a b; rm"), "'a b; rm'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
