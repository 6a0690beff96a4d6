//! Numbers with a unit (config floor).

use std::time::Duration;

use crate::config::raw::Raw;

const TIMES: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZES: [(&str, u64); 5] = [("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A time, longer than none.
pub(super) fn time(raw: &Raw) -> Option<Duration> {
    let Raw::Text(text) = raw else { return None };
    scaled(text, &TIMES).map(Duration::from_millis)
}

/// A number of bytes, above 0.
pub(super) fn bytes(raw: &Raw) -> Option<usize> {
    let count = match raw {
        Raw::Integer(number) => u64::try_from(*number).ok().filter(|number| *number > 0),
        Raw::Text(text) => scaled(text, &SIZES),
        _ => None,
    };
    usize::try_from(count?).ok()
}

/// A whole number above 0 and one of the units.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    digits.parse::<u64>().ok()?.checked_mul(*factor).filter(|number| *number > 0)
}
