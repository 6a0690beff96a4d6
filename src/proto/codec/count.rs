//! How many fields a message has, told without decoding it.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};
use tonic::Status;

/// A message may have so many fields, whatever its length.
const FREE: usize = 8192;
/// And one more for each of so many bytes: an id has 34.
const BYTES_PER_FIELD: usize = 32;
/// Of so many bytes a message cannot have too many fields: the shortest take two.
pub(super) const UNCOUNTED: usize = 2 * FREE;
/// As deep as prost reads; below, it refuses.
const MAX_DEPTH: usize = 100;

static POOL: LazyLock<Option<DescriptorPool>> = LazyLock::new(|| super::super::pool().ok());

/// Refuses a message of the type `name` that has more fields than its length allows. What is not protobuf is left to
/// who decodes.
pub(super) fn check(name: &str, message: &[u8]) -> Result<(), Status> {
    let Some(descriptor) = POOL.as_ref().and_then(|pool| pool.get_message_by_name(name)) else {
        return Ok(());
    };
    let mut count = Count { left: FREE + message.len() / BYTES_PER_FIELD };
    count.message(&descriptor, message, 0).map_err(|TooMany| {
        Status::resource_exhausted("the message has too many fields for its length: send it in parts")
    })
}

struct TooMany;

struct Count {
    left: usize,
}

impl Count {
    fn message(&mut self, of: &MessageDescriptor, mut rest: &[u8], depth: usize) -> Result<(), TooMany> {
        while let Some(key) = varint(&mut rest) {
            self.left = self.left.checked_sub(1).ok_or(TooMany)?;
            // groups end with a key of their own, so what is in them is counted as well
            let skipped = match key & 7 {
                0 => varint(&mut rest).map(drop),
                1 => take(&mut rest, 8).map(drop),
                2 => {
                    let part = delimited(&mut rest);
                    part.map(|part| self.part(of, key >> 3, part, depth)).transpose()?
                }
                3 | 4 => Some(()),
                5 => take(&mut rest, 4).map(drop),
                _ => None,
            };
            if skipped.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// The fields of a field, if it is a message.
    fn part(
        &mut self,
        of: &MessageDescriptor,
        number: u64,
        part: &[u8],
        depth: usize,
    ) -> Result<(), TooMany> {
        let field = u32::try_from(number).ok().and_then(|number| of.get_field(number));
        match field.map(|field| field.kind()) {
            Some(Kind::Message(inner)) if depth < MAX_DEPTH => self.message(&inner, part, depth + 1),
            _ => Ok(()),
        }
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for (at, byte) in rest.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at).min(63);
        if byte & 0x80 == 0 {
            take(rest, at + 1)?;
            return Some(value);
        }
    }
    None
}

fn delimited<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = varint(rest)?;
    take(rest, usize::try_from(length).ok()?)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests;
