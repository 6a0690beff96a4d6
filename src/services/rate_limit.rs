//! How often one token, and one address, may ask (services floor).
//!
//! Both count in this process alone. A token counts after it was found in force, so the memory for tokens is bounded
//! by their number; of addresses at most `MAX_KEYS` are told apart.

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

use super::{Error, Kind, Reason};

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
    /// Requests from one address.
    pub address: Option<Rate>,
    /// Refused tokens from one address.
    pub refused: Option<Rate>,
}

/// Counts; clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct RateLimits {
    counters: Arc<RwLock<Counters>>,
    hasher: RandomState,
    refused: Arc<Refused>,
}

/// How many requests were refused.
#[derive(Debug, Default)]
struct Refused {
    token: AtomicU64,
    address: AtomicU64,
    secret: AtomicU64,
}

#[derive(Debug, Default)]
struct Counters {
    token: Option<Counter<u64>>,
    address: Option<Counter<IpAddr>>,
    refused: Option<Counter<IpAddr>>,
}

impl RateLimits {
    /// Counts by these from now on.
    pub fn set(&self, rates: Rates) {
        let counters = Counters {
            token: rates.token.and_then(Counter::new),
            address: rates.address.and_then(Counter::new),
            refused: rates.refused.and_then(Counter::new),
        };
        *self.counters.write().unwrap_or_else(PoisonError::into_inner) = counters;
    }

    /// Lets a request from `address` try its token.
    ///
    /// # Errors
    /// [`Kind::TooMuch`]: the address asks too often.
    pub fn admit(&self, address: Option<IpAddr>) -> Result<(), Error> {
        let Some(address) = address else { return Ok(()) };
        let counted = self.count(|counters| counters.address.as_ref()?.count(network(address)));
        counted.map_err(|wait| too_often("this address sends too many requests", wait, &self.refused.address))
    }

    /// Goes on from the outcome of authentication with `secret`: counts a token that is in force, and one that was
    /// refused. An address with too many refused ones is told so; a good token is let in from there all the same,
    /// since behind one address there can be many clients.
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
                let key = self.hasher.hash_one(secret);
                let counted = self.count(|counters| counters.token.as_ref()?.count(key));
                let refused = &self.refused.token;
                counted.map_err(|wait| too_often("this token sends too many requests", wait, refused))?;
                Ok(known)
            }
            Err(error) if error.kind == Kind::Unauthenticated => {
                let address = from.map(network);
                let counted = self.count(|counters| counters.refused.as_ref()?.count(address?));
                let (what, refused) =
                    ("too many refused tokens came from this address", &self.refused.secret);
                counted.map_err(|wait| too_often(what, wait, refused))?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// How many requests were refused, by the limit that refused them.
    pub(super) fn refused(&self) -> [(&'static str, u64); 3] {
        let Refused { token, address, secret } = &*self.refused;
        [("token", token), ("address", address), ("refused", secret)]
            .map(|(limit, count)| (limit, count.load(Ordering::Relaxed)))
    }

    fn count(&self, count: impl FnOnce(&Counters) -> Option<Duration>) -> Result<(), Duration> {
        let counters = self.counters.read().unwrap_or_else(PoisonError::into_inner);
        count(&counters).map_or(Ok(()), Err)
    }
}

/// Counters of one kind.
#[derive(Debug)]
struct Counter<K: Hash + Eq + Clone> {
    keyed: DefaultKeyedRateLimiter<Option<K>>,
    clock: DefaultClock,
    swept: Mutex<Option<Instant>>,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(rate: Rate) -> Option<Self> {
        let per_second = NonZeroU32::new(rate.per_second)?;
        let burst = NonZeroU32::new(rate.burst).unwrap_or(per_second);
        let keyed = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst));
        Some(Self { keyed, clock: DefaultClock::default(), swept: Mutex::default() })
    }

    /// Counts, and tells how long to wait if it was too often.
    fn count(&self, key: K) -> Option<Duration> {
        if self.keyed.len() >= MAX_KEYS {
            self.sweep();
        }
        let key = (self.keyed.len() < MAX_KEYS).then_some(key);
        let refusal = self.keyed.check_key(&key).err()?;
        Some(refusal.wait_time_from(self.clock.now()))
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

fn too_often(what: &str, wait: Duration, refused: &AtomicU64) -> Error {
    refused.fetch_add(1, Ordering::Relaxed);
    let message = format!("{what}; try again later");
    Error::new(Kind::TooMuch, Reason::RateLimited, message).retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<Rate> = Some(Rate { per_second: 1, burst: 2 });

    fn limits(rates: Rates) -> RateLimits {
        let limits = RateLimits::default();
        limits.set(rates);
        limits
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_token_has_its_own_count() {
        let limits = limits(Rates { token: ONE, ..Rates::default() });
        let ask = |secret| limits.after(Ok(()), secret, None);
        assert!(ask("a").is_ok() && ask("a").is_ok());
        let refused = ask("a").unwrap_err();
        assert_eq!((refused.kind, refused.reason), (Kind::TooMuch, Reason::RateLimited));
        assert!(refused.retry_after.is_some_and(|wait| !wait.is_zero() && wait <= Duration::from_secs(1)));
        assert!(ask("b").is_ok());
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_count_as_one() {
        let limits = limits(Rates { address: ONE, ..Rates::default() });
        let admit = |text| limits.admit(Some(address(text))).is_ok();
        assert!(admit("2001:db8::1") && admit("2001:db8::2") && !admit("2001:db8::3"));
        assert!(admit("2001:db8:0:1::1"));
        assert!(admit("192.0.2.1") && admit("::ffff:192.0.2.1") && !admit("192.0.2.1") && admit("192.0.2.2"));
    }

    #[test]
    fn refused_tokens_count_by_address_and_keep_no_good_one_out() {
        let limits = limits(Rates { refused: ONE, ..Rates::default() });
        let from = Some(address("192.0.2.1"));
        let ask = |outcome| limits.after(outcome, "x", from).map_err(|error: Error| error.kind);
        for kind in [Kind::Unauthenticated, Kind::Unauthenticated, Kind::TooMuch, Kind::TooMuch] {
            assert_eq!(ask(Err(Error::unauthenticated())), Err(kind));
        }
        assert_eq!(ask(Ok(())), Ok(()));
        let unavailable = Error::new(Kind::Unavailable, Reason::DatabaseUnavailable, "");
        assert_eq!(ask(Err(unavailable)), Err(Kind::Unavailable), "it says nothing of the token");
    }

    #[test]
    fn more_addresses_than_can_be_told_apart_share_one_count() {
        let limits = limits(Rates { address: ONE, ..Rates::default() });
        let of = |number: u32| Some(IpAddr::from(number.to_be_bytes()));
        // with two requests each, so that none is idle again at once
        for number in (0..u32::try_from(MAX_KEYS).unwrap()).flat_map(|number| [number; 2]) {
            assert!(limits.admit(of(number)).is_ok());
        }
        let more: Vec<_> = (0..10).map(|number| limits.admit(of(u32::MAX - number)).is_ok()).collect();
        assert!(more.contains(&false), "{more:?}");
    }

    #[test]
    fn without_a_rate_nothing_is_counted() {
        let none = Rates { token: Some(Rate { per_second: 0, burst: 0 }), ..Rates::default() };
        let limits = limits(none);
        assert!((0..1000).all(|_| limits.after(Ok(()), "a", None).is_ok()));
    }
}
