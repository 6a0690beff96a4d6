//! The derived memberships, the grants they come from, and the events of their changes (storage floor).

mod asked;
mod event;
mod retention;
mod sources;

pub use asked::{Found, Key, Named, Wanted, accounts, active, named, one, roles_of};
pub(super) use event::lock_revisions;
pub use event::{events, revision, roles_after};
pub use retention::{forget, horizon};
pub use sources::sources;

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryResult, Value};

use super::{
    Along, Error, Sql, decode, entity, organization::role_from, organization_group::rollout::REACHED, user,
};
use crate::domain::{
    actor::Caller,
    clock::Timestamp,
    id::{OrganizationId, UserId},
    membership::{Effective, Grant, MemberKey, MembershipChange, OrganizationMember, Roles},
    page::{Page, PageRequest},
    role::{OrganizationRole, RoleSource},
    user::UserType,
};

/// Rows that one statement writes: well under the number of values that SQLite takes.
const ROWS: usize = 500;

/// Whose memberships, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Of these users; of all when there is no list.
    pub users: Option<&'a [UserId]>,
    /// In this organization; in all when there is none.
    pub organization: Option<OrganizationId>,
}

/// What the facts give the active ones of these users: every grant of every source.
///
/// # Errors
/// When the database fails.
pub async fn grants(db: &impl ConnectionTrait, scope: Scope<'_>) -> Result<Vec<Grant>, Error> {
    let mut sql = Sql::new("SELECT r.organization_id, r.user_id, r.role, r.source FROM organization_role r");
    sql.push(r#" JOIN "user" u ON u.id = r.user_id WHERE u.state = 1"#);
    restrict(&mut sql, scope, "r.user_id", "r.organization_id");
    sql.push(" UNION ALL SELECT g.organization_id, m.user_id, COALESCE(g.role_override, CAST(");
    sql.push(&OrganizationRole::Member.code().to_string()).push(" AS smallint)), CAST(");
    sql.push(&RoleSource::IdpGroup.code().to_string()).push(" AS smallint) FROM idp_group_member m");
    sql.push(" JOIN organization_group g ON g.group_id = m.group_id");
    sql.push(r#" JOIN "user" u ON u.id = m.user_id WHERE u.state = 1 AND "#).push(REACHED);
    restrict(&mut sql, scope, "m.user_id", "g.organization_id");
    sql.push(" UNION ALL SELECT j.organization_id, u.id, j.role, CAST(");
    sql.push(&RoleSource::Jit.code().to_string()).push(" AS smallint) FROM jit_organization j");
    sql.push(r#" JOIN "user" u ON u.user_type = "#).push(&UserType::Personal.code().to_string());
    sql.push(" WHERE u.state = 1");
    restrict(&mut sql, scope, "u.id", "j.organization_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(Grant { key: key_from(row)?, effective: effective_from(row)? })).collect()
}

/// The effective roles that are stored.
///
/// # Errors
/// When the database fails.
pub async fn roles(db: &impl ConnectionTrait, scope: Scope<'_>) -> Result<Roles, Error> {
    let mut sql =
        Sql::new("SELECT organization_id, user_id, role, source FROM organization_member WHERE 1 = 1");
    restrict(&mut sql, scope, "user_id", "organization_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok((key_from(row)?, effective_from(row)?))).collect()
}

fn restrict(sql: &mut Sql, scope: Scope<'_>, user: &str, organization: &str) {
    if let Some(users) = scope.users {
        sql.push(" AND ").push(user).push(" IN (").bind_all(users.iter().map(|id| id.uuid())).push(")");
    }
    if let Some(id) = scope.organization {
        sql.push(" AND ").push(organization).push(" = ").bind(id.uuid());
    }
}

/// Carries out a plan, and writes one event for each change of a role. Returns the revision of the last one.
///
/// # Errors
/// When the database fails.
pub async fn apply(
    db: &impl Along,
    changes: &[MembershipChange],
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<u64>, Error> {
    let mut revision = None;
    for part in changes.chunks(ROWS) {
        let events: Vec<_> = part.iter().filter(|change| change.changes_role()).collect();
        for rows in [put(part), removed(part)].into_iter().flatten() {
            let statement = rows.build(db.get_database_backend());
            if events.is_empty() {
                db.execute_raw(statement).await?;
            } else {
                // the events come next, which are rows of another table
                db.along(statement).await?;
            }
        }
        revision = event::record(db, &events, caller, now).await?.or(revision);
    }
    Ok(revision)
}

/// What stores the roles that there are now.
fn put(changes: &[MembershipChange]) -> Option<Sql> {
    let rows: Vec<Vec<Value>> = changes
        .iter()
        .filter_map(|change| {
            let after = change.after?;
            let (organization, user) = change.key;
            Some(vec![
                organization.uuid().into(),
                user.uuid().into(),
                after.role.code().into(),
                after.source.code().into(),
            ])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let mut sql =
        Sql::new("INSERT INTO organization_member (organization_id, user_id, role, source) VALUES ");
    sql.bind_rows(rows);
    sql.push(" ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role, source = excluded.source");
    Some(sql)
}

/// What deletes the roles that are gone.
fn removed(changes: &[MembershipChange]) -> Option<Sql> {
    let gone: Vec<Vec<Value>> = changes
        .iter()
        .filter(|change| change.after.is_none())
        .map(|change| vec![change.key.0.uuid().into(), change.key.1.uuid().into()])
        .collect();
    if gone.is_empty() {
        return None;
    }
    let mut sql = Sql::new("DELETE FROM organization_member WHERE (organization_id, user_id) IN (VALUES ");
    sql.bind_rows(gone).push(")");
    Some(sql)
}

fn event_row(change: &MembershipChange, caller: &Caller, now: Timestamp) -> Vec<Value> {
    let role = |effective: Option<Effective>| effective.map(|effective| effective.role.code());
    let source = |effective: Option<Effective>| effective.map(|effective| effective.source.code());
    vec![
        now.micros().into(),
        change.key.0.uuid().into(),
        change.key.1.uuid().into(),
        role(change.before).into(),
        source(change.before).into(),
        role(change.after).into(),
        source(change.after).into(),
        caller.actor.kind().into(),
        caller.actor.id().into(),
        caller.request_id.clone().into(),
    ]
}

/// The effective role of one user in one organization.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Effective>, Error> {
    let scope = Scope { users: Some(&[user]), organization: Some(organization) };
    Ok(roles(db, scope).await?.into_values().next())
}

/// The members of an organization, all their ids, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_user_ids(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<UserId>, Error> {
    let mut sql = Sql::new("SELECT user_id FROM organization_member WHERE organization_id = ");
    sql.bind(organization.uuid()).push(" ORDER BY user_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(UserId::from(row.try_get_by_index::<uuid::Uuid>(0)?))).collect()
}

/// How many members an organization has; with `role`, how many of that role.
///
/// # Errors
/// When the database fails.
pub async fn count(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    role: Option<OrganizationRole>,
) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM organization_member WHERE organization_id = ");
    sql.bind(organization.uuid());
    if let Some(role) = role {
        sql.push(" AND role = ").bind(role.code());
    }
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// One page of an organization's members, in the order of their accounts' creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    request: &PageRequest,
) -> Result<Page<OrganizationMember>, Error> {
    let mut sql = Sql::new("SELECT u.*, m.role AS member_role, m.source AS member_source");
    sql.push(r#" FROM organization_member m JOIN "user" u ON u.id = m.user_id WHERE m.organization_id = "#);
    sql.bind(organization.uuid());
    if let Some(after) = request.after {
        sql.push(if request.reverse { " AND m.user_id < " } else { " AND m.user_id > " }).bind(after);
    }
    sql.push(if request.reverse { " ORDER BY m.user_id DESC LIMIT " } else { " ORDER BY m.user_id LIMIT " });
    sql.bind(i64::from(request.size) + 1);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let members: Result<Vec<_>, Error> = rows.iter().map(|row| member_from(organization, row)).collect();
    Ok(Page::from_rows(members?, request, |member| member.user.id.uuid()))
}

fn member_from(organization: OrganizationId, row: &QueryResult) -> Result<OrganizationMember, Error> {
    let user = user::from_row(<entity::user::Entity as EntityTrait>::Model::from_query_result(row, "")?)?;
    let role = role_from(row.try_get("", "member_role")?)?;
    let source = source_from(row.try_get("", "member_source")?)?;
    Ok(OrganizationMember { organization_id: organization, user, effective: Effective { role, source } })
}

fn key_from(row: &QueryResult) -> Result<MemberKey, Error> {
    let organization: uuid::Uuid = row.try_get_by_index(0)?;
    let user: uuid::Uuid = row.try_get_by_index(1)?;
    Ok((organization.into(), user.into()))
}

fn effective_from(row: &QueryResult) -> Result<Effective, Error> {
    let role = role_from(row.try_get_by_index(2)?)?;
    Ok(Effective { role, source: source_from(row.try_get_by_index(3)?)? })
}

fn source_from(code: i16) -> Result<RoleSource, Error> {
    decode("role source", RoleSource::from_code(code))
}
