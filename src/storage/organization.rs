//! Organizations, and the roles given in them for reasons of their own (storage floor).

pub mod sole_owner;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Value,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};

use super::{Error, ROW_LOCK, Sql, decode, entity::organization, keyset};
use crate::domain::{
    actor::Caller,
    clock::Timestamp,
    id::{OrganizationId, UserId},
    organization::{Organization, RoleGrant},
    page::{Page, PageRequest},
    role::{OrganizationRole, RepositoryRole, RoleSource},
    user::VerificationStatus,
};

/// Stores a new organization.
///
/// # Errors
/// [`Error::Taken`] when its name is.
pub async fn insert(db: &impl ConnectionTrait, new: &Organization) -> Result<(), Error> {
    organization::Entity::insert(to_row(new).into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Stores all of an organization that is there already.
///
/// # Errors
/// When the database fails.
pub async fn update(db: &impl ConnectionTrait, changed: &Organization) -> Result<(), Error> {
    organization::Entity::update(to_row(changed).into_active_model().reset_all()).exec(db).await?;
    Ok(())
}

/// Deletes an organization with its roles, groups and members.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: OrganizationId) -> Result<(), Error> {
    organization::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

/// The organization with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: OrganizationId) -> Result<Option<Organization>, Error> {
    organization::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row).transpose()
}

/// The organization with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    id: OrganizationId,
) -> Result<Option<Organization>, Error> {
    let query = organization::Entity::find_by_id(id.uuid()).lock(ROW_LOCK);
    query.one(db).await?.map(from_row).transpose()
}

/// The organization with this name.
///
/// # Errors
/// When the database fails.
pub async fn find_by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<Organization>, Error> {
    let query = organization::Entity::find().filter(organization::Column::Name.eq(name));
    query.one(db).await?.map(from_row).transpose()
}

/// The organizations with these ids, in no order.
///
/// # Errors
/// When the database fails.
pub async fn find_many(
    db: &impl ConnectionTrait,
    ids: &[OrganizationId],
) -> Result<Vec<Organization>, Error> {
    let ids = ids.iter().map(|id| id.uuid());
    let query = organization::Entity::find().filter(organization::Column::Id.is_in(ids));
    query.all(db).await?.into_iter().map(from_row).collect()
}

/// The organizations with these names, in no order.
///
/// # Errors
/// When the database fails.
pub async fn find_many_by_name(
    db: &impl ConnectionTrait,
    names: &[String],
) -> Result<Vec<Organization>, Error> {
    let query = organization::Entity::find().filter(organization::Column::Name.is_in(names));
    query.all(db).await?.into_iter().map(from_row).collect()
}

/// The organizations that a user administers, whose id is the next bound value.
pub(super) const ADMINISTERS: &str =
    "SELECT organization_id FROM organization_member WHERE role >= 30 AND user_id = ";

/// Which organizations a list has.
#[derive(Clone, Debug, Default)]
pub struct OrganizationFilter {
    /// Only those that one of these users is in.
    pub members: Option<Vec<UserId>>,
    /// Only those that this user is in.
    pub visible_to: Option<UserId>,
}

/// One page of the organizations that `filter` lets through, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &OrganizationFilter,
    request: &PageRequest,
) -> Result<Page<Organization>, Error> {
    let mut query = organization::Entity::find();
    if let Some(users) = &filter.members {
        query = query.filter(organization::Column::Id.in_subquery(organizations_of(users)));
    }
    if let Some(user) = filter.visible_to {
        query = query.filter(organization::Column::Id.in_subquery(organizations_of(&[user])));
    }
    let query = keyset::page(query, organization::Column::Id, request);
    let rows: Result<Vec<_>, _> = query.all(db).await?.into_iter().map(from_row).collect();
    Ok(Page::from_rows(rows?, request, |organization| organization.id.uuid()))
}

fn organizations_of(users: &[UserId]) -> SelectStatement {
    let mut query = Query::select();
    query.column(Alias::new("organization_id")).from(Alias::new("organization_member"));
    query.and_where(Expr::col(Alias::new("user_id")).is_in(users.iter().map(|id| id.uuid())));
    query
}

