//! Gateway floor: protobuf to domain and back. Each failure names the field as the client wrote it.

pub(super) mod alpha;
pub(super) mod audit;
pub(super) mod owner;
pub(super) mod roster;

use std::str::FromStr;

use prost_types::Timestamp as ProtoTimestamp;

use super::status::{Violations, invalid};
use crate::domain::{clock::Timestamp, id::ParseIdError};

/// The first second of year 1 and the last of year 9999 (`google/protobuf/timestamp.proto`).
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
const MICROS: i64 = 1_000_000;

/// The id that `text` is.
pub(super) fn to_id<Id: FromStr<Err = ParseIdError>>(field: &str, text: &str) -> Result<Id, Violations> {
    text.parse().map_err(|error: ParseIdError| invalid(field, error.to_string()))
}

/// The id that `text` is; none when it is empty.
pub(super) fn to_id_if_given<Id: FromStr<Err = ParseIdError>>(
    field: &str,
    text: &str,
) -> Result<Option<Id>, Violations> {
    if text.is_empty() { Ok(None) } else { to_id(field, text).map(Some) }
}

/// The value of an enum that we know by this number.
pub(super) fn to_known<E: TryFrom<i32>>(field: &str, number: i32) -> Result<E, Violations> {
    E::try_from(number).map_err(|_| invalid(field, format!("{number} is not a value of this enum")))
}

/// A value that must be given.
pub(super) fn required<T>(field: &str, value: Option<T>) -> Result<T, Violations> {
    value.ok_or_else(|| invalid(field, "must be given"))
}

/// A moment, to the microsecond.
pub(super) fn to_timestamp(field: &str, given: ProtoTimestamp) -> Result<Timestamp, Violations> {
    if !SECONDS.contains(&given.seconds) || !(0..1_000_000_000).contains(&given.nanos) {
        return Err(invalid(field, "must be a time of the years 1 to 9999, with 0 to 999999999 nanoseconds"));
    }
    Ok(Timestamp::from_micros(given.seconds * MICROS + i64::from(given.nanos / 1_000)))
}

/// A moment on the wire.
#[expect(clippy::unnecessary_wraps, reason = "message fields of prost are options")]
pub(super) fn from_timestamp(time: Timestamp) -> Option<ProtoTimestamp> {
    let (seconds, micros) = (time.micros().div_euclid(MICROS), time.micros().rem_euclid(MICROS));
    Some(ProtoTimestamp { seconds, nanos: i32::try_from(micros * 1_000).unwrap_or(0) })
}

/// A number on the wire; the largest there when it is larger.
pub(super) fn from_count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
