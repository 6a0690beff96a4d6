//! Large removals: told of, and, where that is configured, held until an admin releases them (services floor).

use crate::{
    domain::{
        actor::{Actor, Caller},
        audit::{Action, Snapshot, Subject, SubjectKind},
        count,
        id::{LargeRemovalId, OrganizationId, ScimTokenId},
        membership::Given,
        page::{Page, PageRequest},
        provisioning::{LargeRemoval, Movement, OrganizationRemoval, RemovalState},
    },
    services::{
        Error, Reason, Services, Unit, access,
        audit::{self, Entry},
        provisioning::tally::Tally,
    },
    storage::{self, provisioning::removal as stored},
};

/// A removal that was refused, on its way out of the transaction that it undid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::services) struct Held {
    removal: LargeRemoval,
    fingerprint: String,
}

/// After a change, before it is committed: one that takes too much away is noted, or refused.
pub(in crate::services) async fn check(services: &Services, unit: &Unit<'_>) -> Result<(), Error> {
    let Actor::ScimToken { id: token } = unit.caller.actor else { return Ok(()) };
    let earlier = services.observer.as_ref().map(Tally::earlier).unwrap_or_default();
    let organizations = find(services, unit, &earlier.movement).await?;
    if organizations.is_empty() {
        return Ok(());
    }
    let removal = LargeRemoval {
        id: LargeRemovalId::generate(unit.now),
        token,
        request_id: unit.caller.request_id.clone(),
        time: unit.now,
        state: RemovalState::Done,
        organizations: organizations.clone(),
        released: None,
    };
    if services.provisioning.removal.hold && !earlier.released {
        require_release(unit, removal, earlier.held).await?;
    } else if !earlier.is_told {
        stored::insert(&*unit.tx, &removal).await?;
    }
    unit.tally.put_large(organizations);
    Ok(())
}

/// Only a removal that an admin released. Of a request that is held already no more is kept.
async fn require_release(
    unit: &Unit<'_>,
    mut removal: LargeRemoval,
    held: Option<LargeRemovalId>,
) -> Result<(), Error> {
    let fingerprint = unit.tally.movement().fingerprint(removal.token, &removal.organizations);
    if stored::take_released(&*unit.tx, &fingerprint, &removal.request_id, unit.now).await? {
        unit.tally.release();
        return Ok(());
    }
    let error = refused(&removal);
    if held.is_none() {
        removal.state = RemovalState::Held;
        unit.tally.refuse(Held { removal, fingerprint });
    }
    Err(error)
}

/// The organizations from which the request takes too much, with what its earlier operations took.
async fn find(
    services: &Services,
    unit: &Unit<'_>,
    earlier: &Movement,
) -> Result<Vec<OrganizationRemoval>, Error> {
    let (rule, own) = (services.provisioning.removal, unit.tally.movement());
    let mut found = Vec::new();
    for organization_id in own.left() {
        let (now, before) = (own.of(organization_id), earlier.of(organization_id));
        let removed = count(now.removed.len()) + count(before.removed.len());
        if removed < rule.members {
            continue;
        }
        let left = storage::membership::count(&*unit.tx, organization_id, None).await?;
        let members = (left + removed).saturating_sub(now.added + before.added);
        if rule.is_large(removed, members) {
            let name = name_of(unit, organization_id).await?;
            found.push(OrganizationRemoval { organization_id, name, removed, members });
        }
    }
    Ok(found)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

async fn name_of(unit: &Unit<'_>, id: OrganizationId) -> Result<String, Error> {
    let found = storage::organization::find(&*unit.tx, id).await?;
    Ok(found.map(|organization| organization.name).unwrap_or_default())
}

fn refused(removal: &LargeRemoval) -> Error {
    let message = format!(
        "this change would remove {}, so it is held until an administrator releases it; send it again after that",
        told(&removal.organizations)
    );
    Error::precondition(Reason::LargeRemovalHeld, message)
}

/// `12 of the 20 members of acme, …`
pub(super) fn told(organizations: &[OrganizationRemoval]) -> String {
    let one = |removal: &OrganizationRemoval| {
        format!("{} of the {} of {}", removal.removed, count::things(removal.members, "member"), removal.name)
    };
    organizations.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// Keeps a removal that was refused, so that an admin can release it. Its own transaction was undone.
pub(in crate::services) async fn keep(unit: &Unit<'_>, held: &Held) -> Result<LargeRemovalId, Error> {
    Ok(stored::hold(&*unit.tx, &held.removal, &held.fingerprint).await?)
}

impl Held {
    /// Where it is large.
    pub(in crate::services) fn organizations(self) -> Vec<OrganizationRemoval> {
        self.removal.organizations
    }
}

/// One page of large removals, in the order in which they were first asked for.
///
/// # Errors
/// The caller is no server admin.
pub async fn list(
    services: &Services,
    caller: &Caller,
    request: &PageRequest,
) -> Result<Page<LargeRemoval>, Error> {
    access::require_server_admin(caller)?;
    Ok(stored::list(services.store.reader(), request).await?)
}

/// Lets a removal that is held through, once, when the IdP sends the same change again. One that is released already
/// stays so.
///
/// # Errors
/// The caller is no server admin; there is no such removal; it took place.
pub async fn release(
    services: &Services,
    caller: &Caller,
    id: LargeRemovalId,
) -> Result<LargeRemoval, Error> {
    access::require_server_admin(caller)?;
    let write = services.change(caller, |unit| async move {
        let found = stored::find_for_update(&*unit.tx, id).await?;
        let mut removal =
            found.ok_or_else(|| Error::not_found("large removal", id).of_field("large_removal_id"))?;
        match removal.state {
            RemovalState::Done => return Err(done()),
            RemovalState::Released => return Ok(removal),
            RemovalState::Held => {}
        }
        let actor = &unit.caller.actor;
        let given = Given { actor_kind: actor.kind().to_owned(), actor_id: actor.id(), time: unit.now };
        stored::release(&*unit.tx, id, &given).await?;
        let entry = Entry::new(Action::LargeRemovalReleased, subject(removal.token));
        let released =
            Snapshot::empty().with("large_removal", id).with("removes", told(&removal.organizations));
        audit::record(&unit, entry.changed(Snapshot::empty(), released)).await?;
        (removal.state, removal.released) = (RemovalState::Released, Some(given));
        Ok(removal)
    });
    write.await
}

fn subject(token: ScimTokenId) -> Subject {
    Subject { kind: SubjectKind::ScimToken, id: token.to_string(), name: String::new() }
}

fn done() -> Error {
    Error::precondition(Reason::RemovalDone, "the removal took place; there is nothing to release")
        .of_field("large_removal_id")
}
