//! What a caller's access rests on, read and held in the transaction that depends on it (storage floor).
//!
//! PostgreSQL runs transactions side by side. A transaction that depends on the access of its caller shares an advisory lock
//! on it from its beginning to its end, and whoever takes that access away needs the lock alone. The locks come before all
//! others, so a caller's own requests run beside each other, and no row is held that a push of a group needs. SQLite runs one
//! transaction at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;

use super::{Error, Sql, decode, jit, maintenance, provisioning::pause};
use crate::domain::{
    clock::Timestamp,
    id::{OrganizationId, ScimTokenId, ScimUserId, TokenId, UserId},
    provisioning::Pause,
    role::{OrganizationRole, ServerRole},
    user::UserState,
};

/// The space of the advisory locks of SCIM tokens.
const SCIM_LOCKS: i32 = 0x726f_7374;
/// The lock of all SCIM tokens within that space; their own ones are above.
const ALL_TOKENS: i32 = 0;
/// The lock of all changes within that space.
const CHANGES: i32 = -1;
/// The space of the advisory locks of users.
const USER_LOCKS: i32 = 0x726f_7375;

/// What can be held, in the order in which every transaction takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// What anybody changes.
    Changes,
    /// The settings that give roles just in time.
    Settings(jit::Lock),
    /// What pushes by any SCIM token.
    ScimTokens,
    /// What pushes by this one.
    ScimToken(ScimTokenId),
    /// What this user may do.
    User(UserId),
    /// What the user with this SCIM resource may do.
    PushedUser(ScimUserId),
}

/// What a transaction holds from its beginning to its end, together with others or alone; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    all: Arc<Mutex<All>>,
    /// The user whose share of the connections the transaction takes from.
    pub(super) payer: Option<UserId>,
}

/// What is held, and what the next try holds beside it.
#[derive(Debug, Default)]
struct All {
    held: BTreeMap<Held, Mode>,
    wanted: Vec<(Held, Mode)>,
}

/// With whom something is held; who needs it alone gets it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Shared,
    Alone,
}

impl Holds {
    /// The same, with a connection of this user's share.
    #[must_use]
    pub fn paid_by(self, user: UserId) -> Self {
        Self { payer: Some(user), ..self }
    }

    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The same, and these together with others who share them.
    #[must_use]
    pub fn sharing(self, held: impl IntoIterator<Item = Held>) -> Self {
        self.with(held, Mode::Shared)
    }

    /// The same, and these alone.
    #[must_use]
    pub fn alone(self, held: impl IntoIterator<Item = Held>) -> Self {
        self.with(held, Mode::Alone)
    }

    fn with(self, held: impl IntoIterator<Item = Held>, mode: Mode) -> Self {
        for held in held {
            self.all().hold(held, mode);
        }
        self
    }

    /// Whether the transaction holds this alone.
    #[must_use]
    pub fn has_alone(&self, held: Held) -> bool {
        self.all().held.get(&held) == Some(&Mode::Alone)
    }

    /// The same. If not, the next try will, from its beginning: locks that are taken later, or
    /// raised, are how two transactions come to wait for each other.
    #[must_use]
    pub fn require_alone(&self, held: Held) -> bool {
        let mut all = self.all();
        if all.held.get(&held) == Some(&Mode::Alone) {
            return true;
        }
        all.wanted.push((held, Mode::Alone));
        false
    }

