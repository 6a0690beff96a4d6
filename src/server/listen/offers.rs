//! The parts of answers that a client of HTTP/2 has not taken yet.
//!
//! Over HTTP/1.1 a client that takes nothing fills the socket, and a write that is pending tells of it. Over HTTP/2 the
//! client says how much may be sent (RFC 9113 §5.2), so nothing is written at all and the connection lives on. What is
//! told here is that hyper was given a part of an answer and does not ask for the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many times longer a client may leave one answer while it takes others.
const BESIDE_OTHERS: u64 = 4;

/// All answers of one connection; times are milliseconds on the clock of the connection.
#[derive(Debug, Default)]
pub(super) struct Offers(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    /// Since when each part is offered.
    since: Vec<Option<u64>>,
    free: Vec<usize>,
    /// When the client last took one.
    taken: u64,
}

impl Offers {
    /// Notes that a part is offered; gives the place under which it was noted.
    pub(super) fn offer(&self, now: u64) -> usize {
        let mut noted = self.lock();
        let place = noted.free.pop().unwrap_or(noted.since.len());
        match noted.since.get_mut(place) {
            Some(since) => *since = Some(now),
            None => noted.since.push(Some(now)),
        }
        place
    }

    /// Notes that the part was taken, or given up.
    pub(super) fn taken(&self, place: usize, now: u64) {
        let mut noted = self.lock();
        if noted.since.get_mut(place).and_then(Option::take).is_some() {
            noted.free.push(place);
            noted.taken = now;
        }
    }

    /// Whether the client has taken nothing for `patience` that is offered for as long; or left one answer for several
    /// times that while it took others.
    pub(super) fn are_stalled(&self, now: u64, patience: u64) -> bool {
        let noted = self.lock();
        let Some(oldest) = noted.since.iter().flatten().min() else { return false };
        let takes_others = noted.taken.saturating_add(patience) > now;
        let patience = if takes_others { patience.saturating_mul(BESIDE_OTHERS) } else { patience };
        oldest.saturating_add(patience) <= now
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        // each change leaves it whole
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_is_stalled_and_beside_others_later() {
        let offers = Offers::default();
        assert!(!offers.are_stalled(1_000, 10));
        let left = offers.offer(1_000);
        assert!(!offers.are_stalled(1_009, 10) && offers.are_stalled(1_010, 10));
        let other = offers.offer(1_008);
        offers.taken(other, 1_009);
        assert!(!offers.are_stalled(1_018, 10) && offers.are_stalled(1_019, 10));
        for now in (1_020..1_039).step_by(3) {
            let other = offers.offer(now);
            offers.taken(other, now);
        }
        assert!(!offers.are_stalled(1_039, 10) && offers.are_stalled(1_040, 10));
        offers.taken(left, 1_040);
        assert!(!offers.are_stalled(9_000, 10));
    }

    #[test]
    fn a_place_is_used_again() {
        let offers = Offers::default();
        let (first, second) = (offers.offer(1), offers.offer(2));
        offers.taken(first, 3);
        offers.taken(first, 4);
        assert_eq!((offers.offer(5), offers.offer(6)), (first, 2));
        offers.taken(second, 7);
        assert_eq!(offers.lock().taken, 7);
    }
}
