//! How often one token, and one address, may ask (services floor).
//!
//! All count in this process alone. A token counts after it was found in force, so the memory for tokens is bounded
//! by their number; of addresses at most `MAX_KEYS` are told apart. What comes without a token in force has counts of its
//! own: who is known is not locked out by a neighbour behind the same address who is not.

mod recognized;
mod shares;

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hash},
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

pub use self::{
    recognized::Recognized,
    shares::{Share, Shares},
};
use super::{Error, Kind, Limited, Reason};

/// Keys that are told apart; more of them share one quota until some fall idle.
const MAX_KEYS: usize = 100_000;

/// So many at once, and then so many a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A second; 0 is no limit.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

/// All limits; the default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one token.
    pub token: Option<Rate>,
    /// Requests from one address with a token that is in force.
    pub address: Option<Rate>,
    /// Refused tokens from one address.
    pub refused: Option<Rate>,
    /// Requests from one address without a token.
    pub anonymous: Option<Rate>,
}

/// Counts; clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct RateLimits {
    counters: Arc<RwLock<Counters>>,
    hasher: RandomState,
    refused: Arc<Refused>,
    streams: Shares,
}

/// How many requests were refused.
#[derive(Debug, Default)]
struct Refused {
    token: AtomicU64,
    address: AtomicU64,
    secret: AtomicU64,
    anonymous: AtomicU64,
    streams: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    token: Option<Counter<u64>>,
    address: Option<Counter<IpAddr>>,
    refused: Option<Counter<IpAddr>>,
    anonymous: Option<Counter<IpAddr>>,
}

impl RateLimits {
    /// Counts by these from now on.
    pub fn set(&self, rates: Rates) {
        let counters = Counters {
            token: rates.token.and_then(Counter::new),
            address: rates.address.and_then(Counter::new),
            refused: rates.refused.and_then(Counter::new),
            anonymous: rates.anonymous.and_then(Counter::new),
        };
        *self.counters.write().unwrap_or_else(PoisonError::into_inner) = counters;
    }

    /// Bounds the streams that are open without a token: in all, and from one address.
    pub fn set_streams(&self, in_all: usize, of_address: usize) {
        self.streams.set(in_all, of_address);
    }

    /// Counts a request from `address` that has no token.
    ///
    /// # Errors
    /// [`Kind::TooMuch`]: the address asks too often.
    pub fn anonymous(&self, address: Option<IpAddr>) -> Result<(), Error> {
        let Some(address) = address else { return Ok(()) };
        let counted = self.count(|counters| counters.anonymous.as_ref()?.count(network(address)));
        let (what, refused) =
            ("this address sends too many requests without a token", &self.refused.anonymous);
        counted.map_err(|met| too_often(what, met, refused))
    }

    /// Lets a request from `address` without a token last, until the share is dropped.
    ///
    /// # Errors
    /// [`Kind::TooMuch`]: as many as may be are open.
    pub fn stream(&self, address: Option<IpAddr>) -> Result<Share, Error> {
        const WAIT: Duration = Duration::from_secs(1);
        let (share, limit) = (self.streams.take(address), self.streams.of_address());
        let met = Met { wait: WAIT, limited: Limited { limit, reset: 1 } };
        share
            .ok_or_else(|| too_often("too many streams are open without a token", met, &self.refused.streams))
    }

    /// Refuses a request from `address` that has no token and needs one.
    ///
    /// # Errors
    /// Always: [`Kind::Unauthenticated`], or [`Kind::TooMuch`].
    pub fn missing<T>(&self, address: Option<IpAddr>) -> Result<T, Error> {
        self.anonymous(address)?;
        Err(Error::unauthenticated())
    }

    /// Goes on from the outcome of authentication with `secret`: counts a token that is in force, and its address, and
    /// one that was refused. An address with too many refused ones is told so; a good token is let in from there all
    /// the same, since behind one address there can be many clients.
    ///
    /// # Errors
    /// The outcome's own, or [`Kind::TooMuch`].
    pub fn after<T>(
        &self,
        outcome: Result<T, Error>,
        secret: &str,
        from: Option<IpAddr>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(known) => {
                let address = from.map(network);
                let counted = self.count(|counters| counters.address.as_ref()?.count(address?));
                let (what, refused) = ("this address sends too many requests", &self.refused.address);
                counted.map_err(|met| too_often(what, met, refused))?;
                let key = self.hasher.hash_one(secret);
                let counted = self.count(|counters| counters.token.as_ref()?.count(key));
                let refused = &self.refused.token;
                counted.map_err(|met| too_often("this token sends too many requests", met, refused))?;
                Ok(known)
            }
            Err(error) if error.kind == Kind::Unauthenticated => {
                let address = from.map(network);
                let counted = self.count(|counters| counters.refused.as_ref()?.count(address?));
                let (what, refused) =
                    ("too many refused tokens came from this address", &self.refused.secret);
                counted.map_err(|met| too_often(what, met, refused))?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// How many requests were refused, by the limit that refused them.
    pub(super) fn refused(&self) -> [(&'static str, u64); 5] {
        let Refused { token, address, secret, anonymous, streams } = &*self.refused;
        let counts = [
            ("token", token),
            ("address", address),
            ("refused", secret),
            ("anonymous", anonymous),
            ("streams", streams),
        ];
        counts.map(|(limit, count)| (limit, count.load(Ordering::Relaxed)))
    }

    fn count(&self, count: impl FnOnce(&Counters) -> Option<Met>) -> Result<(), Met> {
        let counters = self.counters.read().unwrap_or_else(PoisonError::into_inner);
        count(&counters).map_or(Ok(()), Err)
    }
}

/// A limit that is met.
#[derive(Clone, Copy, Debug)]
struct Met {
    /// When the next one is allowed.
    wait: Duration,
    limited: Limited,
}

/// Counters of one kind.
#[derive(Debug)]
struct Counter<K: Hash + Eq + Clone> {
    keyed: DefaultKeyedRateLimiter<Option<K>>,
    clock: DefaultClock,
    swept: Mutex<Option<Instant>>,
    limited: Limited,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(rate: Rate) -> Option<Self> {
        let per_second = NonZeroU32::new(rate.per_second)?;
        let burst = NonZeroU32::new(rate.burst).unwrap_or(per_second);
        let keyed = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst));
        let limited = Limited { limit: burst.get(), reset: burst.get().div_ceil(per_second.get()) };
        Some(Self { keyed, clock: DefaultClock::default(), swept: Mutex::default(), limited })
    }

    /// Counts, and tells what is met if it was too often.
    fn count(&self, key: K) -> Option<Met> {
        if self.keyed.len() >= MAX_KEYS {
            self.sweep();
        }
        let key = (self.keyed.len() < MAX_KEYS).then_some(key);
        let refusal = self.keyed.check_key(&key).err()?;
        Some(Met { wait: refusal.wait_time_from(self.clock.now()), limited: self.limited })
    }

    /// Forgets those whose quota is whole again; once a second, since it looks at all.
    fn sweep(&self) {
        let Ok(mut swept) = self.swept.try_lock() else { return };
        if swept.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
            self.keyed.retain_recent();
            *swept = Some(Instant::now());
        }
    }
}

/// Whoever has one address of IPv6 has the other 2⁶⁴ of its network as well.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

fn too_often(what: &str, met: Met, refused: &AtomicU64) -> Error {
    refused.fetch_add(1, Ordering::Relaxed);
    let message = format!("{what}; try again later");
    Error::new(Kind::TooMuch, Reason::RateLimited, message).retry_after(met.wait).limited(met.limited)
}

#[cfg(test)]
mod tests;
