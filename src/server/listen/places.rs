//! Who has a place, and who loses it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::activity::Activity;

/// How long a request of who is not known may take before its connection may be given to somebody else: what strangers
/// may ask is answered at once.
const LINGER: Duration = Duration::from_secs(5);

/// All connections that are open.
#[derive(Clone, Debug)]
pub(super) struct Places {
    taken: Arc<Mutex<Taken>>,
    linger: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self { taken: Arc::default(), linger: LINGER }
    }
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    connections: HashMap<u64, Arc<Activity>>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    id: u64,
    places: Places,
    pub(super) activity: Arc<Activity>,
}

impl Places {
    /// A place among at most `max`. If there is none, the connection that is worth least makes room, and of several the
    /// one that has been so longest; if there is none, all are busy, and the new one has to go.
    pub(super) fn take(&self, max: usize) -> Option<Place> {
        let mut taken = self.lock();
        if taken.connections.len() >= max && !taken.evict(self.linger) {
            return None;
        }
        let (id, activity) = (taken.next, Arc::new(Activity::new()));
        taken.next += 1;
        taken.connections.insert(id, Arc::clone(&activity));
        Some(Place { id, places: self.clone(), activity })
    }

    /// Takes the place of the connection that is worth least.
    pub(super) fn make_room(&self) {
        self.lock().evict(self.linger);
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // what a panic left is whole: each change is one insertion or removal
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn evict(&mut self, linger: Duration) -> bool {
        let expendable =
            self.connections.iter().filter_map(|(id, activity)| Some((activity.expendable(linger)?, *id)));
        let Some((_, id)) = expendable.min() else { return false };
        let evicted = self.connections.remove(&id);
        evicted.inspect(|activity| activity.evicted.cancel()).is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().connections.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_lets_the_server_wait_longest_makes_room() {
        let places = Places::default();
        let [answering, hanging] = [(); 2].map(|()| places.take(2).unwrap());
        answering.activity.begin(false, false);
        let third = places.take(2).unwrap();
        assert!(hanging.activity.evicted.is_cancelled() && !answering.activity.evicted.is_cancelled());
        third.activity.begin(true, false);
        assert!(places.take(2).is_none(), "both wait for the server");
        third.activity.end();
        assert!(places.take(2).is_some() && third.activity.evicted.is_cancelled());
    }

    #[tokio::test]
    async fn strangers_make_room_before_who_is_known() {
        let places = Places { linger: Duration::ZERO, ..Places::default() };
        let [idle, busy, lingering] = [(); 3].map(|()| places.take(3).unwrap());
        for known in [&idle, &busy] {
            known.activity.begin(true, false);
            known.activity.recognized.note();
        }
        idle.activity.end();
        lingering.activity.begin(true, false);
        let silent = places.take(3).unwrap();
        assert!(lingering.activity.evicted.is_cancelled(), "a stream without a token, that is open for long");
        let known = places.take(3).unwrap();
        assert!(silent.activity.evicted.is_cancelled() && !idle.activity.evicted.is_cancelled());
        known.activity.begin(false, false);
        known.activity.recognized.note();
        let last = places.take(3).unwrap();
        assert!(idle.activity.evicted.is_cancelled());
        last.activity.begin(false, false);
        last.activity.recognized.note();
        assert!(places.take(3).is_none() && !busy.activity.evicted.is_cancelled(), "all are known, and busy");
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_keeps_no_place() {
        let places = Places::default();
        let sending = places.take(1).unwrap();
        sending.activity.begin(false, true);
        let next = places.take(1).unwrap();
        assert!(sending.activity.evicted.is_cancelled());
        next.activity.begin(false, true);
        next.activity.arrived();
        assert!(places.take(1).is_none());
    }

    #[tokio::test]
    async fn a_place_ends_with_its_connection() {
        let places = Places::default();
        let only = places.take(1).unwrap();
        only.activity.begin(false, false);
        assert!(places.take(1).is_none());
        drop(only);
        assert!(places.take(1).is_some());
    }
}
