//! What the values of a JSON text take in memory, told without reading them into anything.
//!
//! An object of one member takes 700 bytes, whatever its text: `{"a":0},` has eight. So a limit on the text alone bounds
//! little. Lists of members, as identity providers push them, take up to twenty times their text.

use crate::scim::error::{Error, Status};

/// Values may take so much, whatever their text.
const FREE: usize = 12 << 20;
/// And so many times the length of the text.
const TIMES: usize = 24;
/// A text of so many bytes cannot be too heavy: none takes more than 128 times its length.
const UNWEIGHED: usize = FREE / 128;

/// A node of an object's tree, which has room for eleven members, and after many are inserted in order has six.
const NODE: usize = 640;
const MEMBERS: usize = 6;
/// A value in a list, whose room doubles as it grows.
const ITEM: usize = 64;
/// The block of memory of a name, with the copy by which names that are given twice are found.
const NAME: usize = 64;

/// Refuses a text whose values take too much.
pub(super) fn check_weight(text: &str) -> Result<(), Error> {
    if text.len() <= UNWEIGHED || weight(text.as_bytes()) <= FREE.saturating_add(TIMES * text.len()) {
        return Ok(());
    }
    let detail = "the body has too many values for its length: send it in parts";
    Err(Error::plain(Status::PayloadTooLarge, detail))
}

/// In bytes, roughly, and rather too much. What is no JSON has some weight as well.
fn weight(text: &[u8]) -> usize {
    let (mut objects, mut members, mut items) = (0_usize, 0_usize, 0_usize);
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => objects += 1,
            b':' => members += 1,
            b',' | b'[' => items += 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    let nodes = objects.min(members) + members.saturating_sub(objects) / MEMBERS;
    let small = NAME.saturating_mul(members).saturating_add(ITEM.saturating_mul(items));
    NODE.saturating_mul(nodes).saturating_add(small).saturating_add(2 * text.len())
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

    fn list(item: &str, length: usize) -> String {
        format!("[{}0]", item.repeat(length / item.len()))
    }

    #[test]
    fn many_small_values_are_refused_by_their_weight() {
        for item in ["{\"a\":0},", "{\"\":{}},", "[[]],", "{\"a\":[0]} ,", "0,", "{\"a\":\"},\"},"] {
            let text = list(item, 2 << 20);
            assert_eq!(check_weight(&text).unwrap_err().status, Status::PayloadTooLarge, "{item}");
            assert!(check_weight(&list(item, 16 << 10)).is_ok(), "a few of {item} cost little");
        }
    }

    #[test]
    fn what_identity_providers_push_passes() {
        let id = "0123456789abcdef0123456789abcdef";
        for item in [
            format!(r#"{{"value":"{id}"}},"#),
            format!(r#"{{"value":"{id}","type":"User"}},"#),
            format!(
                r#"{{"value":"{id}","display":"ann@example.com","$ref":"https://x/scim/v2/Users/{id}"}},"#
            ),
            format!(r#"{{ "op": "add", "path": "members", "value": [ {{ "value": "{id}" }} ] }},"#),
        ] {
            assert!(check_weight(&list(&item, 16 << 20)).is_ok(), "{item}");
        }
    }
}
