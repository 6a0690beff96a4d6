//! What becomes of two accounts of one person when they are made one (domain floor).

use super::{Person, Provenance, User};
use crate::domain::role::ServerRole;

/// Which of the two accounts gives the SCIM resource with its groups, the state, and what is known of the person: the one that an IdP
/// pushes, which decides about both; of two, the one that is active.
#[must_use]
pub fn giver<'a>(from: &'a User, into: &'a User) -> &'a User {
    if rank(from) > rank(into) { from } else { into }
}

fn rank(user: &User) -> u8 {
    match user.provenance {
        Provenance::Provisioned | Provenance::Linked => 2 + u8::from(user.is_active()),
        Provenance::Local => 1,
        Provenance::Deprovisioned | Provenance::Deleted => 0,
    }
}

/// Whether the IdP pushes both and takes both for people of their own: which resource should go is for the IdP to say.
#[must_use]
pub fn are_both_pushed(from: &User, into: &User) -> bool {
    [from, into].iter().all(|user| user.provenance.is_pushed() && user.is_active())
}

/// The account that `into` becomes when `from` becomes part of it. `is_admin` says whether it is a server admin then.
#[must_use]
pub fn merged(from: &User, into: &User, is_admin: bool) -> User {
    let giver = giver(from, into);
    let either = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    User {
        scim_id: giver.scim_id,
        state: giver.state,
        provenance: provenance(from, into),
        pushed_by: giver.pushed_by,
        person: person(from, into),
        server_role: if is_admin { ServerRole::Admin } else { ServerRole::Member },
        description: either(&into.description, &from.description),
        url: either(&into.url, &from.url),
        version: into.version.max(from.version),
        ..into.clone()
    }
}

/// An account that an admin made and an IdP pushes is linked, whichever of the two it was.
fn provenance(from: &User, into: &User) -> Provenance {
    let giver = giver(from, into).provenance;
    let is_by_hand = |user: &&User| matches!(user.provenance, Provenance::Local | Provenance::Linked);
    if giver == Provenance::Provisioned && [from, into].iter().any(is_by_hand) {
        return Provenance::Linked;
    }
    giver
}

/// Of two local accounts the email of the one that stays, or else of the other.
fn person(from: &User, into: &User) -> Person {
    let giver = giver(from, into);
    if giver.provenance != Provenance::Local {
        return giver.person.clone();
    }
    let mut locals = [into, from].into_iter().filter(|user| user.provenance == Provenance::Local);
    Person::local(&into.username, locals.find_map(|user| user.person.email.clone()))
}
