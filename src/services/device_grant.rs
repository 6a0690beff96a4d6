//! Signing a device in without a paste: register, begin, poll (services floor). RFC 8628, RFC 7591.
//!
//! A device begins and polls without being anybody; a user looks at what asks and decides
//! ([`review`], [`decide`]); the device then fetches a token of that user, once.

mod approval;

use std::{net::IpAddr, time::Duration};

pub use approval::{Decision, Review, decide, review};

use super::{Error, Kind, Reason, Services, Unit, quota, token};
use crate::{
    domain::{
        actor::{Actor, Caller},
        clock::Timestamp,
        device_grant::{
            CLIENT_LIFETIME, DeviceClient, DeviceGrant, GRANT_LIFETIME, GrantState, INTERVAL, Poll, UserCode,
            check_client_name,
        },
        id::{DeviceClientId, DeviceGrantId, TokenId, UserId},
        secret::{Secret, SecretKind},
        token::{MAX_LIFETIME, Token},
    },
    storage,
};

/// How many clients may register from one address within [`REGISTRATION_PERIOD`].
const REGISTRATIONS_MAX: u64 = 100;
/// The time in which registrations are counted.
const REGISTRATION_PERIOD: Duration = Duration::from_mins(10);
/// How many grants one client may begin.
const GRANTS_MAX: u64 = 10;
/// How often a user code that is taken is drawn again.
const DRAWS: u32 = 3;

/// Who asks before anybody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The id of the request.
    pub request_id: String,
    /// The address the request came from.
    pub address: Option<IpAddr>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
}

impl Visitor {
    /// The program itself, in the visitor's request: it keeps what a visitor asks for.
    fn served(&self) -> Caller {
        self.acting_as(Actor::System)
    }

    fn acting_as(&self, actor: Actor) -> Caller {
        Caller::remote(actor, self.request_id.clone(), self.address, self.user_agent.as_deref())
    }
}

/// Registers a client, which names itself (RFC 7591).
///
/// # Errors
/// The name deceives or is too long; too many registered from this address.
pub async fn register(services: &Services, visitor: &Visitor, name: &str) -> Result<DeviceClient, Error> {
    check_client_name(name)?;
    let caller = &visitor.served();
    let write = services.change(caller, |unit| async move {
        // what ended is kept for a while, so that a late poll is told what happened
        storage::device_client::delete_ended(&*unit.tx, before(unit.now, CLIENT_LIFETIME)).await?;
        check_registrations(&unit, visitor).await?;
        let client = DeviceClient {
            id: DeviceClientId::generate(unit.now),
            name: name.to_owned(),
            address: visitor.address,
            create_time: unit.now,
            expire_time: unit.now.plus(CLIENT_LIFETIME),
        };
        storage::device_client::insert(&*unit.tx, &client).await?;
        Ok(client)
    });
    write.await
}

async fn check_registrations(unit: &Unit<'_>, visitor: &Visitor) -> Result<(), Error> {
    let Some(address) = visitor.address else { return Ok(()) };
    let since = before(unit.now, REGISTRATION_PERIOD);
    let count = storage::device_client::count_from(&*unit.tx, address, since).await?;
    if count < REGISTRATIONS_MAX { Ok(()) } else { Err(too_many("devices asked from this address")) }
}

fn before(now: Timestamp, duration: Duration) -> Timestamp {
    Timestamp::from_micros(
        now.micros().saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
    )
}

fn too_many(what: &str) -> Error {
    Error::new(Kind::TooMuch, Reason::TooManyAttempts, format!("too many {what}; try again in a few minutes"))
}

/// Begins a grant of this client: the codes are shown here and never again (RFC 8628 §3.2).
///
/// # Errors
/// There is no such client any more, or it began too many.
pub async fn begin(
    services: &Services,
    visitor: &Visitor,
    client: DeviceClientId,
) -> Result<(DeviceGrant, Secret), Error> {
    let mut begun = draw(services, visitor, client).await;
    for _ in 1..DRAWS {
        match begun {
            Err(Error { kind: Kind::AlreadyExists, .. }) => begun = draw(services, visitor, client).await,
            done => return done,
        }
    }
    begun
}

