//! Groups pushed by an IdP (storage floor). Their members are in [`members`].

mod listed;
pub mod members;

pub use listed::{GroupFilter, list, list_members};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait,
};

use super::{Error, Open, ROW_LOCK, Sql, entity::idp_group};
use crate::domain::{
    clock::Timestamp,
    id::IdpGroupId,
    idp_group::{GroupAttributes, IdpGroup},
    name,
};

/// Stores a new group.
///
/// # Errors
/// [`Error::Taken`] when its name is, compared as by [`name::group_key`].
pub async fn insert(db: &impl ConnectionTrait, new: &IdpGroup) -> Result<(), Error> {
    idp_group::Entity::insert(to_row(new).into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Stores all of a group that is there already, and held; with the next statement of the transaction, or at its end. The key of
/// its name is that from before unless the group is renamed: of two groups whose names have become one, both go on.
///
/// # Errors
/// When the database fails.
pub async fn update(db: &Open, changed: &IdpGroup, is_renamed: bool) -> Result<(), Error> {
    let mut row = to_row(changed).into_active_model().reset_all();
    if !is_renamed {
        row.not_set(idp_group::Column::DisplayNameKey);
    }
    // written again, even as it is, SQLite would look at each of its members
    row.not_set(idp_group::Column::Id);
    let update =
        idp_group::Entity::update_many().set(row).filter(idp_group::Column::Id.eq(changed.id.uuid()));
    Ok(db.later(update.build(db.get_database_backend())).await?)
}

/// Deletes a group with its members; mappings to it stay, unbound.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, id: IdpGroupId) -> Result<(), Error> {
    idp_group::Entity::delete_by_id(id.uuid()).exec(db).await?;
    Ok(())
}

/// The group with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: IdpGroupId) -> Result<Option<IdpGroup>, Error> {
    Ok(idp_group::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row))
}

/// The group with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(db: &impl ConnectionTrait, id: IdpGroupId) -> Result<Option<IdpGroup>, Error> {
    Ok(idp_group::Entity::find_by_id(id.uuid()).lock(ROW_LOCK).one(db).await?.map(from_row))
}

/// The group of this name, compared as by [`name::group_key`], locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_by_name_for_update(
    db: &impl ConnectionTrait,
    display_name: &str,
) -> Result<Option<IdpGroup>, Error> {
    let key = name::group_key(display_name);
    let query = idp_group::Entity::find().filter(idp_group::Column::DisplayNameKey.eq(key));
    Ok(query.lock(ROW_LOCK).one(db).await?.map(from_row))
}

/// The group of this name, compared as by [`name::group_key`].
///
/// # Errors
/// When the database fails.
pub async fn find_by_name(db: &impl ConnectionTrait, display_name: &str) -> Result<Option<IdpGroup>, Error> {
    let key = name::group_key(display_name);
    let query = idp_group::Entity::find().filter(idp_group::Column::DisplayNameKey.eq(key));
    Ok(query.one(db).await?.map(from_row))
}

/// Holds this name, compared as by [`name::group_key`], until the transaction ends: making, renaming and mapping a group
/// of one name happen one after the other.
///
/// # Errors
/// When the database fails.
pub async fn lock_name(db: &impl ConnectionTrait, display_name: &str) -> Result<(), Error> {
    if db.get_database_backend() == sea_orm::DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO idp_group_name (name_key) VALUES (");
    sql.bind(name::group_key(display_name));
    sql.push(") ON CONFLICT (name_key) DO UPDATE SET name_key = excluded.name_key");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

fn to_row(group: &IdpGroup) -> idp_group::Model {
    idp_group::Model {
        id: group.id.uuid(),
        display_name: group.push.display_name.clone(),
        display_name_key: group.push.display_name_key(),
        external_id: group.push.external_id.clone(),
        document: group.push.document.clone(),
        search: group.push.search.clone(),
        member_count: i64::try_from(group.member_count).unwrap_or(i64::MAX),
        version: group.version,
        create_time: group.create_time.micros(),
        update_time: group.update_time.micros(),
    }
}

pub(super) fn from_row(row: idp_group::Model) -> IdpGroup {
    IdpGroup {
        id: row.id.into(),
        push: GroupAttributes {
            display_name: row.display_name,
            external_id: row.external_id,
            document: row.document,
            search: row.search,
        },
        member_count: u64::try_from(row.member_count).unwrap_or(0),
        create_time: Timestamp::from_micros(row.create_time),
        update_time: Timestamp::from_micros(row.update_time),
        version: row.version,
    }
}
