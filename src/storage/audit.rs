//! The audit log (storage floor).

mod list;

pub use list::list;

use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, JsonValue, QueryTrait};

use super::{Along as _, Error, Open, entity::audit_event};
use crate::domain::{
    actor::Actor,
    audit::{AuditEvent, Snapshot},
    id::OrganizationId,
};

/// Writes rows of the log, together with the next statement of the transaction or at its end.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &Open, events: &[AuditEvent]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let rows = events.iter().map(|event| to_row(event).into_active_model());
    let insert = audit_event::Entity::insert_many(rows).build(db.get_database_backend());
    Ok(db.along(insert).await?)
}

fn to_row(event: &AuditEvent) -> audit_event::Model {
    let caller = &event.caller;
    audit_event::Model {
        id: event.id.uuid(),
        time: event.time.micros(),
        action: event.action.code(),
        actor_kind: caller.actor.kind().to_owned(),
        actor_id: caller.actor.id(),
        actor_name: match &caller.actor {
            Actor::User { username, .. } => username.clone(),
            Actor::ScimToken { .. } => caller.token_name.clone(),
            Actor::System => String::new(),
        },
        subject_kind: event.subject.kind.code(),
        subject_id: event.subject.id.clone(),
        subject_name: event.subject.name.clone(),
        organization_id: event.organization_id.map(OrganizationId::uuid),
        before: to_json(&event.before),
        after: to_json(&event.after),
        request_id: caller.request_id.clone(),
        address: caller.address.map(|address| address.to_string()),
        user_agent: caller.user_agent.clone(),
    }
}

fn to_json(snapshot: &Snapshot) -> String {
    let values = snapshot.iter().map(|(name, value)| (name.to_owned(), JsonValue::from(value)));
    JsonValue::Object(values.collect()).to_string()
}
