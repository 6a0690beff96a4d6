//! Readiness: what an admin should know before and while an IdP pushes (services floor).

use std::time::Duration;

use crate::{
    domain::{actor::Caller, clock::Timestamp, scim_token::ScimToken},
    services::{Error, Services, access},
    storage::{self, provisioning::Findings},
};

/// A token that ends sooner than this is warned of.
const EXPIRY_NOTICE: Duration = Duration::from_hours(14 * 24);

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A stable word for machines.
    pub code: &'static str,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub fix: &'static str,
    /// What it concerns: names, at most 20 of them.
    pub subjects: Vec<String>,
}

/// What is worth a warning now, for the IdP that has `token`.
///
/// # Errors
/// When the database fails.
pub async fn check(services: &Services, caller: &Caller, token: &ScimToken) -> Result<Vec<Warning>, Error> {
    access::require_scim(caller)?;
    let findings = storage::provisioning::findings(services.store.reader()).await?;
    let mut warnings = warnings(findings);
    warnings.extend(token_expiry(token, services.now()));
    Ok(warnings)
}

fn warnings(found: Findings) -> Vec<Warning> {
    let no_mapping = (found.organization_groups == 0).then(|| Warning {
        code: "NO_ORGANIZATION_GROUP",
        what: "No group is mapped to an organization.".to_owned(),
        why: "Users and groups arrive, but nobody becomes a member of anything.",
        fix: "Map a group with OrganizationService/AddOrganizationGroup.",
        subjects: Vec::new(),
    });
    // one warning about mappings is enough while there are none at all
    let unmapped = if no_mapping.is_none() { found.unmapped_groups } else { Vec::new() };
    no_mapping
        .into_iter()
        .chain(listed(
            unmapped,
            "UNMAPPED_GROUPS",
            "pushed groups are mapped to no organization",
            "Their members get nothing from them.",
            "Map each with OrganizationService/AddOrganizationGroup, or stop pushing it.",
        ))
        .chain(listed(
            found.unbound_names,
            "UNPUSHED_GROUP_NAMES",
            "names are mapped to an organization, but no pushed group has them",
            "Nobody becomes a member through them; the name may be misspelt.",
            "Push a group of that name, or correct the mapping.",
        ))
        .chain(listed(
            found.users_without_email,
            "USERS_WITHOUT_WORK_EMAIL",
            "active users have no work e-mail",
            "People are matched to existing accounts by it.",
            "Map the e-mail, of type work, in the identity provider.",
        ))
        .chain(listed(
            found.shared_emails,
            "SHARED_LOCAL_EMAILS",
            "e-mail addresses are shared by several local users",
            "A push of that person cannot tell which account is meant, and is refused.",
            "Give each local user an address of their own, or deactivate the ones not in use.",
        ))
        .chain(listed(
            found.ownerless_organizations,
            "ORGANIZATIONS_WITHOUT_OWNER",
            "organizations have no owner",
            "Only server admins can manage them.",
            "Make someone an owner with OrganizationService/AddOrganizationMember, or map a group with the role OWNER.",
        ))
        .chain(listed(
            found.unknown_members,
            "UNKNOWN_GROUP_MEMBERS",
            "member ids were pushed that no user has",
            "The push took effect for everyone else; whoever is meant here has no role by the group.",
            "Push the missing users, then push the group again.",
        ))
        .collect()
}

/// A warning with its examples, if there are any.
fn listed(
    subjects: Vec<String>,
    code: &'static str,
    what: &str,
    why: &'static str,
    fix: &'static str,
) -> Option<Warning> {
    let many = if subjects.len() >= 20 { "20 or more".to_owned() } else { subjects.len().to_string() };
    (!subjects.is_empty()).then(|| Warning { code, what: format!("{many} {what}."), why, fix, subjects })
}

fn token_expiry(token: &ScimToken, now: Timestamp) -> Option<Warning> {
    let end = token.expire_time.filter(|end| *end <= now.plus(EXPIRY_NOTICE))?;
    let hours = (end.micros() - now.micros()) / 3_600_000_000;
    Some(Warning {
        code: "TOKEN_EXPIRES_SOON",
        what: format!("This SCIM token ends in {hours} hours."),
        why: "After that every push of this identity provider is refused.",
        fix: "Create a new one with SCIMTokenService/CreateSCIMToken and put it into the identity provider.",
        subjects: vec![token.id.to_string()],
    })
}
