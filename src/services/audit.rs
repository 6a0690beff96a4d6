//! The audit log: written in the transaction of the change, read by server admins (services floor).

use super::{Error, Services, Unit, access};
use crate::{
    domain::{
        actor::Caller,
        audit::{
            Action, AuditEvent, Snapshot, Subject, SubjectKind,
            recorded::{AuditQuery, Recorded},
        },
        id::{AuditEventId, OrganizationId},
        idp_group::IdpGroup,
        organization::{Organization, OrganizationGroup},
        page::Page,
        user::User,
    },
    storage,
};

/// What one row of the log tells, beside who did it and when.
pub(super) struct Entry {
    pub(super) action: Action,
    pub(super) subject: Subject,
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) before: Snapshot,
    pub(super) after: Snapshot,
}

impl Entry {
    /// A row about `action` on `subject`.
    pub(super) fn new(action: Action, subject: Subject) -> Self {
        let (before, after) = (Snapshot::empty(), Snapshot::empty());
        Self { action, subject, organization_id: None, before, after }
    }

    /// The same row, with what was and what is.
    pub(super) fn changed(self, before: Snapshot, after: Snapshot) -> Self {
        Self { before, after, ..self }
    }

    /// The same row, of this organization.
    pub(super) fn of(self, organization: OrganizationId) -> Self {
        Self { organization_id: Some(organization), ..self }
    }
}

/// Writes one row.
pub(super) async fn record(unit: &Unit<'_>, entry: Entry) -> Result<(), Error> {
    let event = AuditEvent {
        id: AuditEventId::generate(unit.now),
        time: unit.now,
        action: entry.action,
        caller: unit.caller.clone(),
        subject: entry.subject,
        organization_id: entry.organization_id,
        before: entry.before,
        after: entry.after,
    };
    Ok(storage::audit::insert(&unit.tx, &[event]).await?)
}

/// One page of the log, oldest first: the facts that `query` asks for, and every change of an effective role.
///
/// # Errors
/// The caller is no server admin.
pub async fn list(services: &Services, caller: &Caller, query: &AuditQuery) -> Result<Page<Recorded>, Error> {
    access::require_server_admin(caller)?;
    Ok(storage::audit::list(services.store.reader(), query).await?)
}

/// A user as the subject of a row.
pub(super) fn user(user: &User) -> Subject {
    Subject { kind: SubjectKind::User, id: user.id.to_string(), name: user.username.clone() }
}

/// An organization as the subject of a row.
pub(super) fn organization(organization: &Organization) -> Subject {
    let (id, name) = (organization.id.to_string(), organization.name.clone());
    Subject { kind: SubjectKind::Organization, id, name }
}

/// A group as the subject of a row.
pub(super) fn idp_group(group: &IdpGroup) -> Subject {
    let (id, name) = (group.id.to_string(), group.push.display_name.clone());
    Subject { kind: SubjectKind::IdpGroup, id, name }
}

/// What matters of a user.
pub(super) fn user_snapshot(user: &User) -> Snapshot {
    let person = &user.person;
    Snapshot::empty()
        .with("username", &user.username)
        .with("state", user.state)
        .with("server_role", user.server_role)
        .with("provenance", user.provenance)
        .with("description", &user.description)
        .with("url", &user.url)
        .with("verification", user.verification)
        .with("user_name", &person.user_name)
        .with_some("external_id", person.external_id.as_ref())
        .with_some("given_name", person.given_name.as_ref())
        .with_some("family_name", person.family_name.as_ref())
        .with_some("email", person.email.as_ref())
        .with_some("scim", Some(&person.document).filter(|document| !document.is_empty()))
}

/// What matters of an organization.
pub(super) fn organization_snapshot(organization: &Organization) -> Snapshot {
    Snapshot::empty()
        .with("name", &organization.name)
        .with("description", &organization.description)
        .with("url", &organization.url)
        .with("verification", organization.verification)
        .with("repository_base_role", organization.repository_base_role)
}

/// What matters of a mapping.
pub(super) fn mapping_snapshot(mapping: &OrganizationGroup) -> Snapshot {
    Snapshot::empty()
        .with("group_name", &mapping.group_name)
        .with_some("role_override", mapping.role_override)
        .with_some("idp_group", mapping.group_id)
}
