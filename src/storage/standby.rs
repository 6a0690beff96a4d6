//! Whether PostgreSQL is a standby, which only reads (storage floor).
//!
//! A standby may become the primary while this process runs, and then takes writes without a restart. So what is known of
//! it is believed in one direction alone: what was no standby is not asked before a write, and refuses by itself if it
//! has become one (SQLSTATE 25006); what was one is asked each time, which spares it a transaction.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{Error, schema};

/// What PostgreSQL said last; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Standby(Arc<AtomicBool>);

impl Standby {
    /// Whether it was a standby when it was asked last.
    pub(super) fn was_one(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether it is one. It is not asked when it was none.
    pub(super) async fn is_one(&self, db: &impl ConnectionTrait) -> Result<bool, Error> {
        Ok(self.was_one() && self.ask(db).await?)
    }

    /// Whether it is one, by its own word.
    pub(super) async fn ask(&self, db: &impl ConnectionTrait) -> Result<bool, Error> {
        let is_one = one(db, "SELECT pg_is_in_recovery()").await?.try_get_by_index(0)?;
        self.note(is_one);
        Ok(is_one)
    }

    /// Keeps what it said, and tells the log when that is new.
    pub(super) fn note(&self, is_one: bool) {
        if self.0.swap(is_one, Ordering::Relaxed) == is_one {
            return;
        }
        if is_one {
            tracing::info!("the database is a standby: this instance only reads");
        } else {
            tracing::info!("the database is no standby any more: this instance writes");
        }
    }
}

/// The schema must be the one that this release expects: a standby has it from its primary, and nothing can change it
/// here.
pub(super) async fn check_schema(db: &impl ConnectionTrait) -> Result<(), Error> {
    let is_there: bool =
        one(db, "SELECT to_regclass('seaql_migrations') IS NOT NULL").await?.try_get_by_index(0)?;
    if !is_there {
        return Err(refused("has no tables of Roster", "start an instance on the primary first"));
    }
    let steps = schema::steps(db).await?;
    if !steps.unknown.is_empty() {
        let what = format!("has steps of a later release: {}", steps.unknown.join(", "));
        return Err(refused(&what, "start that release here"));
    }
    if !steps.missing.is_empty() {
        let what = format!("lacks the steps {}", steps.missing.join(", "));
        return Err(refused(&what, "start an instance of this release on the primary first"));
    }
    Ok(())
}

fn refused(what: &str, fix: &str) -> Error {
    Error::Refused(format!("the database is a standby, and {what}; {fix}"))
}

async fn one(db: &impl ConnectionTrait, sql: &str) -> Result<QueryResult, Error> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.ok_or(Error::Corrupt("standby (nothing is told of it)"))
}
