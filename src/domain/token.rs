//! API tokens of users (domain floor).

use std::time::Duration;

use super::{
    Invalid,
    clock::Timestamp,
    id::{TokenId, UserId},
};

/// The longest life of an API token: a year of 366 days, so that "in one year" is never refused.
pub const MAX_LIFETIME: Duration = Duration::from_hours(366 * 24);
/// Longest note, in characters.
pub const NOTE_MAX: usize = 255;

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for, in the owner's words.
    pub note: String,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it ends.
    pub expire_time: Timestamp,
}

/// The end of a new API token: the time asked for, or a year from now when none is.
///
/// # Errors
/// A time in the past, or more than a year ahead.
pub fn check_expire_time(wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Invalid> {
    let latest = now.plus(MAX_LIFETIME);
    match wanted {
        None => Ok(latest),
        Some(time) if time <= now => Err(Invalid::new("expire_time", "must be in the future")),
        Some(time) if time > latest => {
            Err(Invalid::new("expire_time", "must be at most a year ahead: API tokens live at most a year"))
        }
        Some(time) => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_in_the_future_and_within_a_year() {
        let now = Timestamp::from_micros(1_000_000);
        let year = now.plus(MAX_LIFETIME);
        assert_eq!(check_expire_time(None, now), Ok(year));
        assert_eq!(check_expire_time(Some(year), now), Ok(year));
        for wrong in [now, Timestamp::from_micros(0), year.plus(Duration::from_micros(1))] {
            assert_eq!(check_expire_time(Some(wrong), now).unwrap_err().field, "expire_time");
        }
    }
}
