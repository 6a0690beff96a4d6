//! A moment by two clocks (services floor).
//!
//! The machine, or the process alone, may have stood still: a suspended machine stops the monotonic clock, and an adjustment moves
//! the other one. Whatever either of them shows to be old is old.

use std::time::{Duration, Instant, SystemTime};

/// For how long what is known of the database is believed without another look.
pub(super) const STALE: Duration = Duration::from_millis(500);

/// When something was so.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether it is too long ago to count on.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_stale_at(Self::now())
    }

    fn is_stale_at(&self, now: Self) -> bool {
        let passed = now.monotonic.saturating_duration_since(self.monotonic);
        // a clock that was set back says nothing
        now.wall.duration_since(self.wall).map_or(true, |wall| wall.max(passed) >= STALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_either_clock_shows_to_be_old_is_stale() {
        let then = Moment::now();
        let later =
            |monotonic, wall| Moment { monotonic: then.monotonic + monotonic, wall: then.wall + wall };
        let (short, long) = (STALE / 2, STALE);
        assert!(!then.is_stale_at(then));
        assert!(!then.is_stale_at(later(short, short)));
        assert!(then.is_stale_at(later(long, short)), "the other clock was set back");
        assert!(then.is_stale_at(later(short, long)), "the machine was suspended");
        let back = Moment { monotonic: then.monotonic + short, wall: then.wall - short };
        assert!(then.is_stale_at(back));
    }
}