/// Gives, or changes, the role that `grant` names.
///
/// # Errors
/// When the database fails.
pub async fn put_role(
    db: &impl ConnectionTrait,
    grant: &RoleGrant,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO organization_role \
         (organization_id, user_id, source, role, actor_kind, actor_id, create_time) VALUES ",
    );
    let row: Vec<Value> = vec![
        grant.organization_id.uuid().into(),
        grant.user_id.uuid().into(),
        grant.source.code().into(),
        grant.role.code().into(),
        caller.actor.kind().into(),
        caller.actor.id().into(),
        now.micros().into(),
    ];
    sql.bind_rows([row]).push(
        " ON CONFLICT (organization_id, user_id, source) DO UPDATE SET role = excluded.role, \
         actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, create_time = excluded.create_time",
    );
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Keeps who made an organization.
///
/// # Errors
/// When the database fails.
pub async fn put_creator(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), Error> {
    let mut sql = Sql::new("INSERT INTO organization_creator (organization_id, user_id) VALUES (");
    sql.bind(organization.uuid()).push(", ").bind(user.uuid()).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Who made an organization, where it is known.
///
/// # Errors
/// When the database fails.
pub async fn creator(db: &impl ConnectionTrait, id: OrganizationId) -> Result<Option<UserId>, Error> {
    let mut sql = Sql::new("SELECT user_id FROM organization_creator WHERE organization_id = ");
    sql.bind(id.uuid());
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    Ok(row.map(|row| row.try_get_by_index::<uuid::Uuid>(0)).transpose()?.map(UserId::from))
}

/// How many organizations a user has made: those that are there, and those that are deleted and keep their names, but for the
/// names `again`.
///
/// # Errors
/// When the database fails.
pub async fn count_made_by(db: &impl ConnectionTrait, user: UserId, again: &[String]) -> Result<u64, Error> {
    let mut there = Sql::new("SELECT COUNT(*) FROM organization_creator WHERE user_id = ");
    there.bind(user.uuid());
    let mut gone = Sql::new("SELECT COUNT(*) FROM retired_name WHERE user_id = ");
    gone.bind(user.uuid()).push(" AND name NOT IN (").bind_all(again.iter().cloned()).push(")");
    Ok(there.count(db).await? + gone.count(db).await?)
}

/// The role that this source gives, also to a user who is switched off.
///
/// # Errors
/// When the database fails.
pub async fn find_role(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
    source: RoleSource,
) -> Result<Option<OrganizationRole>, Error> {
    let mut sql = Sql::new("SELECT role FROM organization_role WHERE organization_id = ");
    sql.bind(organization.uuid()).push(" AND user_id = ").bind(user.uuid());
    sql.push(" AND source = ").bind(source.code());
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    row.map(|row| role_from(row.try_get_by_index(0)?)).transpose()
}

/// Takes away the role of this source; `false` when there was none.
///
/// # Errors
/// When the database fails.
pub async fn delete_role(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
    source: RoleSource,
) -> Result<bool, Error> {
    let mut sql = Sql::new("DELETE FROM organization_role WHERE organization_id = ");
    sql.bind(organization.uuid()).push(" AND user_id = ").bind(user.uuid());
    sql.push(" AND source = ").bind(source.code());
    let done = db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(done.rows_affected() > 0)
}

/// Takes away every role in an organization: those given by hand or to everyone, and the mapped groups.
///
/// # Errors
/// When the database fails.
pub async fn delete_grants(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<(), Error> {
    for table in ["organization_role", "organization_group", "jit_organization"] {
        let mut sql = Sql::new("DELETE FROM ");
        sql.push(table).push(" WHERE organization_id = ").bind(organization.uuid());
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}

/// Takes away all roles that a user was given by hand or at sign-in.
///
/// # Errors
/// When the database fails.
pub async fn delete_roles_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM organization_role WHERE user_id = ");
    sql.bind(user.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

fn to_row(organization: &Organization) -> organization::Model {
    organization::Model {
        id: organization.id.uuid(),
        name: organization.name.clone(),
        description: organization.description.clone(),
        url: organization.url.clone(),
        verification: organization.verification.code(),
        repository_base_role: organization.repository_base_role.code(),
        create_time: organization.create_time.micros(),
        update_time: organization.update_time.micros(),
    }
}

fn from_row(row: organization::Model) -> Result<Organization, Error> {
    let base = RepositoryRole::from_code(row.repository_base_role);
    Ok(Organization {
        id: row.id.into(),
        name: row.name,
        description: row.description,
        url: row.url,
        verification: decode("verification status", VerificationStatus::from_code(row.verification))?,
        repository_base_role: decode("repository role", base)?,
        create_time: Timestamp::from_micros(row.create_time),
        update_time: Timestamp::from_micros(row.update_time),
    })
}

/// The role of a code that the database kept.
pub(super) fn role_from(code: i16) -> Result<OrganizationRole, Error> {
    decode("organization role", OrganizationRole::from_code(code))
}
