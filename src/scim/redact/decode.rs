//! The ways in which characters are written otherwise, undone; floor `scim`.

use std::borrow::Cow;

/// More encodings within each other than any client makes.
const ROUNDS: usize = 8;

/// What `text` may stand for: itself, and what is left after each round of decoding, until nothing changes. None of a text
/// that still changes after many rounds.
pub(super) fn readings(text: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut readings = vec![Cow::Borrowed(text)];
    for _ in 0..ROUNDS {
        match readings.last().and_then(|last| decoded(last)) {
            Some(next) => readings.push(Cow::Owned(next)),
            None => return Some(readings),
        }
    }
    None
}

/// One round: percent-encoding (RFC 3986 §2.1, and the older `%uXXXX`), `+` for a blank, and the escapes of JSON (RFC 8259
/// §7). None when there is nothing to decode.
fn decoded(text: &str) -> Option<String> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+' | b'\\')) {
        return None;
    }
    let (bytes, mut decoded, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let (written, length) = match byte {
            b'%' | b'\\' => escape(byte, rest).unwrap_or((Written::Byte(byte), 1)),
            b'+' => (Written::Byte(b' '), 1),
            other => (Written::Byte(other), 1),
        };
        match written {
            Written::Byte(byte) => decoded.push(byte),
            Written::Char(char) => decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        at += length;
    }
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    (decoded != text).then_some(decoded)
}

enum Written {
    Byte(u8),
    Char(char),
}

/// What the escape that begins with `mark` stands for, and how long it is.
fn escape(mark: u8, rest: &[u8]) -> Option<(Written, usize)> {
    let char = |number: u32| Written::Char(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    match (mark, rest.first()?) {
        (_, b'u' | b'U') => Some((char(hexadecimal(rest.get(1..5)?)?), 6)),
        (b'%', _) => Some((Written::Byte(u8::try_from(hexadecimal(rest.get(..2)?)?).ok()?), 3)),
        (_, b'n' | b'r' | b't' | b'b' | b'f') => Some((Written::Byte(b' '), 2)),
        (_, &other @ (b'"' | b'\\' | b'/')) => Some((Written::Byte(other), 2)),
        _ => None,
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, &digit| Some(number * 16 + char::from(digit).to_digit(16)?))
}