async fn draw(
    services: &Services,
    visitor: &Visitor,
    client: DeviceClientId,
) -> Result<(DeviceGrant, Secret), Error> {
    let caller = &visitor.served();
    let write = services.change(caller, |unit| async move {
        find_client(&unit, client).await?;
        if storage::device_grant::count_of(&*unit.tx, client).await? >= GRANTS_MAX {
            return Err(too_many("codes for this client"));
        }
        let device_code = Secret::generate(SecretKind::DeviceCode, &mut rand::rng());
        let grant = new_grant(&unit, client, visitor);
        storage::device_grant::insert(&*unit.tx, &grant, &device_code.digest()).await?;
        Ok((grant, device_code))
    });
    write.await
}

async fn find_client(unit: &Unit<'_>, id: DeviceClientId) -> Result<DeviceClient, Error> {
    let found = storage::device_client::find(&*unit.tx, id).await?;
    let found = found.filter(|client| unit.now < client.expire_time);
    found.ok_or_else(|| Error::not_found("client", id).of_field("client_id"))
}

fn new_grant(unit: &Unit<'_>, client_id: DeviceClientId, visitor: &Visitor) -> DeviceGrant {
    DeviceGrant {
        id: DeviceGrantId::generate(unit.now),
        client_id,
        user_code: UserCode::generate(&mut rand::rng()),
        state: GrantState::Pending,
        user_id: None,
        token_id: None,
        ticket: None,
        address: visitor.address,
        interval: INTERVAL,
        poll_time: None,
        create_time: unit.now,
        expire_time: unit.now.plus(GRANT_LIFETIME),
    }
}

/// What a device that polls gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// No token, and why.
    Refused(Poll),
    /// The token of the user who approved, whose secret is shown here and never again.
    Granted(Token, Secret),
}

/// A device polls with its code (RFC 8628 §3.4, §3.5). Of all polls one gets the token.
///
/// # Errors
/// The user has too many tokens.
pub async fn poll(
    services: &Services,
    visitor: &Visitor,
    client: DeviceClientId,
    device_code: &str,
) -> Result<Polled, Error> {
    let Some(code) = Secret::parse(SecretKind::DeviceCode, device_code) else {
        return Ok(Polled::Refused(Poll::Unknown));
    };
    let digest = &code.digest();
    let caller = &visitor.served();
    let write = services.change(caller, |unit| async move {
        let found = storage::device_grant::find_by_device_code_for_update(&*unit.tx, digest).await?;
        let Some(mut grant) = found.filter(|grant| grant.client_id == client) else {
            return Ok(Polled::Refused(Poll::Unknown));
        };
        let told = grant.poll(unit.now);
        let polled = match told {
            Poll::Approved(user, token) => {
                redeem(services, &unit, visitor, &mut grant, (user, token)).await?
            }
            refused => Polled::Refused(refused),
        };
        storage::device_grant::update(&*unit.tx, &grant).await?;
        Ok(polled)
    });
    write.await
}

/// Makes the token on behalf of the user who approved; the code is used up by it. Whoever has lost the access by which
/// they approved, even if it came back, has denied.
async fn redeem(
    services: &Services,
    unit: &Unit<'_>,
    visitor: &Visitor,
    grant: &mut DeviceGrant,
    (user, approved_by): (UserId, TokenId),
) -> Result<Polled, Error> {
    let client = storage::device_client::find(&*unit.tx, grant.client_id).await?;
    let caller = caller_of(unit, visitor, user, approved_by).await?;
    let unit = match &caller {
        Some(caller) => unit.acting_as(caller).await.map(Some).or_else(lost)?,
        None => None,
    };
    let (Some(unit), Some(client)) = (unit, client) else {
        grant.state = GrantState::Denied;
        return Ok(Polled::Refused(Poll::Denied));
    };
    quota::token(services, &unit, user).await?;
    grant.state = GrantState::Used;
    let token = Token {
        id: TokenId::generate(unit.now),
        user_id: user,
        note: client.name,
        create_time: unit.now,
        expire_time: unit.now.plus(MAX_LIFETIME),
    };
    let secret = token::mint(&unit, &token).await?;
    Ok(Polled::Granted(token, secret))
}

/// The user as a caller by this API token; none when the account is gone.
async fn caller_of(
    unit: &Unit<'_>,
    visitor: &Visitor,
    user: UserId,
    token: TokenId,
) -> Result<Option<Caller>, Error> {
    let user = storage::user::find(&*unit.tx, user).await?;
    Ok(user.map(|user| visitor.acting_as(token::actor(user, token))))
}

/// Nothing where the access is lost; other errors stay.
fn lost<T>(error: Error) -> Result<Option<T>, Error> {
    if error.kind == Kind::Unauthenticated { Ok(None) } else { Err(error) }
}
