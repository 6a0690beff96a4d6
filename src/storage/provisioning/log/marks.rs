//! What a segment may be asked for, as a Bloom filter: most segments need not be unpacked to know that they have
//! nothing (storage floor).

use std::collections::BTreeSet;

/// Bits for each mark; with [`HASHES`], one segment of a hundred is unpacked in vain.
const BITS: usize = 10;
/// Bits that each mark sets.
const HASHES: u64 = 7;

/// The marks of a segment, gathered.
#[derive(Debug, Default)]
pub(super) struct Marks(BTreeSet<u64>);

impl Marks {
    /// Adds the value `text` of a kind.
    pub(super) fn add(&mut self, kind: Kind, text: &str) {
        self.0.insert(hash(kind, text));
    }

    /// As the database keeps it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; (self.0.len() * BITS).div_ceil(8).max(1)];
        for hash in &self.0 {
            for (byte, bit) in places(*hash, bytes.len()) {
                if let Some(byte) = bytes.get_mut(byte) {
                    *byte |= bit;
                }
            }
        }
        bytes
    }
}

/// What kind of value a mark stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// An id or name of a user.
    User,
    /// An id or name of a group.
    Group,
    ExternalId,
    Method,
    Status,
    Token,
    /// The id of a request in answers and log lines.
    Request,
}

/// Whether something of this value may be among what `bytes` stand for; a false yes is possible, a false no is not.
pub(super) fn may_have(bytes: &[u8], kind: Kind, text: &str) -> bool {
    let is_set = |(byte, bit): (usize, u8)| bytes.get(byte).is_some_and(|byte| byte & bit != 0);
    places(hash(kind, text), bytes.len()).all(is_set)
}

/// FNV-1a: the same on every machine and in every release.
fn hash(kind: Kind, text: &str) -> u64 {
    let bytes = std::iter::once(kind as u8).chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The bits of a mark, each as a byte and a mask: two halves of one hash, added up (Kirsch and Mitzenmacher).
fn places(hash: u64, length: usize) -> impl Iterator<Item = (usize, u8)> {
    let (one, other) = (hash & 0xffff_ffff, hash >> 32 | 1);
    let bits = (length as u64 * 8).max(1);
    (0..HASHES).map(move |n| {
        let at = (one + n * other) % bits;
        (usize::try_from(at / 8).unwrap_or(usize::MAX), 1 << (at % 8))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_and_little_else() {
        let mut marks = Marks::default();
        for n in 0..500 {
            marks.add(Kind::User, &format!("user-{n}"));
        }
        let bytes = marks.to_bytes();
        assert!((0..500).all(|n| may_have(&bytes, Kind::User, &format!("user-{n}"))));
        let wrong = (0..1_000).filter(|n| may_have(&bytes, Kind::Group, &format!("user-{n}"))).count();
        assert!(wrong < 50, "{wrong} of 1000");
    }

    #[test]
    fn the_form_does_not_change() {
        let mut marks = Marks::default();
        marks.add(Kind::User, "ann");
        assert_eq!(marks.to_bytes(), FORM_OF_ANN);
        assert!(!may_have(&Marks::default().to_bytes(), Kind::User, "ann"));
    }

    /// Databases keep it.
    const FORM_OF_ANN: [u8; 2] = [127, 0];
}
