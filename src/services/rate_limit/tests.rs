//! What counts against which limit.

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
    let admit = |text| limits.after(Ok(()), "a", Some(address(text))).is_ok();
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
    let limits = limits(Rates { anonymous: ONE, ..Rates::default() });
    let of = |number: u32| Some(IpAddr::from(number.to_be_bytes()));
    // with two requests each, so that none is idle again at once
    for number in (0..u32::try_from(MAX_KEYS).unwrap()).flat_map(|number| [number; 2]) {
        assert!(limits.anonymous(of(number)).is_ok());
    }
    let more: Vec<_> = (0..10).map(|number| limits.anonymous(of(u32::MAX - number)).is_ok()).collect();
    assert!(more.contains(&false), "{more:?}");
}

#[test]
fn who_has_no_token_takes_nothing_from_who_has_one() {
    let rates = Rates { address: ONE, anonymous: ONE, refused: ONE, ..Rates::default() };
    let (limits, from) = (limits(rates), Some(address("192.0.2.1")));
    for kind in [Kind::Unauthenticated, Kind::Unauthenticated, Kind::TooMuch, Kind::TooMuch] {
        assert_eq!(limits.missing::<()>(from).unwrap_err().kind, kind);
    }
    assert_eq!(limits.anonymous(from).unwrap_err().kind, Kind::TooMuch, "one count for all of them");
    let wrong = || limits.after::<()>(Err(Error::unauthenticated()), "x", from).unwrap_err().kind;
    assert_eq!([wrong(), wrong(), wrong()], [Kind::Unauthenticated, Kind::Unauthenticated, Kind::TooMuch]);
    assert!(limits.after(Ok(()), "a", from).is_ok() && limits.after(Ok(()), "b", from).is_ok());
    assert!(limits.after(Ok(()), "c", from).is_err(), "known callers of one address have their own limit");
}

#[test]
fn without_a_rate_nothing_is_counted() {
    let none = Rates { token: Some(Rate { per_second: 0, burst: 0 }), ..Rates::default() };
    let limits = limits(none);
    assert!((0..1000).all(|_| limits.after(Ok(()), "a", None).is_ok()));
}
