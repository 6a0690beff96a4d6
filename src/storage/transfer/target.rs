//! The database that a copy goes into (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, Value};

use super::rows::{self, columns, quoted};
use crate::storage::{Error, Sql, Store, schema::Table};

/// Marks the target as one that is being filled. One with rows is let pass when it is a part of the same copy.
pub(super) async fn claim(target: &Store, tables: &[Table], source: &str) -> Result<(), Error> {
    if let Some(claimed) = claimed(target).await? {
        if claimed == source {
            return Ok(());
        }
        return Err(Error::Refused(format!(
            "the target holds a part of a copy of {claimed}; empty it first"
        )));
    }
    for table in tables {
        if rows::count(target.reader(), table).await? > table.seeded {
            let text = format!("the target is not empty: {} has rows of its own", table.name);
            return Err(Error::Refused(text));
        }
    }
    let claim = target.transaction(|tx| async move {
        // what the migrations put there comes from the source, too
        for table in tables.iter().filter(|table| table.seeded > 0) {
            tx.execute_unprepared(&format!("DELETE FROM {}", quoted(&table.name))).await?;
        }
        tx.execute_unprepared("CREATE TABLE database_copy (source text NOT NULL)").await?;
        let mut sql = Sql::new("INSERT INTO database_copy (source) VALUES (");
        sql.bind(source).push(")");
        tx.execute_raw(sql.build(tx.get_database_backend())).await?;
        Ok(())
    });
    claim.await
}

/// Whose copy the target holds a part of.
async fn claimed(target: &Store) -> Result<Option<String>, Error> {
    let db = target.reader();
    let there = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'database_copy'",
        _ => "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'database_copy'",
    };
    let find = |text: &str| Sql::new(text).build(db.get_database_backend());
    if db.query_one_raw(find(there)).await?.is_none() {
        return Ok(None);
    }
    let row = db.query_one_raw(find("SELECT source FROM database_copy")).await?;
    Ok(row.map(|row| row.try_get("", "source")).transpose()?)
}

/// The copy is whole.
pub(super) async fn release(target: &Store) -> Result<(), Error> {
    let release = target.transaction(|tx| async move {
        tx.execute_unprepared("DROP TABLE database_copy").await?;
        Ok(())
    });
    release.await
}

/// Writes rows in one transaction.
pub(super) async fn insert(target: &Store, table: &Table, rows: &[Vec<Value>]) -> Result<(), Error> {
    let write = target.transaction(|tx| async move {
        let mut sql = Sql::new("INSERT INTO ");
        sql.push(&quoted(&table.name)).push(" (").push(&columns(table)).push(") VALUES ");
        sql.bind_rows(rows.iter().cloned());
        tx.execute_raw(sql.build(tx.get_database_backend())).await?;
        Ok(())
    });
    write.await
}

/// PostgreSQL's own counters go on after the rows; SQLite's do by themselves.
pub(super) async fn count_on(target: &Store, table: &Table) -> Result<(), Error> {
    if target.reader().get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    for column in table.columns.iter().filter(|column| column.counts) {
        let (name, column) = (&table.name, &column.name);
        let sql = format!(
            r#"SELECT setval(pg_get_serial_sequence('"{name}"', '{column}'), coalesce(max("{column}"), 1),
            max("{column}") IS NOT NULL) FROM "{name}""#
        );
        target.reader().execute_unprepared(&sql).await?;
    }
    Ok(())
}
