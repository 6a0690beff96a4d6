//! Codes, names and polls.

use super::*;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000).plus(Duration::from_secs(seconds))
}

fn grant() -> DeviceGrant {
    DeviceGrant {
        id: DeviceGrantId::generate(at(0)),
        client_id: DeviceClientId::generate(at(0)),
        user_code: UserCode::generate(&mut rand::rng()),
        state: GrantState::Pending,
        user_id: None,
        token_id: None,
        ticket: None,
        address: None,
        interval: INTERVAL,
        poll_time: None,
        create_time: at(0),
        expire_time: at(0).plus(GRANT_LIFETIME),
    }
}

#[test]
fn a_user_code_is_read_as_people_type_it() {
    let code = UserCode::generate(&mut rand::rng());
    let shown = code.to_string();
    assert_eq!(shown.len(), 9);
    for typed in
        [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!(" {} ", code.letters())]
    {
        assert_eq!(UserCode::parse(&typed), Some(code.clone()), "{typed}");
    }
    for wrong in ["", "WDJB-MJH", "WDJB-MJHTT", "AEIO-UAEI", "WDJB-MJH1", "ẄDJB-MJHT"] {
        assert_eq!(UserCode::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_client_name_that_deceives_is_refused() {
    for good in ["", "Buf CLI (laptop)", "Büro 🏢", &"x".repeat(255)] {
        assert_eq!(check_client_name(good), Ok(()), "{good}");
    }
    let bad = [
        "a\nb",
        "a\u{85}b",
        "a\u{202e}b",
        "a\u{200b}b",
        "\u{0}",
        " ",
        "\u{a0}",
        "\u{3000}a",
        "\u{2800}\u{2800}",
        "\u{3164}",
        "a\u{ffa0}",
        "\u{115f}",
        "a\u{e0041}",
        "a\u{fe0f}",
        "a\u{e0100}",
        "a\u{34f}",
        "a\u{180e}",
        "a\u{2064}",
        "a\u{1d173}",
        "\u{e000}",
        "\u{301}",
        "-- ",
        &"x".repeat(256),
    ];
    for bad in bad {
        assert_eq!(check_client_name(bad).unwrap_err().field, "client_name", "{bad:?}");
    }
}

#[test]
fn who_polls_too_early_must_wait_longer_each_time() {
    let mut grant = grant();
    assert_eq!(grant.poll(at(0)), Poll::Pending);
    assert_eq!(grant.poll(at(4)), Poll::Pending, "the network may take a second");
    assert_eq!((grant.poll(at(7)), grant.interval), (Poll::SlowDown, Duration::from_secs(10)));
    assert_eq!((grant.poll(at(12)), grant.interval), (Poll::SlowDown, Duration::from_secs(15)));
    assert_eq!(grant.poll(at(27)), Poll::Pending);
    for _ in 0..100 {
        assert_eq!(grant.poll(at(27)), Poll::SlowDown);
    }
    assert_eq!(grant.interval, INTERVAL_MAX);
}

#[test]
fn what_was_decided_is_told_until_the_codes_end() {
    let (user, token) = (UserId::generate(at(0)), TokenId::generate(at(0)));
    let cases = [
        (GrantState::Pending, Poll::Pending),
        (GrantState::Denied, Poll::Denied),
        (GrantState::Approved, Poll::Approved(user, token)),
        (GrantState::Used, Poll::Unknown),
    ];
    for (state, told) in cases {
        let mut grant = DeviceGrant { state, user_id: Some(user), token_id: Some(token), ..grant() };
        assert_eq!(grant.waits(at(599)), state == GrantState::Pending);
        assert_eq!(grant.poll(at(599)), told, "{state}");
        assert!(!grant.waits(at(600)));
        let late = match state {
            GrantState::Used => Poll::Unknown,
            GrantState::Denied => Poll::Denied,
            GrantState::Pending | GrantState::Approved => Poll::Expired,
        };
        assert_eq!(grant.poll(at(600)), late, "{state}");
    }
}

#[test]
fn ten_misses_are_forgiven_after_ten_minutes() {
    let mut misses = Misses::by(None, at(0));
    for _ in 0..9 {
        misses = misses.and_one();
    }
    assert!(!misses.are_too_many());
    let full = misses.and_one();
    assert!(Misses::by(Some(full), at(599)).are_too_many());
    assert_eq!(Misses::by(Some(full), at(600)), Misses { count: 0, since: at(600) });
}
