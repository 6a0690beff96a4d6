//! Values of a client's that an error repeats to it: cut, so that no error is as large as what was sent.
//!
//! Every floor reports values, so this stands below all of them, and uses none.

use std::fmt;

/// Characters of a value that are repeated.
pub const SHOWN_MAX: usize = 64;
/// Characters of a text that is not ours.
const FOREIGN_MAX: usize = 512;
/// Of a longer one, so many of its beginning; the rest comes from its end, where an attribute has its name.
const HEAD: usize = 40;

/// A value, cut in its middle when it is long: plain by `{}`, in quotes and with escapes by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(String);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The value as an error repeats it: at most [`SHOWN_MAX`] characters.
#[must_use]
pub fn shown(value: impl fmt::Display) -> Shown {
    Shown(cut(&value.to_string(), HEAD, SHOWN_MAX))
}

/// A whole text for a client, of at most `max` characters: what is beyond is cut off.
#[must_use]
pub fn bounded(text: &str, max: usize) -> String {
    cut(text, max.saturating_sub(1), max)
}

/// A text that is not ours, such as serde's, in which the values in quotes are cut.
#[must_use]
pub fn foreign(text: impl fmt::Display) -> String {
    let (text, mut told) = (text.to_string(), String::new());
    let mut rest = text.as_str();
    while let Some((before, quoted)) = rest.split_once('"') {
        let end = end_of_quoted(quoted);
        let (value, after) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
        told = format!("{told}{before}\"{}\"", shown(value));
        rest = after.strip_prefix('"').unwrap_or(after);
    }
    bounded(&(told + rest), FOREIGN_MAX)
}

/// Where a text ends that began with a quote, in bytes.
fn end_of_quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// The first `head` characters of a text that has more than `max`, and as many of its last as make `max` with an ellipsis.
fn cut(text: &str, head: usize, max: usize) -> String {
    let length = text.chars().count();
    if length <= max {
        return text.to_owned();
    }
    let tail = max.saturating_sub(head + 1);
    let first = text.chars().take(head);
    first.chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_keeps_its_ends_and_a_short_one_is_whole() {
        let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:favouriteColor";
        let told = shown(path).to_string();
        assert_eq!(told, "urn:ietf:params:scim:schemas:extension:e…2.0:User:favouriteColor");
        assert_eq!(told.chars().count(), SHOWN_MAX);
        assert_eq!(shown("é".repeat(64)).to_string(), "é".repeat(64));
        assert_eq!(shown("é".repeat(65)).to_string().chars().count(), SHOWN_MAX);
        assert_eq!(format!("{:?}", shown("a\"b\n")), r#""a\"b\n""#);
    }

    #[test]
    fn the_values_in_a_foreign_text_are_cut() {
        let text = format!("invalid type: string {:?}, expected \"x\"", "a\"\\".repeat(1000));
        let told = foreign(&text);
        assert!(
            told.starts_with("invalid type: string \"a\\\"\\") && told.ends_with("\", expected \"x\""),
            "{told}"
        );
        assert!(told.chars().count() < 110, "{told}");
        assert!(foreign("é".repeat(1000)).chars().count() <= FOREIGN_MAX);
    }

    #[test]
    fn a_bounded_text_loses_its_end() {
        assert_eq!(bounded("abcdef", 4), "abc…");
        assert_eq!(bounded("abcd", 4), "abcd");
    }
}
