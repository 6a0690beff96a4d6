//! Callers of use cases, as authentication makes them.

use roster::{
    domain::{
        actor::{Actor, Caller},
        id::UserId,
        scim_token::ClientProfile,
    },
    services::{
        Services, scim_token,
        token::{self, NewToken},
    },
};

/// The caller under which tests fill the database.
pub(crate) fn system() -> Caller {
    Caller::system("test")
}

/// This user, by a new API token.
pub(crate) async fn signed_in(services: &Services, user_id: UserId) -> Caller {
    let new = NewToken { user_id: Some(user_id), ..NewToken::default() };
    let (_, secret) = token::create(services, &system(), &new).await.unwrap();
    caller_of(services, secret.reveal()).await
}

/// The user who has this API token.
pub(crate) async fn caller_of(services: &Services, secret: &str) -> Caller {
    let (actor, _) = token::authenticate(services, secret).await.unwrap();
    Caller { actor, ..system() }
}

/// An IdP, by a new SCIM token.
pub(crate) async fn idp(services: &Services) -> Caller {
    let made = scim_token::create(services, &system(), None, ClientProfile::default()).await;
    Caller { actor: Actor::ScimToken { id: made.unwrap().0.id }, ..system() }
}
