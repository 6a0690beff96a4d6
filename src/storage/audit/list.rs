//! Reading the audit log: facts and changes of roles as one list (storage floor).

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
};
use uuid::Uuid;

use crate::{
    domain::{
        audit::{
            Action, Subject, SubjectKind,
            recorded::{
                AuditQuery, Event, EventAt, EventKey, Fact, Recorded, RecordedActor, RecordedRequest,
                RoleChanged,
            },
        },
        clock::Timestamp,
        id::AuditEventId,
        membership::Effective,
        page::Page,
        role::RoleSource,
    },
    storage::{Error, Sql, decode, entity::audit_event, organization::role_from},
};

/// One page of the log, oldest first. An entry whose transaction began before others and ended after them takes
/// its place by the time at which it began.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, query: &AuditQuery) -> Result<Page<Recorded>, Error> {
    let mut entries = facts(db, query).await?;
    entries.extend(roles(db, query).await?);
    entries.sort_by_key(|(key, _)| *key);
    let mut page = Page::from_rows(entries, &query.page, |(key, _)| *key).map(|(_, entry)| entry);
    tell_requests(db, &mut page.items).await?;
    tell_deleted_organizations(db, &mut page.items).await?;
    Ok(page)
}

type Entry = (EventKey, Recorded);

async fn facts(db: &impl ConnectionTrait, query: &AuditQuery) -> Result<Vec<Entry>, Error> {
    use audit_event::Column;
    let actions = query.actions.iter().map(|action| action.code());
    let within = Condition::all()
        .add_option(query.start.map(|start| Column::Time.gte(start.micros())))
        .add_option(query.end.map(|end| Column::Time.lt(end.micros())))
        .add_option(query.page.after.map(fact_after))
        .add(Column::Action.is_in(actions));
    let found = audit_event::Entity::find().filter(within);
    let found = found.order_by_asc(Column::Time).order_by_asc(Column::Id);
    let rows = found.limit(u64::from(query.page.size) + 1).all(db).await?;
    rows.into_iter().map(fact_from).collect()
}

/// What comes later, said in a way that lets the index of times begin there.
fn fact_after(after: EventKey) -> Condition {
    use audit_event::Column;
    let time = after.time.micros();
    match after.at {
        EventAt::Fact(id) => {
            let behind = Condition::any().add(Column::Time.gt(time)).add(Column::Id.gt(id));
            Condition::all().add(Column::Time.gte(time)).add(behind)
        }
        EventAt::Role(_) => Condition::all().add(Column::Time.gt(time)),
    }
}

