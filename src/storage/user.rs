//! Accounts (storage floor).

mod insert;
mod list;
mod matching;
pub mod merge;

pub use insert::{insert, insert_named};
pub use list::{UserFilter, count, list, list_by_name};
pub use matching::{find_matches, find_named, find_pushed};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use serde_json::json;
use uuid::Uuid;

use super::{Error, Open, ROW_LOCK, Sql, decode, entity::user, provisioning::VISIBLE_USER};
use crate::domain::{
    clock::Timestamp,
    id::{ScimTokenId, ScimUserId, UserId},
    name,
    role::ServerRole,
    user::{Person, Provenance, User, UserState, UserType, VerificationStatus},
};

/// Stores all of an account that is there already.
///
/// # Errors
/// [`Error::Taken`] when its name, its SCIM id or its pushed `userName` is.
pub async fn update(db: &impl ConnectionTrait, changed: &User) -> Result<(), Error> {
    let row = to_row(changed).into_active_model().reset_all();
    user::Entity::update(row).exec(db).await?;
    Ok(())
}

/// Counts one change of these accounts, whose groups are now others: SCIM shows these with the user. With the next statement
/// of the transaction, or at its end.
///
/// # Errors
/// When the database fails.
pub async fn count_change(db: &Open, ids: &[UserId]) -> Result<(), Error> {
    for part in ids.chunks(1_000) {
        let mut sql = Sql::new(r#"UPDATE "user" SET version = version + 1 WHERE id IN ("#);
        sql.bind_all(part.iter().map(|id| id.uuid())).push(")");
        db.later(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}

/// The account with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
    user::Entity::find_by_id(id.uuid()).one(db).await?.map(from_row).transpose()
}

/// The account with this id, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_for_update(db: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
    user::Entity::find_by_id(id.uuid()).lock(ROW_LOCK).one(db).await?.map(from_row).transpose()
}

/// The accounts with these ids, in no order.
///
/// # Errors
/// When the database fails.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<User>, Error> {
    let ids = ids.iter().map(|id| id.uuid());
    rows(user::Entity::find().filter(user::Column::Id.is_in(ids)), db).await
}

/// The accounts with these registry names, in no order.
///
/// # Errors
/// When the database fails.
pub async fn find_many_by_username(
    db: &impl ConnectionTrait,
    usernames: &[String],
) -> Result<Vec<User>, Error> {
    rows(user::Entity::find().filter(user::Column::Username.is_in(usernames)), db).await
}

/// The account with this SCIM id, locked until the transaction ends; also one that SCIM does not show.
///
/// # Errors
/// When the database fails.
pub async fn find_by_scim_id_for_update(
    db: &impl ConnectionTrait,
    id: ScimUserId,
) -> Result<Option<User>, Error> {
    let query = user::Entity::find().filter(user::Column::ScimId.eq(id.uuid())).lock(ROW_LOCK);
    query.one(db).await?.map(from_row).transpose()
}

/// The account with this SCIM id; also one that SCIM does not show.
///
/// # Errors
/// When the database fails.
pub async fn find_by_scim_id(db: &impl ConnectionTrait, id: ScimUserId) -> Result<Option<User>, Error> {
    let query = user::Entity::find().filter(user::Column::ScimId.eq(id.uuid()));
    query.one(db).await?.map(from_row).transpose()
}

/// The account with this registry name.
///
/// # Errors
/// When the database fails.
pub async fn find_by_username(db: &impl ConnectionTrait, username: &str) -> Result<Option<User>, Error> {
    let query = user::Entity::find().filter(user::Column::Username.eq(username));
    query.one(db).await?.map(from_row).transpose()
}

/// The account with this registry name, locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn find_by_username_for_update(
    db: &impl ConnectionTrait,
    username: &str,
) -> Result<Option<User>, Error> {
    let query = user::Entity::find().filter(user::Column::Username.eq(username)).lock(ROW_LOCK);
    query.one(db).await?.map(from_row).transpose()
}

/// Locks these accounts, in the order of their ids, until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(r#"SELECT id FROM "user" WHERE id IN ("#);
    sql.bind_all(ids.iter().map(|id| id.uuid())).push(") ORDER BY id FOR NO KEY UPDATE");
    db.query_all_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// The same without waiting; `false` when somebody else holds one of them.
