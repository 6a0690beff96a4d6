//! Who has a place, and who loses it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::activity::Activity;

/// All connections that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

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
    /// A place among at most `max`. If there is none, the connection that has let the server wait longest makes
    /// room; if none does, all are busy, and the new one has to go.
    pub(super) fn take(&self, max: usize) -> Option<Place> {
        let mut taken = self.lock();
        if taken.connections.len() >= max && !taken.evict() {
            return None;
        }
        let (id, activity) = (taken.next, Arc::new(Activity::new()));
        taken.next += 1;
        taken.connections.insert(id, Arc::clone(&activity));
        Some(Place { id, places: self.clone(), activity })
    }

    /// Takes the place of the connection that has let the server wait longest.
    pub(super) fn make_room(&self) {
        self.lock().evict();
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // what a panic left is whole: each change is one insertion or removal
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn evict(&mut self) -> bool {
        let waiting = self
            .connections
            .iter()
            .filter_map(|(id, activity)| activity.waiting_since().map(|since| (since, *id)));
        let Some((_, id)) = waiting.min() else { return false };
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