fn fact_from(row: audit_event::Model) -> Result<Entry, Error> {
    let time = Timestamp::from_micros(row.time);
    let kind = decode("subject kind", SubjectKind::from_code(row.subject_kind))?;
    let fact = Fact {
        action: decode("action", Action::from_code(row.action))?,
        subject: Subject { kind, id: row.subject_id, name: row.subject_name },
        organization_id: row.organization_id.map(Into::into),
        before: snapshot_from(&row.before)?,
        after: snapshot_from(&row.after)?,
    };
    let entry = Recorded {
        id: row.id.into(),
        time,
        actor: RecordedActor { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
        request: RecordedRequest { id: row.request_id, address: row.address, user_agent: row.user_agent },
        event: Event::Fact(fact),
    };
    Ok((EventKey { time, at: EventAt::Fact(row.id) }, entry))
}

fn snapshot_from(text: &str) -> Result<BTreeMap<String, String>, Error> {
    decode("snapshot", serde_json::from_str(text).ok())
}

async fn roles(db: &impl ConnectionTrait, query: &AuditQuery) -> Result<Vec<Entry>, Error> {
    let mut sql = Sql::new(
        "SELECT m.revision, m.time, m.organization_id, m.user_id, m.old_role, m.old_source, m.new_role, \
         m.new_source, m.actor_kind, m.actor_id, m.request_id, o.name, u.username FROM membership_event m \
         LEFT JOIN organization o ON o.id = m.organization_id",
    );
    sql.push(r#" LEFT JOIN "user" u ON u.id = m.user_id WHERE 1 = 1"#);
    if let Some(start) = query.start {
        sql.push(" AND m.time >= ").bind(start.micros());
    }
    if let Some(end) = query.end {
        sql.push(" AND m.time < ").bind(end.micros());
    }
    if let Some(after) = query.page.after {
        let time = after.time.micros();
        sql.push(" AND m.time >= ").bind(time);
        if let EventAt::Role(revision) = after.at {
            sql.push(" AND (m.time > ").bind(time).push(" OR m.revision > ").bind(revision).push(")");
        }
    }
    sql.push(" ORDER BY m.time, m.revision LIMIT ").bind(i64::from(query.page.size) + 1);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(role_change_from).collect()
}

fn role_change_from(row: &QueryResult) -> Result<Entry, Error> {
    let (revision, time): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let time = Timestamp::from_micros(time);
    let (organization, user): (Uuid, Uuid) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let change = RoleChanged {
        organization_id: organization.into(),
        organization_name: row.try_get_by_index::<Option<String>>(11)?.unwrap_or_default(),
        user_id: user.into(),
        username: row.try_get_by_index::<Option<String>>(12)?.unwrap_or_default(),
        before: effective_from(row.try_get_by_index(4)?, row.try_get_by_index(5)?)?,
        after: effective_from(row.try_get_by_index(6)?, row.try_get_by_index(7)?)?,
    };
    let actor =
        RecordedActor { kind: row.try_get_by_index(8)?, id: row.try_get_by_index(9)?, name: String::new() };
    let request = RecordedRequest { id: row.try_get_by_index(10)?, ..RecordedRequest::default() };
    let id = AuditEventId::of_revision(time, revision);
    let entry = Recorded { id, time, actor, request, event: Event::Role(change) };
    Ok((EventKey { time, at: EventAt::Role(revision) }, entry))
}

fn effective_from(role: Option<i16>, source: Option<i16>) -> Result<Option<Effective>, Error> {
    let (Some(role), Some(source)) = (role, source) else { return Ok(None) };
    let source = decode("role source", RoleSource::from_code(source))?;
    Ok(Some(Effective { role: role_from(role)?, source }))
}

/// A change of a role is recorded with its actor and request alone; the fact of the same transaction, which has
/// the same time, tells the rest.
async fn tell_requests(db: &impl ConnectionTrait, entries: &mut [Recorded]) -> Result<(), Error> {
    let is_role = |entry: &&Recorded| matches!(entry.event, Event::Role(_));
    let times: Vec<_> = entries.iter().filter(is_role).map(|entry| entry.time.micros()).collect();
    if times.is_empty() {
        return Ok(());
    }
    let facts = audit_event::Entity::find().filter(audit_event::Column::Time.is_in(times));
    let mut known = HashMap::new();
    for fact in facts.all(db).await? {
        known.insert((fact.time, fact.request_id), (fact.actor_name, fact.address, fact.user_agent));
    }
    for entry in entries.iter_mut().filter(|entry| matches!(entry.event, Event::Role(_))) {
        let key = (entry.time.micros(), entry.request.id.clone());
        if let Some((name, address, user_agent)) = known.get(&key).cloned() {
            entry.actor.name = name;
            entry.request = RecordedRequest { address, user_agent, ..std::mem::take(&mut entry.request) };
        }
    }
    Ok(())
}

/// An organization that was deleted since is named by the row of its deletion.
async fn tell_deleted_organizations(
    db: &impl ConnectionTrait,
    entries: &mut [Recorded],
) -> Result<(), Error> {
    let mut unnamed: Vec<_> = entries.iter_mut().filter_map(|entry| unnamed(&mut entry.event)).collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    let ids = unnamed.iter().map(|change| change.organization_id.uuid());
    let deletions = audit_event::Entity::find()
        .filter(audit_event::Column::Action.eq(Action::OrganizationDeleted.code()))
        .filter(audit_event::Column::OrganizationId.is_in(ids));
    let rows = deletions.all(db).await?.into_iter();
    let names: HashMap<_, _> = rows.map(|row| (row.organization_id, row.subject_name)).collect();
    for change in &mut unnamed {
        if let Some(name) = names.get(&Some(change.organization_id.uuid())) {
            change.organization_name.clone_from(name);
        }
    }
    Ok(())
}

fn unnamed(event: &mut Event) -> Option<&mut RoleChanged> {
    match event {
        Event::Role(change) if change.organization_name.is_empty() => Some(change),
        Event::Role(_) | Event::Fact(_) => None,
    }
}