///
/// # Errors
/// When the database fails.
pub async fn lock_at_once(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<bool, Error> {
    if ids.is_empty() || db.get_database_backend() == DbBackend::Sqlite {
        return Ok(true);
    }
    let mut sql = Sql::new(r#"SELECT id FROM "user" WHERE id IN ("#);
    sql.bind_all(ids.iter().map(|id| id.uuid())).push(") FOR NO KEY UPDATE SKIP LOCKED");
    Ok(db.query_all_raw(sql.build(db.get_database_backend())).await?.len() == ids.len())
}

/// Locks them in order; returns those that SCIM shows, and under which id, now that nobody else changes them.
///
/// # Errors
/// When the database fails.
pub async fn lock_visible(
    db: &impl ConnectionTrait,
    ids: &[UserId],
) -> Result<Vec<(UserId, ScimUserId)>, Error> {
    let mut sql = Sql::new("SELECT u.id, u.scim_id, ");
    sql.push(VISIBLE_USER).push(r#" FROM "user" u WHERE u.id IN ("#);
    sql.bind_all(ids.iter().map(|id| id.uuid())).push(") ORDER BY u.id");
    if db.get_database_backend() == DbBackend::Postgres {
        sql.push(" FOR NO KEY UPDATE");
    }
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let mut visible = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, scim_id): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if row.try_get_by_index(2)? {
            visible.push((id.into(), scim_id.into()));
        }
    }
    Ok(visible)
}

/// How many active server admins there are.
///
/// # Errors
/// When the database fails.
pub async fn count_active_admins(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let filter = UserFilter {
        states: vec![UserState::Active],
        roles: vec![ServerRole::Admin],
        ..UserFilter::default()
    };
    count(db, &filter).await
}

/// The advisory lock of whoever takes a server admin away.
const ADMINS_LOCK: i64 = 0x726f_7374_6572_0004;

/// Keeps others from taking a server admin away until the transaction ends, so that two cannot go at once.
///
/// # Errors
/// When the database fails.
pub async fn hold_admins(db: &impl ConnectionTrait) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT pg_advisory_xact_lock(");
    sql.bind(ADMINS_LOCK).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// The active server admins, all of them, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn active_admins(db: &impl ConnectionTrait) -> Result<Vec<User>, Error> {
    let admins = Condition::all()
        .add(user::Column::ServerRole.eq(ServerRole::Admin.code()))
        .add(user::Column::State.eq(UserState::Active.code()));
    let query = user::Entity::find().filter(admins).order_by_asc(user::Column::Id);
    rows(query, db).await
}

pub(super) async fn rows(query: Select<user::Entity>, db: &impl ConnectionTrait) -> Result<Vec<User>, Error> {
    query.all(db).await?.into_iter().map(from_row).collect()
}

fn to_row(user: &User) -> user::Model {
    let person = user.person.clone();
    let key = person.user_name_key().unwrap_or_else(|_| name::key(&person.user_name));
    let search = search(&person, &user.username);
    user::Model {
        id: user.id.uuid(),
        scim_id: user.scim_id.uuid(),
        username: user.username.clone(),
        user_type: user.user_type.code(),
        server_role: user.server_role.code(),
        state: user.state.code(),
        description: user.description.clone(),
        url: user.url.clone(),
        verification: user.verification.code(),
        provenance: user.provenance.code(),
        pushed_user_name_key: user.provenance.is_pushed().then(|| key.clone()),
        user_name_key: key,
        email_key: person.email_key(),
        user_name: person.user_name,
        external_id: person.external_id,
        given_name: person.given_name,
        family_name: person.family_name,
        email: person.email,
        document: person.document,
        search,
        version: user.version,
        create_time: user.create_time.micros(),
        update_time: user.update_time.micros(),
        pushed_by: user.pushed_by.map(ScimTokenId::uuid),
    }
}

/// What filters look into; of a local user the work e-mail and the registry name are all that is known.
fn search(person: &Person, username: &str) -> String {
    match person.email.as_deref().filter(|_| person.search.is_empty()).map(name::folded) {
        Some(email) => {
            let name = json!({ "formatted": username, "givenName": username, "familyName": username });
            json!({ "emails": [{ "type": "work", "value": email, "primary": true }], "name": name })
                .to_string()
        }
        None => person.search.clone(),
    }
}

pub(super) fn from_row(row: user::Model) -> Result<User, Error> {
    Ok(User {
        id: row.id.into(),
        scim_id: row.scim_id.into(),
        username: row.username,
        user_type: decode("user type", UserType::from_code(row.user_type))?,
        server_role: decode("server role", ServerRole::from_code(row.server_role))?,
        state: decode("user state", UserState::from_code(row.state))?,
        description: row.description,
        url: row.url,
        verification: decode("verification status", VerificationStatus::from_code(row.verification))?,
        provenance: decode("provenance", Provenance::from_code(row.provenance))?,
        pushed_by: row.pushed_by.map(Into::into),
        person: Person {
            user_name: row.user_name,
            external_id: row.external_id,
            given_name: row.given_name,
            family_name: row.family_name,
            email: row.email,
            document: row.document,
            search: row.search,
        },
        create_time: Timestamp::from_micros(row.create_time),
        update_time: Timestamp::from_micros(row.update_time),
        version: row.version,
    })
}
