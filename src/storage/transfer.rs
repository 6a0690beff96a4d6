//! Moving everything from one database to another, whatever each is (storage floor).
//!
//! Rows go table by table in the order of their keys, so that the last row of a table in the target is the place
//! where an interrupted copy goes on; a table without a key goes by the order of all of its columns. A table `database_copy` marks a target that is not complete, and names where
//! its rows come from. The source is read in one snapshot; at the end each row is compared.

mod rows;
mod target;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait,
};

use super::{Error, Sql, Store, address, backup, connect, private, schema, schema::Table};
use crate::domain::count;
use rows::Rows;

/// How far the work is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// Whether rows are compared; else they are copied.
    pub checking: bool,
    /// The table.
    pub table: &'a str,
    /// How many of its rows are done.
    pub rows: u64,
    /// How many there are.
    pub of: u64,
}

/// What was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Each table with its number of rows, all of them compared.
    pub tables: Vec<(String, u64)>,
    /// How many rows were there already, of a copy that was interrupted.
    pub resumed: u64,
}

/// Copies the database at `from` into the one at `to`, which must be empty or hold a part of the same copy, and
/// compares both row by row. `name` is how the source is called in the target, without its password.
///
/// # Errors
/// The source has another schema than this release; the target has rows of its own; a row differs in the end, which
/// is so when the source was written to in between.
pub async fn copy(
    from: &str,
    to: &str,
    name: &str,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Moved, Error> {
    if from == to {
        return Err(Error::Refused("both URLs name the same database".to_owned()));
    }
    if let Some(file) = connect::file_of(to)? {
        private::refuse_links(&file)?;
        private::refuse_other_names(&file)?;
        private::refuse_leftovers(&file)?;
    }
    if let Some(file) = connect::file_of(from)?.filter(|file| file.exists()) {
        backup::refuse_in_use(&file).await?;
    }
    let source = connect::reader(from).await?;
    refuse_served(&source).await?;
    check_steps(&source).await?;
    let target = Store::open(to).await?;
    let tables = schema::tables().await?;
    target::claim(&target, &tables, name).await?;
    let snapshot =
        source.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
    let mut moved = Moved::default();
    for table in &tables {
        moved.resumed += copy_table(&snapshot, &target, table, tell).await?;
        target::count_on(&target, table).await?;
    }
    for table in &tables {
        let rows = compare_table(&snapshot, &target, table, tell).await?;
        moved.tables.push((table.name.clone(), rows));
    }
    snapshot.rollback().await?;
    source.close().await?;
    target::release(&target).await?;
    target.close().await?;
    Ok(moved)
}

/// Refuses a source on PostgreSQL that instances are connected to, by the name that their sessions have.
async fn refuse_served(source: &impl ConnectionTrait) -> Result<(), Error> {
    if source.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
         AND application_name = ",
    );
    sql.bind(address::APPLICATION);
    match sql.count(source).await? {
        0 => Ok(()),
        sessions => Err(Error::InUse(format!(
            "the source is in use, by {} with the application_name {}: stop the server on it first",
            count::things(sessions, "session"),
            address::APPLICATION
        ))),
    }
}

async fn check_steps(source: &impl ConnectionTrait) -> Result<(), Error> {
    let steps = schema::steps(source).await?;
    if !steps.unknown.is_empty() {
        return Err(Error::Refused("a later release wrote the source; copy it with that one".to_owned()));
    }
    if !steps.missing.is_empty() {
        let text = "the source has the schema of an earlier release; start the server on it once, which brings it up to date";
        return Err(Error::Refused(text.to_owned()));
    }
    Ok(())
}

/// Copies what the target lacks; says how many rows it had.
async fn copy_table(
    snapshot: &DatabaseTransaction,
    target: &Store,
    table: &Table,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<u64, Error> {
    let of = rows::count(snapshot, table).await?;
    let resumed = rows::count(target.reader(), table).await?;
    let mut rows = resumed;
    let mut source = Rows::after(table, rows::last_key(target.reader(), table).await?, resumed);
    loop {
        tell(Progress { checking: false, table: &table.name, rows, of });
        let batch = source.next(snapshot).await?;
        if batch.is_empty() {
            return Ok(resumed);
        }
        rows += batch.len() as u64;
        target::insert(target, table, &batch).await?;
    }
}

/// Reads both sides in the order of keys, and says how many rows there are.
async fn compare_table(
    snapshot: &DatabaseTransaction,
    target: &Store,
    table: &Table,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<u64, Error> {
    let of = rows::count(snapshot, table).await?;
    let (mut theirs, mut ours) = (Rows::after(table, None, 0), Rows::after(table, None, 0));
    let mut rows = 0;
    loop {
        tell(Progress { checking: true, table: &table.name, rows, of });
        let (there, here) = (theirs.next(snapshot).await?, ours.next(target.reader()).await?);
        if there != here {
            return Err(differs(&table.name));
        }
        if there.is_empty() {
            return Ok(rows);
        }
        rows += there.len() as u64;
    }
}

fn differs(table: &str) -> Error {
    Error::Refused(format!(
        "the rows of {table} differ: the source was written to between two runs, or the target was; stop both servers, \
         empty the target and copy again"
    ))
}
