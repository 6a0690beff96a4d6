//! The user's side of a grant: look at what asks, then approve or deny (services floor).
//!
//! Nothing but the API token says who decides: there is no session, so there is none to ride on. Looking
//! gives a ticket for one decision, so that the token is typed once and not sent again.

use super::{Visitor, caller_of, too_many};
use crate::{
    domain::{
        audit::{Action, Snapshot, Subject, SubjectKind},
        device_grant::{DeviceClient, DeviceGrant, GrantState, Misses, UserCode},
        id::UserId,
        secret::{Secret, SecretKind},
        user::User,
    },
    services::{
        Error, Kind, Reason, Services, Unit, access,
        audit::{self, Entry},
        quota, token,
    },
    storage,
};

/// What a user is shown before deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What asks.
    pub client: DeviceClient,
    /// From where, and by which code.
    pub grant: DeviceGrant,
    /// The name of the account that the device would act as.
    pub username: String,
    /// What the decision is made with.
    pub ticket: Secret,
}

/// What a user decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The device may have a token.
    Approve,
    /// It may not.
    Deny,
}

/// Shows the user of this API token what asks with this code.
///
/// # Errors
/// The token is none; its user may not have another one; no device waits with this code; the user missed too
/// many codes.
pub async fn review(
    services: &Services,
    visitor: &Visitor,
    user_code: &str,
    api_token: &str,
) -> Result<Review, Error> {
    let known = token::authenticate(services, api_token).await;
    let (actor, token) = services.rate_limits.after(known, api_token, visitor.address)?;
    let caller = &visitor.acting_as(actor);
    let user = access::require_user(caller)?;
    let code = UserCode::parse(user_code);
    let code = code.as_ref();
    let write = services.change(caller, |unit| async move {
        let username = require_token_owner(&unit, user).await?;
        let misses = Misses::by(storage::device_grant::misses(&*unit.tx, user).await?, unit.now);
        if misses.are_too_many() {
            return Err(too_many("codes that no device shows"));
        }
        let Some(mut grant) = waiting(&unit, code).await? else {
            // committed: a miss must count
            storage::device_grant::set_misses(&*unit.tx, user, misses.and_one()).await?;
            return Ok(None);
        };
        let ticket = Secret::generate(SecretKind::DeviceTicket, &mut rand::rng());
        (grant.user_id, grant.token_id) = (Some(user), Some(token.id));
        grant.ticket = Some(ticket.digest());
        storage::device_grant::update(&*unit.tx, &grant).await?;
        let client = client_of(&unit, &grant).await?;
        Ok(Some(Review { client, grant, username, ticket }))
    });
    write.await?.ok_or_else(nothing_waits)
}

/// Decides about the device with this code, once, as the user that the ticket was given to.
///
/// # Errors
/// No device waits with this code, or the ticket is not the last that was given for it; the API token that the user looked
/// at it with is gone or has ended, or the user is deactivated
/// or has too many tokens.
pub async fn decide(
    services: &Services,
    visitor: &Visitor,
    user_code: &str,
    ticket: &str,
    decision: Decision,
) -> Result<DeviceClient, Error> {
    let ticket = Secret::parse(SecretKind::DeviceTicket, ticket).ok_or_else(nothing_waits)?.digest();
    let code = UserCode::parse(user_code);
    let code = code.as_ref();
    let caller = &visitor.served();
    let write = services.change(caller, |unit| async move {
        let found = waiting(&unit, code).await?.filter(|grant| grant.ticket == Some(ticket));
        let mut grant = found.ok_or_else(nothing_waits)?;
        let (user, token) = grant.user_id.zip(grant.token_id).ok_or_else(nothing_waits)?;
        let caller = caller_of(&unit, visitor, user, token).await?.ok_or_else(Error::unauthenticated)?;
        let unit = unit.acting_as(&caller).await?;
        if decision == Decision::Approve {
            quota::token(services, &unit, user).await?;
        }
        let (state, action) = match decision {
            Decision::Approve => (GrantState::Approved, Action::DeviceAuthorizationGrantApproved),
            Decision::Deny => (GrantState::Denied, Action::DeviceAuthorizationGrantDenied),
        };
        (grant.state, grant.ticket) = (state, None);
        storage::device_grant::update(&*unit.tx, &grant).await?;
        let client = client_of(&unit, &grant).await?;
        record(&unit, action, &grant, &client).await?;
        Ok(client)
    });
    write.await
}

/// The user, locked, so that codes which are missed at once are all counted; its name.
async fn require_token_owner(unit: &Unit<'_>, user: UserId) -> Result<String, Error> {
    let found = storage::user::find_for_update(&*unit.tx, user).await?.filter(User::is_active);
    let user = found.ok_or_else(Error::unauthenticated)?;
    token::require_maker(unit.caller, &user)?;
    Ok(user.username)
}

async fn waiting(unit: &Unit<'_>, code: Option<&UserCode>) -> Result<Option<DeviceGrant>, Error> {
    let Some(code) = code else { return Ok(None) };
    let found = storage::device_grant::find_by_user_code_for_update(&*unit.tx, code).await?;
    Ok(found.filter(|grant| grant.waits(unit.now)))
}

async fn client_of(unit: &Unit<'_>, grant: &DeviceGrant) -> Result<DeviceClient, Error> {
    let client = storage::device_client::find(&*unit.tx, grant.client_id).await?;
    client.ok_or_else(nothing_waits)
}

fn nothing_waits() -> Error {
    let message =
        "no device waits with this code: it may have ended, or been used; start again on the device";
    Error::new(Kind::NotFound, Reason::NotFound, message).of_field("user_code")
}

async fn record(
    unit: &Unit<'_>,
    action: Action,
    grant: &DeviceGrant,
    client: &DeviceClient,
) -> Result<(), Error> {
    let subject = Subject {
        kind: SubjectKind::DeviceAuthorizationGrant,
        id: grant.id.to_string(),
        name: client.name.clone(),
    };
    let asked = Snapshot::empty()
        .with("state", GrantState::Pending)
        .with("client_id", client.id)
        .with_some("address", grant.address);
    let decided = Snapshot::empty().with("state", grant.state).with("client_id", client.id);
    audit::record(unit, Entry::new(action, subject).changed(asked, decided)).await
}
