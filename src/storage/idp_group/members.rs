//! Who is in which pushed group (storage floor).
//!
//! Adding and removing are inserts and deletes of single rows, never a rewrite of the list: two at once lose
//! nothing, and the cost does not grow with the group.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::super::{Error, Sql};
use crate::domain::{
    actor::Caller,
    clock::Timestamp,
    id::{IdpGroupId, ScimUserId, UserId},
    idp_group::Member,
    user::GroupRef,
};

/// Rows that one statement takes: well under the number of values that SQLite allows.
const ROWS: usize = 1_000;

/// A member with the account behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// The account.
    pub user_id: UserId,
    /// As SCIM shows it.
    pub member: Member,
}

/// The accounts that SCIM shows under these ids; ids that no account has are left out.
///
/// # Errors
/// When the database fails.
pub async fn resolve(
    db: &impl ConnectionTrait,
    ids: &[ScimUserId],
) -> Result<Vec<(ScimUserId, UserId)>, Error> {
    let mut found = find(db, ids).await?;
    if found.len() < ids.len() && db.get_database_backend() != sea_orm::DbBackend::Sqlite {
        // a merge that was waited for may have given the resource to another account, which a new look sees
        let known: HashSet<_> = found.iter().map(|(id, _)| *id).collect();
        let missing: Vec<_> = ids.iter().filter(|id| !known.contains(*id)).copied().collect();
        found.extend(find(db, &missing).await?);
    }
    Ok(found)
}

async fn find(db: &impl ConnectionTrait, ids: &[ScimUserId]) -> Result<Vec<(ScimUserId, UserId)>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(ROWS) {
        let mut sql = Sql::new(r#"SELECT u.scim_id, u.id FROM "user" u WHERE "#);
        sql.push(super::super::provisioning::VISIBLE_USER).push(" AND u.scim_id IN (");
        sql.bind_all(part.iter().map(|id| id.uuid())).push(")");
        for row in db.query_all_raw(sql.build(db.get_database_backend())).await? {
            let (scim_id, id): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            found.push((scim_id.into(), id.into()));
        }
    }
    Ok(found)
}