    /// The same of what is held at least together with others.
    #[must_use]
    pub fn require_shared(&self, held: Held) -> bool {
        let mut all = self.all();
        if all.held.contains_key(&held) {
            return true;
        }
        all.wanted.push((held, Mode::Shared));
        false
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // each change is one insertion
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The statements that take the locks on PostgreSQL, with a `;` after each. They go with `BEGIN`, so each later statement
    /// sees what was committed before.
    pub(super) fn statements(&self) -> String {
        let mut all = self.all();
        for (wanted, mode) in std::mem::take(&mut all.wanted) {
            all.hold(wanted, mode);
        }
        // those whose keys are known are one statement, which takes them in the order of its list
        let is_of_row = |held: &Held| matches!(held, Held::PushedUser(_));
        let locks = |of_rows: bool| {
            let those = all.held.iter().filter(move |(held, _)| is_of_row(held) == of_rows);
            those.map(|(held, mode)| held.lock(*mode)).collect::<Vec<_>>()
        };
        let known = Some(locks(false).join(", ")).filter(|known| !known.is_empty());
        let statements: Vec<_> =
            known.into_iter().chain(locks(true)).map(|locks| format!("SELECT {locks};")).collect();
        statements.concat()
    }
}

impl All {
    fn hold(&mut self, held: Held, mode: Mode) {
        let now = self.held.entry(held).or_insert(mode);
        *now = mode.max(*now);
    }
}

impl Held {
    /// The call of PostgreSQL that takes the lock.
    fn lock(self, mode: Mode) -> String {
        let take = match mode {
            Mode::Shared => "pg_advisory_xact_lock_shared",
            Mode::Alone => "pg_advisory_xact_lock",
        };
        match self {
            Self::Changes => format!("{take}({SCIM_LOCKS}, {CHANGES})"),
            Self::Settings(lock) => format!("{take}({})", lock as i64),
            Self::ScimTokens => format!("{take}({SCIM_LOCKS}, {ALL_TOKENS})"),
            // two tokens, or users, with the same number wait for each other now and then
            Self::ScimToken(id) => {
                format!("{take}({SCIM_LOCKS}, {})", number(id.uuid()).max(ALL_TOKENS + 1))
            }
            Self::User(id) => format!("{take}({USER_LOCKS}, {})", number(id.uuid())),
            Self::PushedUser(id) => format!(
                "{take}({USER_LOCKS}, ('x' || right(id::text, 8))::bit(32)::int & {}) FROM \"user\" WHERE scim_id = '{id}'",
                i32::MAX
            ),
        }
    }
}

/// The last four bytes of an id, as a number that is not negative.
fn number(id: Uuid) -> i32 {
    let [.., a, b, c, d] = *id.as_bytes();
    i32::from_be_bytes([a, b, c, d]) & i32::MAX
}

/// Holds this together with others from here on.
///
/// # Errors
/// When the database fails.
pub async fn share(db: &impl ConnectionTrait, held: Held) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(&format!("SELECT {}", held.lock(Mode::Shared))).await?;
    }
    Ok(())
}

/// The role of a user in an organization, held as it is until the transaction ends; none when the user is no member, or when
/// somebody else changes the role right now. It waits for nobody.
///
/// # Errors
/// When the database fails.
pub async fn role_in(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<OrganizationRole>, Error> {
    let mut sql = Sql::new("SELECT role FROM organization_member WHERE organization_id = ");
    sql.bind(organization.uuid()).push(" AND user_id = ").bind(user.uuid());
    if db.get_database_backend() == DbBackend::Postgres {
        sql.push(" FOR SHARE SKIP LOCKED");
    }
    let Some(row) = db.query_one_raw(sql.build(db.get_database_backend())).await? else { return Ok(None) };
    decode("role", OrganizationRole::from_code(row.try_get_by_index(0)?)).map(Some)
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

/// How this API token of this user and the user are now; none when the token is gone.
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
    sql.push(maintenance::MESSAGE).push(", ");
    sql.push(pause::COLUMNS).push(" FROM scim_token t LEFT JOIN provisioning_pause ON scope IN (");
    sql.bind_all([pause::to_scope(None), pause::to_scope(Some(id))]);
    sql.push(") WHERE t.id = ").bind(id.uuid()).push(" ORDER BY scope LIMIT 1");
    let Some(row) = db.query_one_raw(sql.build(db.get_database_backend())).await? else { return Ok(None) };
    let end: Option<i64> = row.try_get_by_index(0)?;
    let is_paused = row.try_get_by_index::<Option<String>>(2)?.is_some();
    let pause = is_paused.then(|| pause::from_row(&row, 2)).transpose()?;
    let (expire_time, maintenance) = (end.map(Timestamp::from_micros), row.try_get_by_index(1)?);
    Ok(Some(ScimTokenStanding { expire_time, pause, maintenance }))
}
