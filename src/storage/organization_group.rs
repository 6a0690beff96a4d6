//! The groups that are mapped to organizations (storage floor).

mod listed;
pub mod rollout;

pub use listed::list_visible;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{Error, Sql, entity::organization_group, organization::role_from};
use crate::domain::{
    clock::Timestamp,
    id::{IdpGroupId, OrganizationGroupId, OrganizationId},
    name,
    organization::OrganizationGroup,
};

/// Stores a new mapping.
///
/// # Errors
/// [`Error::Taken`] when the organization has one for a group of this name.
pub async fn insert(db: &impl ConnectionTrait, new: &OrganizationGroup) -> Result<(), Error> {
    organization_group::Entity::insert(to_row(new).into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Stores all of a mapping that is there already.
///
/// # Errors
/// [`Error::Taken`] when the organization has another one for a group of this name.
pub async fn update(db: &impl ConnectionTrait, changed: &OrganizationGroup) -> Result<(), Error> {
    organization_group::Entity::update(to_row(changed).into_active_model().reset_all()).exec(db).await?;
    Ok(())
}

/// Deletes a mapping.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: OrganizationGroupId) -> Result<(), Error> {
    organization_group::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

/// The mapping of this id.
///
/// # Errors
/// When the database fails.
pub async fn find_by_id(
    db: &impl ConnectionTrait,
    id: OrganizationGroupId,
) -> Result<Option<OrganizationGroup>, Error> {
    organization_group::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row).transpose()
}

/// The mapping of a group of this name, compared as by [`name::group_key`], to an organization.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    group_name: &str,
) -> Result<Option<OrganizationGroup>, Error> {
    let query = organization_group::Entity::find()
        .filter(organization_group::Column::OrganizationId.eq(organization.uuid()))
        .filter(organization_group::Column::GroupNameKey.eq(name::group_key(group_name)));
    query.one(db).await?.map(from_row).transpose()
}

/// The mappings to an organization, by name.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<Vec<OrganizationGroup>, Error> {
    let query = organization_group::Entity::find()
        .filter(organization_group::Column::OrganizationId.eq(organization.uuid()))
        .order_by_asc(organization_group::Column::GroupNameKey);
    query.all(db).await?.into_iter().map(from_row).collect()
}

/// How many groups are mapped to an organization.
///
/// # Errors
/// When the database fails.
pub async fn count_of_organization(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM organization_group WHERE organization_id = ");
    sql.bind(organization.uuid());
    sql.count(db).await
}

/// To how many organizations a group of this name, compared as by [`name::group_key`], is mapped.
///
/// # Errors
/// When the database fails.
pub async fn count_of_name(db: &impl ConnectionTrait, group_name: &str) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM organization_group WHERE group_name_key = ");
    sql.bind(name::group_key(group_name));
    sql.count(db).await
}

/// The mappings bound to a group.
///
/// # Errors
/// When the database fails.
pub async fn list_of_group(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
) -> Result<Vec<OrganizationGroup>, Error> {
    let query = organization_group::Entity::find()
        .filter(organization_group::Column::GroupId.eq(group.uuid()))
        .order_by_asc(organization_group::Column::Id);
    query.all(db).await?.into_iter().map(from_row).collect()
}

/// The mappings of this name, compared as by [`name::group_key`], that are not bound to a group yet.
///
/// # Errors
/// When the database fails.
pub async fn list_unbound(
    db: &impl ConnectionTrait,
    group_name: &str,
) -> Result<Vec<OrganizationGroup>, Error> {
    let query = organization_group::Entity::find()
        .filter(organization_group::Column::GroupNameKey.eq(name::group_key(group_name)))
        .filter(organization_group::Column::GroupId.is_null())
        .order_by_asc(organization_group::Column::Id);
    query.all(db).await?.into_iter().map(from_row).collect()
}

fn to_row(group: &OrganizationGroup) -> organization_group::Model {
    organization_group::Model {
        id: group.id.uuid(),
        organization_id: group.organization_id.uuid(),
        group_name: group.group_name.clone(),
        group_name_key: name::group_key(&group.group_name),
        role_override: group.role_override.map(crate::domain::role::OrganizationRole::code),
        group_id: group.group_id.map(IdpGroupId::uuid),
        create_time: group.create_time.micros(),
    }
}

fn from_row(row: organization_group::Model) -> Result<OrganizationGroup, Error> {
    Ok(OrganizationGroup {
        id: row.id.into(),
        organization_id: row.organization_id.into(),
        group_name: row.group_name,
        role_override: row.role_override.map(role_from).transpose()?,
        group_id: row.group_id.map(IdpGroupId::from),
        create_time: Timestamp::from_micros(row.create_time),
    })
}
