//! Whether the derived memberships are what the facts give, organization by organization (services floor).

use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot},
        id::{OrganizationId, UserId},
        membership::{MembershipChange, effective, plan},
    },
    services::{
        Error, Services,
        audit::{self, Entry},
        membership::derive,
    },
    storage::{self, Connection, membership::Scope},
};

/// An organization whose members are not those that the facts give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The organization.
    pub organization: OrganizationId,
    /// How many memberships differ.
    pub members: usize,
}

/// Where memberships differ from the facts: nowhere, unless the database was changed behind our back.
///
/// # Errors
/// When the database fails.
pub async fn drifts(db: &impl Connection) -> Result<Vec<Drift>, Error> {
    let mut drifts = Vec::new();
    for organization in storage::inspect::organizations(db).await? {
        let members = differences(db, organization).await?.len();
        if members > 0 {
            drifts.push(Drift { organization, members });
        }
    }
    Ok(drifts)
}

/// Each difference is the change that would mend it.
async fn differences(
    db: &impl Connection,
    organization: OrganizationId,
) -> Result<Vec<MembershipChange>, Error> {
    let scope = Scope { users: None, organization: Some(organization) };
    let desired = effective(storage::membership::grants(db, scope).await?);
    Ok(plan(&storage::membership::roles(db, scope).await?, &desired))
}

/// Derives the memberships that differ anew: one audited transaction for each organization.
///
/// # Errors
/// When the database fails.
pub async fn mend(services: &Services, caller: &Caller) -> Result<Vec<Drift>, Error> {
    let mut mended = Vec::new();
    for drift in drifts(services.store.reader()).await? {
        let members = mend_organization(services, caller, drift.organization).await?;
        mended.push(Drift { members, ..drift });
    }
    Ok(mended)
}

/// How many memberships were mended.
async fn mend_organization(
    services: &Services,
    caller: &Caller,
    organization: OrganizationId,
) -> Result<usize, Error> {
    let write = services.change(caller, |unit| async move {
        let Some(found) = storage::organization::find_for_update(&*unit.tx, organization).await? else {
            return Ok(0);
        };
        let users: Vec<UserId> =
            differences(&*unit.tx, organization).await?.iter().map(|change| change.key.1).collect();
        let mended = derive(&unit, &users, Some(organization)).await?.len();
        let entry =
            Entry::new(Action::OrganizationMembersMended, audit::organization(&found)).of(organization);
        let after = Snapshot::empty().with("memberships", mended);
        audit::record(&unit, entry.changed(Snapshot::empty(), after)).await?;
        Ok(mended)
    });
    write.await
}
