//! Readiness: what an admin should know before and while an IdP pushes (services floor).

use std::time::Duration;

use crate::{
    domain::{
        actor::Caller,
        clock::Timestamp,
        count,
        id::ScimTokenId,
        provisioning::{LargeRemoval, Pause, RemovalState, WarningKind},
        scim_token::ScimToken,
    },
    services::{Error, Services, access, provisioning::removal},
    storage::{
        self,
        provisioning::{Findings, Refusal},
    },
};

/// A token that ends sooner than this is warned of.
const EXPIRY_NOTICE: Duration = Duration::from_hours(14 * 24);

/// For how long a large removal that took place is warned of.
const REMOVAL_NOTICE: Duration = Duration::from_hours(24);

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub fix: &'static str,
    /// What it concerns: names, at most 20 of them.
    pub subjects: Vec<String>,
}

/// How provisioning goes, for an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is worth a warning.
    pub warnings: Vec<Warning>,
    /// What is paused.
    pub pauses: Vec<Pause>,
}

/// What is worth a warning now, for the IdP that has `token`.
///
/// # Errors
/// When the database fails.
pub async fn check(services: &Services, caller: &Caller, token: &ScimToken) -> Result<Vec<Warning>, Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let standing = storage::standing::of_scim_token(db, token.id).await?;
    let mut warnings: Vec<_> = standing.and_then(|now| now.pause).iter().map(paused).collect();
    warnings.extend(of_removals(services, Some(token.id)).await?);
    warnings.extend(of_findings(storage::provisioning::findings(db).await?));
    warnings.extend(token_end(token, services.now()));
    Ok(warnings)
}

/// How provisioning goes by all SCIM tokens.
///
/// # Errors
/// The caller is no server admin.
pub async fn report(services: &Services, caller: &Caller) -> Result<Report, Error> {
    access::require_server_admin(caller)?;
    let (db, now) = (services.store.reader(), services.now());
    let pauses = storage::provisioning::pause::list(db).await?;
    let mut warnings: Vec<_> = pauses.iter().map(paused).collect();
    warnings.extend(of_removals(services, None).await?);
    warnings.extend(of_findings(storage::provisioning::findings(db).await?));
    let ending = storage::scim_token::list_ending(db, now.plus(EXPIRY_NOTICE)).await?;
    warnings.extend(ending.iter().filter_map(|token| token_end(token, now)));
    Ok(Report { warnings, pauses })
}

/// The large removals that wait, and those of the last day; of one token, or of all.
async fn of_removals(services: &Services, token: Option<ScimTokenId>) -> Result<Vec<Warning>, Error> {
    let since = services.now().minus(REMOVAL_NOTICE);
    let found = storage::provisioning::removal::list_pressing(services.store.reader(), since).await?;
    let (held, done): (Vec<_>, Vec<_>) = found
        .iter()
        .filter(|removal| token.is_none_or(|token| removal.token == token))
        .partition(|removal| removal.state == RemovalState::Held);
    let subjects = |removals: &[&LargeRemoval]| {
        removals
            .iter()
            .map(|found| format!("{}: {}", found.id, removal::told(&found.organizations)))
            .collect()
    };
    let held = listed(
        subjects(&held),
        WarningKind::LargeRemovalHeld,
        "request|requests that would remove much of an organization is|are held",
        "They are refused, and what they remove stays, until an administrator releases them.",
        "Look at each with `roster provisioning removals`; if it is meant, `roster provisioning release ID` lets it through when the identity provider sends it again.",
    );
    let done = listed(
        subjects(&done),
        WarningKind::LargeRemoval,
        "request|requests removed much of an organization in the last day",
        "Assignments may have been lost in the identity provider by mistake.",
        "Look at each with `roster provisioning list`; assign the groups again if it was not meant.",
    );
    Ok(held.into_iter().chain(done).collect())
}

fn paused(pause: &Pause) -> Warning {
    let which = if pause.scope.is_some() { "with this SCIM token" } else { "with every SCIM token" };
    Warning {
        kind: WarningKind::ProvisioningPaused,
        what: format!("Provisioning {which} is paused: {}", pause.reason),
        why: "Every write is refused; the identity provider may give up after some time.",
        fix: "Resume it with `roster provisioning resume`.",
        subjects: pause.scope.iter().map(ToString::to_string).collect(),
    }
}

