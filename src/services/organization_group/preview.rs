//! What a change of a mapping would do, told before it is made, by the plan of the real change and with its
//! errors; nothing is written (services floor).

use super::{RoleChange, mapped_already, not_mapped};
use crate::{
    domain::{
        actor::Caller,
        id::{IdpGroupId, OrganizationGroupId, OrganizationId, UserId},
        membership::{Counts, Effect, Effective, Grant, MembershipChange, SourcedGrant, effective, effects},
        name,
        page::{Page, PageRequest},
        role::{OrganizationRole, RoleSource},
    },
    services::{
        Error, Services, access, group_release,
        membership::{USERS, last_owner},
        organization,
        user::Ref,
    },
    storage::{self, Connection, membership::Scope},
};

/// A change of one mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// As [`super::add`].
    Add(Option<OrganizationRole>),
    /// As [`super::update`].
    Update(RoleChange),
    /// As [`super::remove`].
    Remove,
}

/// What a change would do to each member of the group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview(Vec<MembershipChange>);

impl Preview {
    /// What these are the effects of.
    pub(in crate::services) fn of(effects: Vec<MembershipChange>) -> Self {
        Self(effects)
    }

    /// How many it would do what to.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.0)
    }

    /// Everyone who is a member before or after, in the order of the accounts' creation.
    #[must_use]
    pub fn effects(&self) -> &[MembershipChange] {
        &self.0
    }

    /// One page of the effects with the names of the users; those who stay are left out unless asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page(
        &self,
        services: &Services,
        include_staying: bool,
        request: &PageRequest,
    ) -> Result<Page<(MembershipChange, String)>, Error> {
        let wanted = |change: &&MembershipChange| include_staying || change.effect() != Effect::Staying;
        let later = |change: &&MembershipChange| request.after.is_none_or(|last| change.key.1.uuid() > last);
        let rows = self.0.iter().filter(wanted).filter(later).copied();
        let size = usize::try_from(request.size).unwrap_or(usize::MAX).saturating_add(1);
        let page = Page::from_rows(rows.take(size).collect(), request, |change| change.key.1.uuid());
        let users = page.items.iter().map(|change| change.key.1).collect();
        let names = storage::membership::accounts(services.store.reader(), &users).await?;
        Ok(page.map(|change| (change, names.get(&change.key.1).cloned().unwrap_or_default())))
    }
}

/// What `proposal` would do to the members of `organization`.
///
/// # Errors
/// Those of the change.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    organization: &Ref<OrganizationId>,
    group_name: &str,
    proposal: Proposal,
) -> Result<Preview, Error> {
    if matches!(proposal, Proposal::Add(_)) {
        name::check_group_name("group_name", group_name)?;
    }
    let named = |error: Error| error.of_field("organization_ref");
    let found =
        organization::get(services, caller, std::slice::from_ref(organization)).await.map_err(named)?;
    let id = found.first().ok_or_else(|| named(Error::not_found("organization", "")))?.id;
    let db = services.store.reader();
    let (_, own) = access::require_role(db, caller, id, OrganizationRole::Admin).await?;
    let proposed = propose(db, (caller, own), id, group_name, proposal).await?;
    let effects = proposed.effects(db).await?;
    require_owner(db, id, &effects).await?;
    Ok(Preview(effects))
}

/// A mapping as it would be.
struct Proposed {
    organization: OrganizationId,
    /// The mapping, when it is there.
    old: Option<OrganizationGroupId>,
    /// The pushed group, when there is one.
    group: Option<IdpGroupId>,
    /// The role that it would give; none when it would be gone.
    role: Option<OrganizationRole>,
}

/// The decisions of [`super::add`], [`super::update`] and [`super::remove`].
async fn propose(
    db: &impl Connection,
    (caller, own): (&Caller, OrganizationRole),
    organization: OrganizationId,
    group_name: &str,
    proposal: Proposal,
) -> Result<Proposed, Error> {
    let old = storage::organization_group::find(db, organization, group_name).await?;
    let (old, role) = match (proposal, old) {
        (Proposal::Add(role), old) => {
            access::require_not_above(own, role)?;
            if let Some(old) = old.as_ref().filter(|old| old.role_override != role) {
                return Err(mapped_already(old));
            }
            if old.is_none() {
                group_release::require_visible(db, caller, organization, group_name).await?;
            }
            (old, Some(role.unwrap_or(OrganizationRole::Member)))
        }
        (_, None) => return Err(not_mapped(group_name)),
        (Proposal::Update(change), Some(old)) => {
            let role = change.apply(old.role_override);
            access::require_not_above(own, role.into_iter().chain([old.role()]))?;
            (Some(old), Some(role.unwrap_or(OrganizationRole::Member)))
        }
        (Proposal::Remove, Some(old)) => {
            access::require_not_above(own, [old.role()])?;
            (Some(old), None)
        }
    };
    let group = match &old {
        Some(old) => old.group_id,
        None => storage::idp_group::find_by_name(db, group_name).await?.map(|group| group.id),
    };
    Ok(Proposed { organization, old: old.map(|old| old.id), group, role })
}

impl Proposed {
    /// What becomes of the group's members, as many at once as a change derives at once.
    async fn effects(&self, db: &impl Connection) -> Result<Vec<MembershipChange>, Error> {
        let Some(group) = self.group else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for users in storage::idp_group::members::list_user_ids(db, group).await?.chunks(USERS) {
            let scope = Scope { users: Some(users), organization: Some(self.organization) };
            let mut now = storage::membership::sources(db, scope).await?;
            now.retain(|sourced| sourced.active);
            let active = storage::membership::active(db, users).await?;
            let current = effective(now.iter().map(|sourced| sourced.grant));
            all.extend(effects(&current, &effective(self.grants(&now, &active))));
        }
        Ok(all)
    }

    /// The grants that there would be: those that do not come through the mapping, and what it would give.
    fn grants(&self, now: &[SourcedGrant], active: &[UserId]) -> Vec<Grant> {
        let through =
            |sourced: &SourcedGrant| sourced.through.as_ref().map(|through| through.organization_group_id);
        let others = now.iter().filter(|sourced| self.old.is_none() || through(sourced) != self.old);
        let mut grants: Vec<Grant> = others.map(|sourced| sourced.grant).collect();
        if let Some(role) = self.role {
            let held = Effective { role, source: RoleSource::IdpGroup };
            let given = |user: &UserId| Grant { key: (self.organization, *user), effective: held };
            grants.extend(active.iter().map(given));
        }
        grants
    }
}

/// As the change, which may not leave an organization without an owner that had one.
async fn require_owner(
    db: &impl Connection,
    organization: OrganizationId,
    effects: &[MembershipChange],
) -> Result<(), Error> {
    let owner = |held: Option<Effective>| held.is_some_and(|held| held.role == OrganizationRole::Owner);
    let lost = effects.iter().filter(|change| owner(change.before) && !owner(change.after)).count();
    let gained = effects.iter().filter(|change| !owner(change.before) && owner(change.after)).count();
    let now = storage::membership::count(db, organization, Some(OrganizationRole::Owner)).await?;
    let left = usize::try_from(now).unwrap_or(usize::MAX).saturating_add(gained).saturating_sub(lost);
    if lost > 0 && left == 0 { Err(last_owner()) } else { Ok(()) }
}
