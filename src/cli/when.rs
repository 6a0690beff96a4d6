//! Moments as they are typed: a span from now, or a time (cli floor).

use std::{
    str::FromStr,
    time::{Duration, SystemTime},
};

use prost_types::Timestamp;

/// `30d`, `12h`, `90m`, `45s` or `2w`; or a time as RFC 3339 writes it, `2027-01-31T00:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    /// So far from now.
    Span(Duration),
    /// Then.
    Time(Timestamp),
}

impl When {
    /// The moment, with spans counted into the future.
    pub(super) fn ahead(self) -> anyhow::Result<Timestamp> {
        self.moment(|span| SystemTime::now().checked_add(span))
    }

    /// The moment, with spans counted into the past.
    pub(super) fn ago(self) -> anyhow::Result<Timestamp> {
        self.moment(|span| SystemTime::now().checked_sub(span))
    }

    fn moment(self, count: impl Fn(Duration) -> Option<SystemTime>) -> anyhow::Result<Timestamp> {
        match self {
            Self::Time(time) => Ok(time),
            Self::Span(span) => {
                count(span).map(Timestamp::from).ok_or_else(|| anyhow::anyhow!("that is too far from now"))
            }
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = span(text).map(Self::Span);
        let parsed = span.or_else(|| text.parse().ok().map(Self::Time));
        parsed.ok_or_else(|| {
            "must be a span such as 30d, 12h or 90m, or a time such as 2027-01-31T00:00:00Z".to_owned()
        })
    }
}

/// Seconds of a number with its unit.
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_times_are_read_and_nothing_else() {
        assert_eq!("90m".parse(), Ok(When::Span(Duration::from_mins(90))));
        assert_eq!("2w".parse(), Ok(When::Span(Duration::from_hours(14 * 24))));
        let time = Timestamp { seconds: 1_801_353_600, nanos: 0 };
        assert_eq!("2027-01-31T00:00:00Z".parse(), Ok(When::Time(time)));
        for wrong in ["", "d", "30", "30y", "-1d", "soon", "99999999999999999999w", "é"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }
}