fn of_findings(found: Findings) -> Vec<Warning> {
    let no_mapping = (found.organization_groups == 0).then(|| Warning {
        kind: WarningKind::NoOrganizationGroup,
        what: "No group is mapped to an organization.".to_owned(),
        why: "Users and groups arrive, but nobody becomes a member of anything.",
        fix: "Map a group with `roster group map GROUP ORGANIZATION`.",
        subjects: Vec::new(),
    });
    // one warning about mappings is enough while there are none at all
    let unmapped = if no_mapping.is_none() { found.unmapped_groups } else { Vec::new() };
    refused(&found.refused_deactivations)
        .into_iter()
        .chain(no_mapping)
        .chain(listed(
            unmapped,
            WarningKind::UnmappedGroups,
            "pushed group|groups is|are mapped to no organization",
            "Their members get nothing from them.",
            "Map each with `roster group map GROUP ORGANIZATION`, or stop pushing it.",
        ))
        .chain(listed(
            found.unbound_names,
            WarningKind::UnpushedGroupNames,
            "name|names is|are mapped to an organization, but no pushed group has it|them",
            "Nobody becomes a member through them; the name may be misspelt.",
            "Push a group of that name, or correct the mapping.",
        ))
        .chain(listed(
            found.users_without_email,
            WarningKind::UsersWithoutWorkEmail,
            "active user|users has|have no work e-mail",
            "People are matched to existing accounts by it.",
            "Map the e-mail, of type work, in the identity provider.",
        ))
        .chain(listed(
            found.shared_emails,
            WarningKind::SharedLocalEmails,
            "e-mail address|addresses is|are shared by several local users",
            "A push of that person cannot tell which account is meant, and is refused.",
            "Give each local user an address of their own, or deactivate the ones not in use.",
        ))
        .chain(listed(
            found.possible_duplicates,
            WarningKind::PossibleDuplicate,
            "pair|pairs of accounts may be one person's: they have one email",
            "Each has only its own roles, and a push changes one of them alone.",
            "Merge them with `roster user merge FROM INTO`, which shows first what becomes of them, or delete the one that nobody needs.",
        ))
        .chain(listed(
            found.local_users_without_email,
            WarningKind::LocalUsersWithoutEmail,
            "local user|users has|have no email",
            "No push can match them: the identity provider makes second accounts of them.",
            "Set the emails with `roster user email set`, or `roster user import` for many.",
        ))
        .chain(listed(
            found.shared_admin_emails,
            WarningKind::SharedAdminEmails,
            "e-mail address|addresses that makes|make a server admin is|are that|those of several accounts",
            "It cannot be told which account is meant: none of them is a server admin by the address.",
            "Give each person an address of their own in the identity provider, or deactivate the accounts not in use.",
        ))
        .chain(listed(
            found.ownerless_organizations,
            WarningKind::OrganizationsWithoutOwner,
            "organization|organizations has|have no owner",
            "Only server admins can manage them.",
            "Make someone an owner with `roster organization add ORGANIZATION USER --role owner`, or map a group with `roster group map GROUP ORGANIZATION --role owner`.",
        ))
        .chain(listed(
            found.unknown_members,
            WarningKind::UnknownGroupMembers,
            "member id|ids was|were pushed that no user has",
            "The push took effect for everyone else; whoever is meant here has no role by the group.",
            "Push the missing users, then push the group again.",
        ))
        .collect()
}

/// The most urgent of all: who left can still come in.
fn refused(found: &[Refusal]) -> Option<Warning> {
    let subjects = found.iter().map(|one| format!("{} ({}): {}", one.user_name, one.scim_id, one.detail));
    listed(
        subjects.collect(),
        WarningKind::DeactivationRefused,
        "user|users should have been deactivated by a request that was refused",
        "They are active still, and the identity provider may not try again.",
        "Mend what the refusal names and deactivate them again in the identity provider, or deactivate them with `roster user deactivate`.",
    )
}

/// A warning with its examples, if there are any; each `one|many` in `what` goes with their number.
fn listed(
    subjects: Vec<String>,
    kind: WarningKind,
    what: &str,
    why: &'static str,
    fix: &'static str,
) -> Option<Warning> {
    let many = if subjects.len() >= 20 { "20 or more".to_owned() } else { subjects.len().to_string() };
    let what = count::formed(u64::try_from(subjects.len()).unwrap_or(u64::MAX), what);
    (!subjects.is_empty()).then(|| Warning { kind, what: format!("{many} {what}."), why, fix, subjects })
}

fn token_end(token: &ScimToken, now: Timestamp) -> Option<Warning> {
    let end = token.expire_time.filter(|end| *end <= now.plus(EXPIRY_NOTICE))?;
    let hours = (end.micros() - now.micros()).div_euclid(3_600_000_000);
    let (kind, what) = if end > now {
        (
            WarningKind::TokenExpiresSoon,
            format!("This SCIM token ends in {}.", count::things(hours.unsigned_abs(), "hour")),
        )
    } else {
        (WarningKind::TokenExpired, "This SCIM token has ended.".to_owned())
    };
    Some(Warning {
        kind,
        what,
        why: "After that every push of this identity provider is refused.",
        fix: "Create a new one with `roster scim-token create` and put it into the identity provider; delete the old one.",
        subjects: vec![token.id.to_string()],
    })
}
