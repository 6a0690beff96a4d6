//! How many values a JSON text has, told without reading them into anything.
//!
//! `{},` is three bytes, and a hundred and more in memory, so a limit on bytes alone bounds little.

use tonic::Status;

/// A message may have so many values, whatever its length.
const FREE: usize = 8192;
/// And one more for each of so many bytes: an id in quotes has 35.
const BYTES_PER_VALUE: usize = 32;
/// A text of so many bytes cannot have too many.
const UNCOUNTED: usize = FREE;

/// Refuses a text that has more objects, lists and items than its length allows.
pub(super) fn check(json: &[u8]) -> Result<(), Status> {
    if json.len() > UNCOUNTED && count(json) > FREE + json.len() / BYTES_PER_VALUE {
        let text = "the message has too many values for its length: send it in parts";
        return Err(Status::resource_exhausted(text));
    }
    Ok(())
}

/// What begins a value in an object or a list, or may: brackets and commas outside of strings.
fn count(json: &[u8]) -> usize {
    let (mut count, mut bytes) = (0, json.iter());
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' | b',' => count += 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    count
}

fn skip_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_strings_is_not_counted() {
        assert_eq!(count(br#"{"a":[1,2],"b,{[":"\",,\\",}"#), 4 + 1);
        assert_eq!(count(br#""never ended, {[\"#), 0);
    }

    #[test]
    fn many_values_are_refused_and_long_ones_are_not() {
        for item in ["{},", "{\"a\":0},", "[],", "0,", "\"\",", "null , "] {
            let text = format!("[{}]", item.repeat((1 << 20) / item.len()));
            assert_eq!(check(text.as_bytes()).unwrap_err().code(), tonic::Code::ResourceExhausted, "{item}");
        }
        let ids = "\"0123456789abcdef0123456789abcdef\",".repeat(100_000);
        assert!(check(ids.as_bytes()).is_ok());
        assert!(check("{},".repeat(1000).as_bytes()).is_ok(), "a few cost little");
    }
}