/// Adds those of `users` that are no members yet, and returns them.
///
/// # Errors
/// When the database fails.
pub async fn add(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    users: &[UserId],
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<UserId>, Error> {
    let mut added = Vec::new();
    for part in users.chunks(ROWS) {
        let mut sql = Sql::new(
            "INSERT INTO idp_group_member (group_id, user_id, actor_kind, actor_id, request_id, create_time) VALUES ",
        );
        sql.bind_rows(part.iter().map(|user| member_row(group, *user, caller, now)));
        sql.push(" ON CONFLICT (group_id, user_id) DO NOTHING RETURNING user_id");
        added.extend(user_ids(db, sql).await?);
    }
    Ok(added)
}

fn member_row(group: IdpGroupId, user: UserId, caller: &Caller, now: Timestamp) -> Vec<Value> {
    vec![
        group.uuid().into(),
        user.uuid().into(),
        caller.actor.kind().into(),
        caller.actor.id().into(),
        caller.request_id.clone().into(),
        now.micros().into(),
    ]
}

/// Removes those of `users` that are members, and returns them.
///
/// # Errors
/// When the database fails.
pub async fn remove(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    users: &[UserId],
) -> Result<Vec<UserId>, Error> {
    let mut removed = Vec::new();
    for part in users.chunks(ROWS) {
        let mut sql = Sql::new("DELETE FROM idp_group_member WHERE group_id = ");
        sql.bind(group.uuid()).push(" AND user_id IN (").bind_all(part.iter().map(|id| id.uuid()));
        sql.push(") RETURNING user_id");
        removed.extend(user_ids(db, sql).await?);
    }
    Ok(removed)
}

/// Holds the groups that these users are in, in the order of their ids, until the transaction ends. Whoever
/// changes both takes groups before users.
///
/// # Errors
/// When the database fails.
pub async fn lock_groups_of(db: &impl ConnectionTrait, users: &[UserId]) -> Result<(), Error> {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT id FROM idp_group WHERE id IN (SELECT group_id FROM idp_group_member");
    sql.push(" WHERE user_id IN (").bind_all(users.iter().map(|id| id.uuid()));
    sql.push(")) ORDER BY id FOR NO KEY UPDATE");
    db.query_all_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Whether the transaction holds these groups, and nobody else: it does not wait.
///
/// # Errors
/// When the database fails.
pub async fn hold_at_once(db: &impl ConnectionTrait, groups: &[IdpGroupId]) -> Result<bool, Error> {
    if groups.is_empty() || db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        return Ok(true);
    }
    let mut sql = Sql::new("SELECT id FROM idp_group WHERE id IN (");
    sql.bind_all(groups.iter().map(|id| id.uuid())).push(") FOR NO KEY UPDATE SKIP LOCKED");
    Ok(db.query_all_raw(sql.build(db.get_database_backend())).await?.len() == groups.len())
}

/// Removes a user from all groups, and returns these.
///
/// # Errors
/// When the database fails.
pub async fn remove_everywhere(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<IdpGroupId>, Error> {
    let mut sql = Sql::new("DELETE FROM idp_group_member WHERE user_id = ");
    sql.bind(user.uuid()).push(" RETURNING group_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(IdpGroupId::from(row.try_get_by_index::<Uuid>(0)?))).collect()
}

/// Counts one member less in these groups, and one version more.
///
/// # Errors
/// When the database fails.
pub async fn count_one_less(
    db: &impl ConnectionTrait,
    groups: &[IdpGroupId],
    now: Timestamp,
) -> Result<(), Error> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(
        "UPDATE idp_group SET member_count = member_count - 1, version = version + 1, update_time = ",
    );
    sql.bind(now.micros()).push(" WHERE id IN (").bind_all(groups.iter().map(|id| id.uuid())).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// All members' accounts, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_user_ids(db: &impl ConnectionTrait, group: IdpGroupId) -> Result<Vec<UserId>, Error> {
    let mut sql = Sql::new("SELECT user_id FROM idp_group_member WHERE group_id = ");
    sql.bind(group.uuid()).push(" ORDER BY user_id");
    user_ids(db, sql).await
}

/// The members of these groups as SCIM shows them, in the order of their accounts' creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    groups: &[IdpGroupId],
) -> Result<Vec<(IdpGroupId, MemberRow)>, Error> {
    let mut sql = Sql::new("SELECT m.group_id, u.id, u.scim_id, u.user_name FROM idp_group_member m");
    sql.push(r#" JOIN "user" u ON u.id = m.user_id WHERE m.group_id IN ("#);
    sql.bind_all(groups.iter().map(|id| id.uuid())).push(") ORDER BY m.user_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(member_from).collect()
}

fn member_from(row: &sea_orm::QueryResult) -> Result<(IdpGroupId, MemberRow), Error> {
    let (group, user): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let value: Uuid = row.try_get_by_index(2)?;
    let member = Member { value: value.into(), display: row.try_get_by_index(3)? };
    Ok((group.into(), MemberRow { user_id: user.into(), member }))
}

/// The groups that these users are in, by name.
///
/// # Errors
/// When the database fails.
pub async fn list_of_users(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<(UserId, GroupRef)>, Error> {
    let mut sql = Sql::new("SELECT m.user_id, g.id, g.display_name FROM idp_group_member m");
    sql.push(" JOIN idp_group g ON g.id = m.group_id WHERE m.user_id IN (");
    sql.bind_all(users.iter().map(|id| id.uuid())).push(") ORDER BY g.display_name_key");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter()
        .map(|row| {
            let (user, group): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((user.into(), GroupRef { id: group.into(), display_name: row.try_get_by_index(2)? }))
        })
        .collect()
}

/// Keeps member ids that no user has, so that an admin finds them.
///
/// # Errors
/// When the database fails.
pub async fn put_unknown(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    values: &[String],
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Error> {
    for part in values.chunks(ROWS) {
        let mut sql = Sql::new(
            "INSERT INTO idp_group_unknown_member (group_id, value, actor_id, request_id, create_time) VALUES ",
        );
        sql.bind_rows(part.iter().map(|value| -> Vec<Value> {
            let (actor, request) = (caller.actor.id(), caller.request_id.clone());
            vec![group.uuid().into(), value.clone().into(), actor.into(), request.into(), now.micros().into()]
        }));
        sql.push(" ON CONFLICT (group_id, value) DO NOTHING");
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}

/// Forgets member ids that no user has: these, or all of the group when there is no list.
///
/// # Errors
/// When the database fails.
pub async fn forget_unknown(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    values: Option<&[String]>,
) -> Result<(), Error> {
    let all = || {
        let mut sql = Sql::new("DELETE FROM idp_group_unknown_member WHERE group_id = ");
        sql.bind(group.uuid());
        sql
    };
    let Some(values) = values else {
        db.execute_raw(all().build(db.get_database_backend())).await?;
        return Ok(());
    };
    for part in values.chunks(ROWS) {
        let mut sql = all();
        sql.push(" AND value IN (").bind_all(part.iter().cloned()).push(")");
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}

async fn user_ids(db: &impl ConnectionTrait, sql: Sql) -> Result<Vec<UserId>, Error> {
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(UserId::from(row.try_get_by_index::<Uuid>(0)?))).collect()
}
