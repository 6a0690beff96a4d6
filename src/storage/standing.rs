//! What a caller's access rests on, read and held in the transaction that depends on it (storage floor).
//!
//! PostgreSQL runs transactions side by side, so a transaction holds what it depends on before its first read, and whoever
//! takes access away waits for it: a user by the row, which every change of a user locks; a SCIM token by advisory locks,
//! which pushes share. SQLite runs one transaction at a time.

use sea_orm::{ConnectionTrait, DbBackend};

use super::{Error, Sql, decode, maintenance, provisioning::pause};
use crate::domain::{
    clock::Timestamp,
    id::{ScimTokenId, TokenId, UserId},
    provisioning::Pause,
    role::ServerRole,
    user::UserState,
};

/// The space of the advisory locks of SCIM tokens.
const SCIM_LOCKS: i32 = 0x726f_7374;
/// The lock of all SCIM tokens within that space; their own ones are above.
const ALL_TOKENS: i32 = 0;
/// The lock of all users within that space, which each change by one shares with the others.
const ALL_USERS: i32 = -1;

/// What a transaction holds from its beginning to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Holds {
    /// Nothing.
    #[default]
    Nothing,
    /// The rows of these users, against everyone else.
    Users(Vec<UserId>),
    /// A SCIM token, together with others that push by it.
    ScimToken(ScimTokenId),
}

impl Holds {
    /// The statement that takes the locks on PostgreSQL, with a `;` after it; empty where there is nothing to hold. It goes
    /// with `BEGIN`, so that each later statement sees what was committed before.
    pub(super) fn statement(&self) -> String {
        match self {
            Self::Users(ids) if !ids.is_empty() => {
                let ids: Vec<_> = ids.iter().map(|id| format!("'{id}'")).collect();
                let list = ids.join(", ");
                format!(
                    r#"SELECT pg_advisory_xact_lock_shared({SCIM_LOCKS}, {ALL_USERS}); SELECT 1 FROM "user" WHERE id IN ({list}) ORDER BY id FOR NO KEY UPDATE;"#
                )
            }
            Self::ScimToken(id) => format!(
                "SELECT pg_advisory_xact_lock_shared({SCIM_LOCKS}, {ALL_TOKENS}), \
                 pg_advisory_xact_lock_shared({SCIM_LOCKS}, {});",
                lock_of(*id)
            ),
            Self::Nothing | Self::Users(_) => String::new(),
        }
    }
}

/// A number from 1 up; two tokens with the same one wait for each other now and then.
fn lock_of(id: ScimTokenId) -> i32 {
    let [.., a, b, c, d] = *id.uuid().as_bytes();
    (i32::from_be_bytes([a, b, c, d]) & i32::MAX).max(ALL_TOKENS + 1)
}

/// Waits until no transaction that holds this SCIM token, or any, is under way, and keeps new ones out until this one ends.
/// To be called before the token is deleted or paused.
///
/// # Errors
/// When the database fails.
pub async fn exclude(db: &impl ConnectionTrait, scope: Option<ScimTokenId>) -> Result<(), Error> {
    take(db, scope.map_or(ALL_TOKENS, lock_of)).await
}

/// The same of every change, by whomever. To be called before the maintenance mode begins.
///
/// # Errors
/// When the database fails.
pub async fn exclude_all(db: &impl ConnectionTrait) -> Result<(), Error> {
    take(db, ALL_USERS).await?;
    take(db, ALL_TOKENS).await
}

async fn take(db: &impl ConnectionTrait, lock: i32) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT pg_advisory_xact_lock(");
    sql.bind(SCIM_LOCKS).push(", ").bind(lock).push(")");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// How an API token and its user are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserStanding {
    /// When the token ends.
    pub expire_time: Timestamp,
    /// Whether the user is active.
    pub state: UserState,
    /// The user's role on the server.
    pub server_role: ServerRole,
    /// What the server tells who wants to change something, if it takes no changes.
    pub maintenance: Option<String>,
}

/// How this API token of this user and the user are now; none when the token is gone. The token is held until the
/// transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    token: TokenId,
) -> Result<Option<UserStanding>, Error> {
    let mut sql = Sql::new("SELECT t.expire_time, u.state, u.server_role, ");
    sql.push(maintenance::MESSAGE).push(" FROM token t ");
    sql.push(r#"JOIN "user" u ON u.id = t.user_id WHERE t.id = "#).bind(token.uuid());
    sql.push(" AND u.id = ").bind(user.uuid());
    let Some(row) = db.query_one_raw(sql.build(db.get_database_backend())).await? else { return Ok(None) };
    Ok(Some(UserStanding {
        expire_time: Timestamp::from_micros(row.try_get_by_index(0)?),
        state: decode("user state", UserState::from_code(row.try_get_by_index(1)?))?,
        server_role: decode("server role", ServerRole::from_code(row.try_get_by_index(2)?))?,
        maintenance: row.try_get_by_index(3)?,
    }))
}

/// How a SCIM token is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimTokenStanding {
    /// When it ends; never when there is none.
    pub expire_time: Option<Timestamp>,
    /// What stops it: the pause of all tokens, or its own.
    pub pause: Option<Pause>,
    /// What the server tells who wants to change something, if it takes no changes.
    pub maintenance: Option<String>,
}

/// How this SCIM token is now; none when it is gone.
///
/// # Errors
/// When the database fails.
pub async fn of_scim_token(
    db: &impl ConnectionTrait,
    id: ScimTokenId,
) -> Result<Option<ScimTokenStanding>, Error> {
    let mut sql = Sql::new("SELECT t.expire_time, ");
    sql.push(maintenance::MESSAGE)
        .push(", ")
        .push(pause::COLUMNS)
        .push(" FROM scim_token t LEFT JOIN provisioning_pause ON scope IN (");
    sql.bind_all([pause::to_scope(None), pause::to_scope(Some(id))]);
    sql.push(") WHERE t.id = ").bind(id.uuid()).push(" ORDER BY scope LIMIT 1");
    let Some(row) = db.query_one_raw(sql.build(db.get_database_backend())).await? else { return Ok(None) };
    let end: Option<i64> = row.try_get_by_index(0)?;
    let is_paused = row.try_get_by_index::<Option<String>>(2)?.is_some();
    let pause = is_paused.then(|| pause::from_row(&row, 2)).transpose()?;
    let (expire_time, maintenance) = (end.map(Timestamp::from_micros), row.try_get_by_index(1)?);
    Ok(Some(ScimTokenStanding { expire_time, pause, maintenance }))
}
