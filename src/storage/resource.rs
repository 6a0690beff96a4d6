//! SCIM resources of declared types, and the values that one of them may have (storage floor).

use std::collections::BTreeSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QuerySelect, Value,
};

use super::{Error, ROW_LOCK, Sql, entity::scim_resource, predicate::Root, provisioning};
use crate::domain::{
    clock::Timestamp,
    id::ResourceId,
    predicate::{ResourcePage, ResourceQuery},
    resource::{Resource, ResourceAttributes, UniqueValue},
};

/// Rows that one statement takes: well under the number of values that SQLite allows.
const ROWS: usize = 1_000;

/// Stores a new resource.
///
/// # Errors
/// When the database fails.
pub async fn insert(db: &impl ConnectionTrait, new: &Resource) -> Result<(), Error> {
    scim_resource::Entity::insert(to_row(new).into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Stores all of a resource that is there already.
///
/// # Errors
/// When the database fails.
pub async fn update(db: &impl ConnectionTrait, changed: &Resource) -> Result<(), Error> {
    scim_resource::Entity::update(to_row(changed).into_active_model().reset_all()).exec(db).await?;
    Ok(())
}

/// Deletes a resource; its unique values are free.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: ResourceId) -> Result<(), Error> {
    scim_resource::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

/// The resource of this type with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    resource_type: &str,
    id: ResourceId,
) -> Result<Option<Resource>, Error> {
    let query = scim_resource::Entity::find_by_id(id.uuid());
    let query = query.filter(scim_resource::Column::ResourceType.eq(resource_type));
    Ok(query.one(db).await?.map(from_row))
}

/// The resource of this type with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    resource_type: &str,
    id: ResourceId,
) -> Result<Option<Resource>, Error> {
    let query = scim_resource::Entity::find_by_id(id.uuid());
    let query = query.filter(scim_resource::Column::ResourceType.eq(resource_type)).lock(ROW_LOCK);
    Ok(query.one(db).await?.map(from_row))
}

/// The resources of this type that `query` asks for.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    resource_type: &str,
    query: &ResourceQuery,
) -> Result<ResourcePage<Resource>, Error> {
    let found = provisioning::list(
        db,
        Root::Resource,
        "SELECT *",
        |sql| sql.push("r.resource_type = ").bind(resource_type),
        query,
    );
    let (total, rows) = found.await?;
    let item = |row| Ok(from_row(scim_resource::Model::from_query_result(row, "")?));
    let items: Result<_, Error> = rows.iter().map(item).collect();
    Ok(ResourcePage { items: items?, total })
}

/// Keeps `values` for a resource, in place of those that it had; tells which belong to another one.
///
/// # Errors
/// When the database fails.
pub async fn take_values(
    db: &impl ConnectionTrait,
    resource: &Resource,
    values: &BTreeSet<UniqueValue>,
) -> Result<Vec<UniqueValue>, Error> {
    let mut sql = Sql::new("DELETE FROM scim_unique_value WHERE resource_id = ");
    sql.bind(resource.id.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    let mut missing = values.clone();
    let values: Vec<_> = values.iter().collect();
    for part in values.chunks(ROWS) {
        let mut sql =
            Sql::new("INSERT INTO scim_unique_value (resource_type, attribute, value, resource_id) VALUES ");
        sql.bind_rows(part.iter().map(|unique| value_row(resource, unique)));
        sql.push(" ON CONFLICT (resource_type, attribute, value) DO NOTHING RETURNING attribute, value");
        for row in db.query_all_raw(sql.build(db.get_database_backend())).await? {
            let (attribute, value) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            missing.remove(&UniqueValue { attribute, value });
        }
    }
    Ok(missing.into_iter().collect())
}

fn value_row(resource: &Resource, unique: &UniqueValue) -> Vec<Value> {
    vec![
        resource.resource_type.clone().into(),
        unique.attribute.clone().into(),
        unique.value.clone().into(),
        resource.id.uuid().into(),
    ]
}

fn to_row(resource: &Resource) -> scim_resource::Model {
    scim_resource::Model {
        id: resource.id.uuid(),
        resource_type: resource.resource_type.clone(),
        external_id: resource.attributes.external_id.clone(),
        document: resource.attributes.document.clone(),
        search: resource.attributes.search.clone(),
        version: resource.version,
        create_time: resource.create_time.micros(),
        update_time: resource.update_time.micros(),
    }
}

fn from_row(row: scim_resource::Model) -> Resource {
    Resource {
        id: row.id.into(),
        resource_type: row.resource_type,
        attributes: ResourceAttributes {
            external_id: row.external_id,
            document: row.document,
            search: row.search,
        },
        create_time: Timestamp::from_micros(row.create_time),
        update_time: Timestamp::from_micros(row.update_time),
        version: row.version,
    }
}
