//! How a database is, so that it can be seen whether it has changed (storage floor).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many transactions of our own are known: as many as end between two looks, and more.
const OWN: usize = 4_096;
/// Most transactions that are looked at one by one.
const LOOKED_AT: u64 = 4_096;

/// How a database is, as far as others change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// A text that changes with every change of others, as on SQLite, or with any, as on a standby of PostgreSQL.
    Text(String),
    /// Which transactions have ended: PostgreSQL.
    Ended(Ended),
}

impl Fingerprint {
    /// Whether it tells of the same as one that was taken before, but for transactions of our `own`.
    pub(super) fn is_as(&self, before: &Self, own: &Own) -> bool {
        match (self, before) {
            (Self::Ended(now), Self::Ended(before)) => {
                if now.server != before.server {
                    own.clear();
                }
                now == before || now.since(before).is_some_and(|ended| own.has_all(&ended))
            }
            _ => self == before,
        }
    }
}

/// Which of the transactions that write have ended, by their ids, which PostgreSQL gives in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When the server was started: another one, as a standby that took over, counts on from elsewhere.
    server: String,
    /// No one from here on has ended.
    next: u64,
    /// Those before that have not ended.
    under_way: Vec<u64>,
}

impl Ended {
    /// As the text of a `pg_snapshot` tells it: `xmin:xmax:xip,xip`.
    pub(super) fn parse(server: String, text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':').skip(1);
        let (next, under_way) = (parts.next()?.parse().ok()?, parts.next()?);
        let under_way = under_way.split(',').filter(|id| !id.is_empty()).map(str::parse);
        Some(Self { server, next, under_way: under_way.collect::<Result<_, _>>().ok()? })
    }

    /// Those that have ended since `before`; none when they are too many to look at, or of another server.
    fn since(&self, before: &Self) -> Option<Vec<u64>> {
        if self.server != before.server {
            return None;
        }
        let begun = self.next.checked_sub(before.next).filter(|begun| *begun <= LOOKED_AT)?;
        let mut ended = before.under_way.clone();
        ended.extend((0..begun).map(|place| before.next + place));
        ended.retain(|id| !self.under_way.contains(id));
        Some(ended)
    }
}

/// The latest transactions of this process; clones are one.
#[derive(Clone, Debug, Default)]
pub(super) struct Own(Arc<Mutex<BTreeSet<u64>>>);

/// One of them, which is forgotten unless it is known to have ended: who waited for it has told nobody of its change,
/// which then shows like that of others whenever it is there.
#[derive(Debug)]
pub(super) struct OwnOne {
    own: Own,
    id: u64,
    has_ended: bool,
}

impl OwnOne {
    /// It has, and nobody here has yet asked for what it changed.
    pub(super) fn end(mut self) {
        self.has_ended = true;
    }
}

impl Drop for OwnOne {
    fn drop(&mut self) {
        if !self.has_ended {
            self.own.lock().remove(&self.id);
        }
    }
}

impl Own {
    /// Adds one, before it ends.
    pub(super) fn add(&self, id: u64) -> OwnOne {
        let mut known = self.lock();
        known.insert(id);
        if known.len() > OWN {
            known.pop_first();
        }
        OwnOne { own: self.clone(), id, has_ended: false }
    }

    /// Forgets all: another server gives the same ids to others.
    fn clear(&self) {
        self.lock().clear();
    }

    fn has_all(&self, ids: &[u64]) -> bool {
        let known = self.lock();
        ids.iter().all(|id| known.contains(id))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        // each change is one insertion or removal
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Fingerprint {
        Fingerprint::Ended(Ended::parse("one".to_owned(), text).unwrap())
    }

    #[test]
    fn a_transaction_that_ended_shows_wherever_it_stood() {
        let own = Own::default();
        let before = at("100:104:100,102");
        assert!(before.is_as(&before, &own));
        // one that was under way; one that began and ended; several
        for after in ["102:104:102", "100:105:100,102", "109:109:"] {
            assert!(!at(after).is_as(&before, &own), "{after}");
        }
        // one that began and has not ended
        assert!(at("100:105:100,102,104").is_as(&before, &own));
    }

    #[test]
    fn our_own_do_not_show_but_beside_others_they_do() {
        let own = Own::default();
        own.add(102).end();
        own.add(104).end();
        let before = at("100:104:100,102");
        assert!(at("100:105:100").is_as(&before, &own));
        assert!(!at("105:105:").is_as(&before, &own), "100 ended");
        assert!(!at("100:106:100").is_as(&before, &own), "105 ended");
        for id in 1_000..6_000 {
            own.add(id).end();
        }
        assert!(!at("100:105:100").is_as(&before, &own), "they are known for a while only");
    }

    #[test]
    fn one_whose_end_nobody_heard_shows() {
        let own = Own::default();
        let before = at("100:100:");
        let one = own.add(100);
        assert!(
            at("101:101:").is_as(&before, &own),
            "others are answered of it, but the waiting is not over"
        );
        drop(one);
        assert!(!at("101:101:").is_as(&before, &own));
    }

    #[test]
    fn ids_of_another_server_are_of_others() {
        let own = Own::default();
        own.add(100).end();
        let promoted = |text| Fingerprint::Ended(Ended::parse("two".to_owned(), text).unwrap());
        assert!(!promoted("101:101:").is_as(&at("100:100:"), &own));
        assert!(!promoted("101:101:").is_as(&promoted("100:100:"), &own), "its 100 is not ours");
    }

    #[test]
    fn what_cannot_be_compared_is_not_the_same() {
        let own = Own::default();
        assert!(!at("9:9:").is_as(&at("100:100:"), &own), "another cluster");
        assert!(!at("9999999:9999999:").is_as(&at("100:100:"), &own));
        assert!(!at("9:9:").is_as(&Fingerprint::Text("9:9:".to_owned()), &own), "a standby was promoted");
        for text in ["", "1", "1:2", "a:b:", "1:x:", "1:2:x"] {
            assert_eq!(Ended::parse(String::new(), text), None, "{text}");
        }
    }
}
