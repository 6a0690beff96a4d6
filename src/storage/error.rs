//! What can go wrong in the database (storage floor).

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database address is not one that we understand.
    #[error("{0}")]
    BadUrl(String),
    /// A unique key is taken.
    #[error("a unique key is taken")]
    Taken(#[source] DbErr),
    /// The transaction met another one and may be tried again.
    #[error("the transaction met another one")]
    Conflict(#[source] DbErr),
    /// The database cannot be reached, or has no connection free.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// The database cannot be reached, with the place and the cause.
    #[error("{0}")]
    Unreachable(String),
    /// A file is no database, or not whole.
    #[error("{0}")]
    Damaged(String),
    /// The database takes no writes, as a standby does.
    #[error("the database takes no writes, as a standby does")]
    ReadOnly,
    /// A stored value is not one that we write.
    #[error("the stored {0} is not one that this version writes")]
    Corrupt(&'static str),
    /// A text is longer than an index takes, or has a character that the database cannot keep.
    #[error("a text is too long, or has a character that cannot be stored")]
    BadText(#[source] DbErr),
    /// Another process has the database open.
    #[error("{0}")]
    InUse(String),
    /// A file, or a database as a whole, is not what the work needs.
    #[error("{0}")]
    Refused(String),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl Error {
    /// The work found that what it decided by is no longer so.
    #[must_use]
    pub fn outdated(what: &str) -> Self {
        Self::Conflict(DbErr::Custom(format!("{what} changed while the transaction ran")))
    }
}

/// An error that knows whether the transaction it ended may be tried again.
pub trait Retryable {
    /// Whether the whole transaction may be tried again.
    fn is_conflict(&self) -> bool;
}

impl Retryable for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

/// SQLSTATEs of serialization failure and deadlock (PostgreSQL), by which a transaction asks to be retried.
const CONFLICTS: [&str; 2] = ["40001", DEADLOCK];
const DEADLOCK: &str = "40P01";
/// SQLSTATE of a write where nothing can be written (PostgreSQL).
const READ_ONLY: &str = "25006";
/// The same (SQLite): a file without the right to write, or one that was taken away.
const SQLITE_READ_ONLY: u32 = 8;
/// Codes of a file that cannot be read, written or opened (SQLite).
const SQLITE_FILE_FAILS: [u32; 2] = [10, 14];
/// SQLSTATEs of a server that stops, starts, is full, or did not hear of us for too long (PostgreSQL), and codes of a file that another process holds or
/// that cannot grow (SQLite).
const UNAVAILABLE: [&str; 14] = [
    "57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "55P03", "25P03", "5", "6", "261", "517",
    "13",
];
/// SQLSTATEs of a character that the encoding lacks (NUL), and of a text that an index cannot take.
const BAD_TEXT: [&str; 2] = ["22021", "54000"];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let code = sqlstate(&error).unwrap_or_default();
        let is_one_of = |codes: &[&str]| codes.contains(&code.as_str());
        // SQLite's codes have a cause in their upper bits; those of PostgreSQL have five characters
        let of_sqlite = (code.len() < 5).then(|| code.parse::<u32>().ok()).flatten().map(|code| code & 0xff);
        match (error.sql_err(), &error) {
            (Some(SqlErr::UniqueConstraintViolation(_)), _) => Self::Taken(error),
            // what was there a moment ago is gone: tried again, the work sees that
            (Some(SqlErr::ForeignKeyConstraintViolation(_)), _) | (_, DbErr::RecordNotUpdated) => {
                Self::Conflict(error)
            }
            (_, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => Self::Unavailable(error),
            _ if code == READ_ONLY || of_sqlite == Some(SQLITE_READ_ONLY) => Self::ReadOnly,
            _ if of_sqlite.is_some_and(|code| SQLITE_FILE_FAILS.contains(&code)) => Self::Unavailable(error),
            _ if is_one_of(&CONFLICTS) => Self::Conflict(error),
            _ if is_one_of(&UNAVAILABLE) || lost_connection(&error) => Self::Unavailable(error),
            _ if is_one_of(&BAD_TEXT) => Self::BadText(error),
            _ => Self::Database(error),
        }
    }
}

/// Whether a statement met another transaction, and may be tried again with its own.
pub(super) fn is_conflict(error: &DbErr) -> bool {
    sqlstate(error).is_some_and(|code| CONFLICTS.contains(&code.as_str()))
}

/// Whether PostgreSQL ended a transaction since it and another one waited for each other.
pub(super) fn is_deadlock(error: &DbErr) -> bool {
    sqlstate(error).as_deref() == Some(DEADLOCK)
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    Some(error)
}

fn sqlstate(error: &DbErr) -> Option<String> {
    sqlx_error(error)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn lost_connection(error: &DbErr) -> bool {
    matches!(
        sqlx_error(error),
        Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
    )
}
