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
    /// A stored value is not one that we write.
    #[error("the stored {0} is not one that this version writes")]
    Corrupt(&'static str),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] DbErr),
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
const CONFLICTS: [&str; 2] = ["40001", "40P01"];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Taken(error);
        }
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error),
            _ if sqlstate(&error).is_some_and(|code| CONFLICTS.contains(&code.as_str())) => {
                Self::Conflict(error)
            }
            _ if lost_connection(&error) => Self::Unavailable(error),
            _ => Self::Database(error),
        }
    }
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
