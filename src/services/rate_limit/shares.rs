//! How many at once, in all and from one address (services floor).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use super::network;

/// A number of things that may be had at once, of which one address has a part at most; clones are one.
#[derive(Clone, Debug)]
pub struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    in_all: AtomicUsize,
    of_address: AtomicUsize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    in_all: usize,
    /// By address, where there is any.
    by_address: HashMap<Option<IpAddr>, usize>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Share {
    shares: Shares,
    address: Option<IpAddr>,
}

impl Default for Shares {
    /// What Roster serves with.
    fn default() -> Self {
        Self::new(256, 16)
    }
}

impl Shares {
    /// So many in all, and so many from one address.
    #[must_use]
    pub fn new(in_all: usize, of_address: usize) -> Self {
        let (in_all, of_address) = (in_all.into(), of_address.into());
        Self(Arc::new(Inner { in_all, of_address, held: Mutex::default() }))
    }

    /// Allows so many from now on; who has more keeps them.
    pub fn set(&self, in_all: usize, of_address: usize) {
        self.0.in_all.store(in_all, Relaxed);
        self.0.of_address.store(of_address, Relaxed);
    }

    /// How many one address may have.
    pub(super) fn of_address(&self) -> u32 {
        u32::try_from(self.0.of_address.load(Relaxed)).unwrap_or(u32::MAX)
    }

    /// One for `address`, if there is one left for it.
    #[must_use]
    pub fn take(&self, address: Option<IpAddr>) -> Option<Share> {
        let address = address.map(network);
        let mut held = self.lock();
        let of_address = held.by_address.get(&address).copied().unwrap_or_default();
        if held.in_all >= self.0.in_all.load(Relaxed) || of_address >= self.0.of_address.load(Relaxed) {
            return None;
        }
        held.in_all += 1;
        held.by_address.insert(address, of_address + 1);
        Some(Share { shares: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // what a panic left is whole enough: a count too many
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.shares.lock();
        held.in_all = held.in_all.saturating_sub(1);
        if let Some(count) = held.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_part_and_no_more() {
        let shares = Shares::new(3, 2);
        let take = |text: &str| shares.take(Some(text.parse().unwrap()));
        let (first, second) = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(take("2001:db8::3").is_none(), "one network of IPv6 is one address");
        let third = take("192.0.2.1");
        assert!(third.is_some() && take("192.0.2.2").is_none(), "three in all");
        drop(first);
        assert!(take("192.0.2.2").is_some());
        drop((second, third));
        assert!(shares.lock().by_address.is_empty() && shares.lock().in_all == 0);
    }

    #[test]
    fn what_is_held_stays_when_less_is_allowed() {
        let shares = Shares::new(2, 2);
        let held = [shares.take(None), shares.take(None)];
        shares.set(1, 1);
        assert!(held.iter().all(Option::is_some) && shares.take(None).is_none());
        drop(held);
        assert!(shares.take(None).is_some());
    }
}
