//! Groups that are released to organizations (storage floor).

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use super::{Error, Sql, organization::ADMINISTERS};
use crate::domain::{
    clock::Timestamp,
    id::{GroupReleaseId, IdpGroupId, OrganizationId, UserId},
    idp_group::GroupRelease,
    membership::Given,
    name,
    page::{Page, PageRequest},
};

/// Stores a new release.
///
/// # Errors
/// [`Error::Taken`] when a group of this name is released to the organization.
pub async fn insert(db: &impl ConnectionTrait, new: &GroupRelease) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO group_release \
         (id, organization_id, group_name, group_name_key, group_id, actor_kind, actor_id, create_time) VALUES ",
    );
    sql.bind_rows([vec![
        new.id.uuid().into(),
        new.organization_id.uuid().into(),
        new.group_name.clone().into(),
        name::group_key(&new.group_name).into(),
        new.group_id.map(IdpGroupId::uuid).into(),
        new.given.actor_kind.clone().into(),
        new.given.actor_id.clone().into(),
        new.given.time.micros().into(),
    ]]);
    execute(db, sql).await
}

/// Deletes a release.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: GroupReleaseId) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM group_release WHERE id = ");
    sql.bind(id.uuid());
    execute(db, sql).await
}

/// The release of a group of this name to an organization.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    group_name: &str,
) -> Result<Option<GroupRelease>, Error> {
    let mut sql = select();
    sql.push(" AND r.organization_id = ").bind(organization.uuid());
    sql.push(" AND r.group_name_key = ").bind(name::group_key(group_name));
    let row = db.query_one_raw(build(db, sql)).await?;
    row.as_ref().map(from_row).transpose()
}

/// Which releases a list has.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReleaseFilter {
    /// Only those to this organization.
    pub organization: Option<OrganizationId>,
    /// Only those to organizations that this user administers.
    pub admin: Option<UserId>,
}

/// One page of releases, in the order of their making.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &ReleaseFilter,
    request: &PageRequest,
) -> Result<Page<GroupRelease>, Error> {
    let mut sql = select();
    if let Some(id) = filter.organization {
        sql.push(" AND r.organization_id = ").bind(id.uuid());
    }
    if let Some(user) = filter.admin {
        sql.push(" AND r.organization_id IN (").push(ADMINISTERS).bind(user.uuid()).push(")");
    }
    sql.keyset("r.id", request);
    let rows = db.query_all_raw(build(db, sql)).await?;
    let rows: Result<Vec<_>, Error> = rows.iter().map(from_row).collect();
    Ok(Page::from_rows(rows?, request, |release| release.id.uuid()))
}

/// The organizations that a group is released to.
///
/// # Errors
/// When the database fails.
pub async fn organizations_of(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
) -> Result<Vec<OrganizationId>, Error> {
    let mut sql = Sql::new("SELECT organization_id FROM group_release WHERE group_id = ");
    sql.bind(group.uuid()).push(" ORDER BY organization_id");
    let rows = db.query_all_raw(build(db, sql)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
}

/// Lets the releases of a group follow its name, and binds those that wait for a group of this name.
///
/// # Errors
/// When the database fails.
pub async fn follow(db: &impl ConnectionTrait, group: IdpGroupId, group_name: &str) -> Result<(), Error> {
    let key = name::group_key(group_name);
    let mut any = Sql::new("SELECT 1 FROM group_release WHERE group_name_key = ");
    any.bind(key.as_str()).push(" OR group_id = ").bind(group.uuid()).push(" LIMIT 1");
    if db.query_one_raw(build(db, any)).await?.is_none() {
        return Ok(());
    }
    let mut twice = Sql::new("DELETE FROM group_release WHERE group_id IS NULL AND group_name_key = ");
    twice
        .bind(key.as_str())
        .push(" AND organization_id IN (SELECT organization_id FROM group_release WHERE group_id = ");
    twice.bind(group.uuid()).push(")");
    execute(db, twice).await?;
    let mut waiting = Sql::new("UPDATE group_release SET group_id = ");
    waiting.bind(group.uuid()).push(" WHERE group_id IS NULL AND group_name_key = ").bind(key.as_str());
    execute(db, waiting).await?;
    let mut named = Sql::new("UPDATE group_release SET group_name = ");
    named
        .bind(group_name)
        .push(", group_name_key = ")
        .bind(key)
        .push(" WHERE group_id = ")
        .bind(group.uuid());
    execute(db, named).await
}

fn select() -> Sql {
    Sql::new(
        "SELECT r.id, r.organization_id, o.name, r.group_name, r.group_id, r.actor_kind, r.actor_id, r.create_time \
         FROM group_release r JOIN organization o ON o.id = r.organization_id WHERE 1 = 1",
    )
}

fn from_row(row: &QueryResult) -> Result<GroupRelease, Error> {
    let given = Given {
        actor_kind: row.try_get_by_index(5)?,
        actor_id: row.try_get_by_index(6)?,
        time: Timestamp::from_micros(row.try_get_by_index(7)?),
    };
    Ok(GroupRelease {
        id: row.try_get_by_index::<Uuid>(0)?.into(),
        organization_id: row.try_get_by_index::<Uuid>(1)?.into(),
        organization_name: row.try_get_by_index(2)?,
        group_name: row.try_get_by_index(3)?,
        group_id: row.try_get_by_index::<Option<Uuid>>(4)?.map(Into::into),
        given,
    })
}

async fn execute(db: &impl ConnectionTrait, sql: Sql) -> Result<(), Error> {
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

fn build(db: &impl ConnectionTrait, sql: Sql) -> Statement {
    sql.build(db.get_database_backend())
}
