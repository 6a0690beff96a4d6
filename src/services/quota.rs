//! How many of a thing one caller, one organization or one group may have (services floor).
//!
//! Each is counted in the transaction that makes one more, while it holds the row of that whose they are: however many ask at
//! once, none gets beyond the limit. The program itself, as in `roster bootstrap`, has none.

use super::{Error, Kind, Reason, Services, Unit};
use crate::{
    domain::{actor::Actor, id::UserId, organization::OrganizationGroup},
    storage,
};

/// Who may make organizations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Creators {
    /// Every user.
    #[default]
    Everyone,
    /// Server admins.
    Admins,
}

/// How many at most; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Who may make organizations.
    pub creators: Creators,
    /// Organizations that one user makes who is no server admin.
    pub organizations_per_user: u64,
    /// API tokens of one user.
    pub tokens_per_user: u64,
    /// Groups that are mapped to one organization.
    pub groups_per_organization: u64,
    /// Organizations that one group is mapped to.
    pub organizations_per_group: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            creators: Creators::Everyone,
            organizations_per_user: 50,
            tokens_per_user: 100,
            groups_per_organization: 200,
            organizations_per_group: 50,
        }
    }
}

impl Services {
    /// The same, with these limits on how many there may be of a thing.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        self.with(|shared| shared.quotas = quotas)
    }
}

/// Before `owner` makes organizations of these names. One that is deleted counts as long as its name is kept for it.
///
/// # Errors
/// The owner may make none, or not so many.
pub(super) async fn organizations(
    services: &Services,
    unit: &Unit<'_>,
    owner: UserId,
    names: &[String],
) -> Result<(), Error> {
    if unit.caller.actor.is_server_admin() {
        return Ok(());
    }
    if services.quotas.creators == Creators::Admins {
        let message = "only a server admin may make organizations here (quotas.create_organizations)";
        return Err(Error::new(Kind::PermissionDenied, Reason::ServerAdminRequired, message));
    }
    let limit = services.quotas.organizations_per_user;
    if limit == 0 {
        return Ok(());
    }
    storage::user::lock(&*unit.tx, &[owner]).await?;
    let made = storage::organization::count_made_by(&*unit.tx, owner, names).await?;
    let new = u64::try_from(names.len()).unwrap_or(u64::MAX);
    let what = "organizations made by one user, deleted ones included";
    require(made.saturating_add(new), limit, what, "quotas.organizations_per_user")
}

/// Before the caller makes one more API token of `owner`.
///
/// # Errors
/// There are as many as there may be.
pub(super) async fn token_by_caller(
    services: &Services,
    unit: &Unit<'_>,
    owner: UserId,
) -> Result<(), Error> {
    if unit.caller.actor == Actor::System { Ok(()) } else { token(services, unit, owner).await }
}

/// Before one more API token of `owner`, for a device as well.
///
/// # Errors
/// There are as many as there may be.
pub(super) async fn token(services: &Services, unit: &Unit<'_>, owner: UserId) -> Result<(), Error> {
    let limit = services.quotas.tokens_per_user;
    if limit == 0 {
        return Ok(());
    }
    storage::user::lock(&*unit.tx, &[owner]).await?;
    let count = storage::token::count_of_user(&*unit.tx, owner).await?;
    require(count.saturating_add(1), limit, "API tokens of one user", "quotas.tokens_per_user")
}

/// Before one more mapping; the organization, the name and the group are held.
///
/// # Errors
/// There are as many as there may be.
pub(super) async fn mapping(
    services: &Services,
    unit: &Unit<'_>,
    new: &OrganizationGroup,
) -> Result<(), Error> {
    let (quotas, tx) = (&services.quotas, &*unit.tx);
    if unit.caller.actor == Actor::System {
        return Ok(());
    }
    if quotas.groups_per_organization > 0 {
        let count = storage::organization_group::count_of_organization(tx, new.organization_id).await?;
        let what = "groups mapped to one organization";
        require(
            count.saturating_add(1),
            quotas.groups_per_organization,
            what,
            "quotas.groups_per_organization",
        )?;
    }
    if quotas.organizations_per_group > 0 {
        let count = storage::organization_group::count_of_name(tx, &new.group_name).await?;
        let what = "organizations that one group is mapped to";
        require(
            count.saturating_add(1),
            quotas.organizations_per_group,
            what,
            "quotas.organizations_per_group",
        )?;
    }
    Ok(())
}

fn require(count: u64, limit: u64, what: &str, key: &str) -> Result<(), Error> {
    if count <= limit {
        return Ok(());
    }
    let message = format!(
        "there may be {limit} {what}, and no more: delete some, or ask the operator to raise {key} in the configuration"
    );
    Err(Error::new(Kind::TooMuch, Reason::QuotaExceeded, message))
}
