//! Signing a device in without a paste (domain floor): RFC 8628, the OAuth 2.0 device authorization grant.

use std::{fmt, net::IpAddr, time::Duration};

use rand::{CryptoRng, RngExt as _};

use super::{
    Invalid,
    clock::Timestamp,
    id::{DeviceClientId, DeviceGrantId, TokenId, UserId},
    name,
    role::codes,
    secret::Digest,
    token::NOTE_MAX,
};

/// How long a device may wait for approval; its codes end then.
pub const GRANT_LIFETIME: Duration = Duration::from_mins(10);
/// How long a registered client may begin grants.
pub const CLIENT_LIFETIME: Duration = Duration::from_hours(1);
/// How long a device waits between two polls at first (RFC 8628 §3.2).
pub const INTERVAL: Duration = Duration::from_secs(5);
/// By how much it waits longer after it polled too early (RFC 8628 §3.5).
const INTERVAL_STEP: Duration = Duration::from_secs(5);
/// The longest wait that is asked for.
const INTERVAL_MAX: Duration = Duration::from_mins(1);
/// By how much the network may bring two polls together that were sent in time.
const JITTER: Duration = Duration::from_secs(1);

/// The letters of user codes: no vowels, which would form words, and none that look alike (RFC 8628 §6.1).
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";
/// How many letters a user code has.
const CODE_LENGTH: usize = 8;

/// What a person compares and types: eight letters, shown as `WDJB-MJHT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A new code.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let letter = |_| LETTERS.get(rng.random_range(0..LETTERS.len())).copied().map_or('B', char::from);
        Self((0..CODE_LENGTH).map(letter).collect())
    }

    /// The code that `text` is, without regard to case and to what stands between the letters
    /// (RFC 8628 §6.1).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let known = letters.bytes().all(|letter| LETTERS.contains(&letter));
        (letters.len() == CODE_LENGTH && known).then_some(Self(letters))
    }

    /// The letters alone, by which the code is stored and found.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, right) = self.0.split_at(CODE_LENGTH / 2);
        write!(f, "{left}-{right}")
    }
}

/// A program that may ask to be signed in. It registers itself, so its name is its own word, and no secret
/// would prove more than its id does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceClient {
    /// Its `client_id`.
    pub id: DeviceClientId,
    /// What it calls itself; empty when it did not say.
    pub name: String,
    /// Where it registered from.
    pub address: Option<IpAddr>,
    /// When.
    pub create_time: Timestamp,
    /// Until when it may begin grants.
    pub expire_time: Timestamp,
}

/// Checks the name of a client: at most 255 characters, none of which is invisible or turns the direction of what
/// follows, and not without a letter, since a person decides by it.
///
/// # Errors
/// When it is longer or has one.
pub fn check_client_name(name: &str) -> Result<(), Invalid> {
    name::check_length("client_name", name, NOTE_MAX)?;
    name::check_visible("client_name", name)
}

/// How many codes a user may miss in [`MISSES_PERIOD`]; there are 20⁸.
const MISSES_MAX: i64 = 10;
/// After this time the count of missed codes begins anew.
const MISSES_PERIOD: Duration = Duration::from_mins(10);

/// How many codes a user missed of late: who tries many is guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misses {
    /// How many.
    pub count: i64,
    /// Since when they are counted.
    pub since: Timestamp,
}

impl Misses {
    /// What is left of `stored` by now.
    #[must_use]
    pub fn by(stored: Option<Self>, now: Timestamp) -> Self {
        let recent = stored.filter(|misses| now < misses.since.plus(MISSES_PERIOD));
        recent.unwrap_or(Self { count: 0, since: now })
    }

    /// One more.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self { count: self.count + 1, ..self }
    }

    /// Whether the user must wait until the count begins anew.
    #[must_use]
    pub fn are_too_many(self) -> bool {
        self.count >= MISSES_MAX
    }
}

/// Where a grant is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Nobody has decided.
    Pending,
    /// A user approved it; the device has not come for the token.
    Approved,
    /// A user denied it.
    Denied,
    /// The device has its token.
    Used,
}

codes! {
    GrantState { Pending = 1 "pending", Approved = 2 "approved", Denied = 3 "denied", Used = 4 "used" }
}

/// One device that asks to be signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceGrant {
    /// Its id.
    pub id: DeviceGrantId,
    /// The client that asks.
    pub client_id: DeviceClientId,
    /// What a person types.
    pub user_code: UserCode,
    /// Where it is in its life.
    pub state: GrantState,
    /// Who looks at it, and in the end decided.
    pub user_id: Option<UserId>,
    /// The API token by which they do: the grant gives nothing after this token is gone.
    pub token_id: Option<TokenId>,
    /// What that user decides with: shown in the form, and of no use twice.
    pub ticket: Option<Digest>,
    /// Where the device asked from.
    pub address: Option<IpAddr>,
    /// How long the device must wait between two polls.
    pub interval: Duration,
    /// When it polled last.
    pub poll_time: Option<Timestamp>,
    /// When it asked.
    pub create_time: Timestamp,
    /// When its codes end.
    pub expire_time: Timestamp,
}

/// What a device that polls is told (RFC 8628 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// Nobody has decided.
    Pending,
    /// Nobody has decided, and it asks too often.
    SlowDown,
    /// A user denied it.
    Denied,
    /// The codes ended.
    Expired,
    /// The code is none, another client's, or used.
    Unknown,
    /// This user approved it, by this API token.
    Approved(UserId, TokenId),
}

impl DeviceGrant {
    /// Whether a user may still decide.
    #[must_use]
    pub fn waits(&self, now: Timestamp) -> bool {
        self.state == GrantState::Pending && now < self.expire_time
    }

    /// The device polls: what it is told, while the grant keeps when it did and how long it must wait.
    pub fn poll(&mut self, now: Timestamp) -> Poll {
        let wait = self.interval.saturating_sub(JITTER);
        let early = self.poll_time.is_some_and(|last| now < last.plus(wait));
        self.poll_time = Some(now);
        if early {
            self.interval = (self.interval + INTERVAL_STEP).min(INTERVAL_MAX);
        }
        match (self.state, self.user_id.zip(self.token_id)) {
            (GrantState::Used, _) => Poll::Unknown,
            (GrantState::Denied, _) => Poll::Denied,
            _ if now >= self.expire_time => Poll::Expired,
            (GrantState::Approved, None) => Poll::Denied,
            (GrantState::Approved, Some((user, token))) => Poll::Approved(user, token),
            (GrantState::Pending, _) if early => Poll::SlowDown,
            (GrantState::Pending, _) => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests;
