//! How many requests without a valid token are kept (gateway floor).

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::clock::Timestamp;

/// Requests without a valid token that are kept in a minute.
const PER_MINUTE: u32 = 60;
const MINUTE: i64 = 60_000_000;

/// Whoever has no token could fill the log, and drive out what it is for: of such requests a few are kept each minute, and
/// the others are counted.
#[derive(Clone, Debug, Default)]
pub(in crate::gateway::scim) struct Throttle(Arc<Mutex<(i64, u32)>>);

impl Throttle {
    /// Whether one more may be kept.
    pub(super) fn lets_through(&self, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.micros().div_euclid(MINUTE);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= PER_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_are_let_through_each_minute() {
        let (throttle, at) = (Throttle::default(), |second: i64| Timestamp::from_micros(second * 1_000_000));
        let kept = |second: i64| (0..100).filter(|_| throttle.lets_through(at(second))).count();
        assert_eq!((kept(0), kept(59), kept(60)), (60, 0, 60));
    }
}
