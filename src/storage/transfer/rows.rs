//! Reading the rows of any table in the order of its key (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value, prelude::Uuid};

use crate::storage::{
    Error, Sql,
    schema::{Column, Kind, Table},
};

/// Rows that are read and written at once: with the widest table well under the number of values that SQLite takes.
const ROWS: u64 = 500;

/// A place in a table, from which rows are read on.
pub(super) struct Rows<'a> {
    table: &'a Table,
    after: Option<Vec<Value>>,
    /// How many rows are before it: the place in a table without a key, where equal rows stand for each other.
    offset: u64,
}

impl<'a> Rows<'a> {
    /// Begins after so many rows, of which the last has this key; with the first row when there is none.
    pub(super) fn after(table: &'a Table, key: Option<Vec<Value>>, offset: u64) -> Self {
        Self { table, after: key, offset }
    }

    /// The next rows; none at the end.
    pub(super) async fn next(&mut self, db: &impl ConnectionTrait) -> Result<Vec<Vec<Value>>, Error> {
        let mut sql = Sql::new("SELECT ");
        sql.push(&columns(self.table)).push(" FROM ").push(&quoted(&self.table.name));
        let backend = db.get_database_backend();
        if let Some(after) = &self.after {
            let key = order(self.table, backend, "");
            sql.push(&format!(" WHERE ({key}) > (")).bind_all(after.iter().cloned()).push(")");
        }
        sql.push(&format!(" ORDER BY {} LIMIT {ROWS}", order(self.table, backend, " NULLS FIRST")));
        if self.table.key.is_empty() {
            sql.push(&format!(" OFFSET {}", self.offset));
        }
        let found = db.query_all_raw(sql.build(db.get_database_backend())).await?;
        let rows: Vec<_> = found.iter().map(|row| values(row, self.table)).collect::<Result<_, _>>()?;
        self.offset += rows.len() as u64;
        if let Some(last) = rows.last().filter(|_| !self.table.key.is_empty()) {
            self.after = Some(key_of(last, self.table));
        }
        Ok(rows)
    }
}

/// The key of the last row.
pub(super) async fn last_key(db: &impl ConnectionTrait, table: &Table) -> Result<Option<Vec<Value>>, Error> {
    if table.key.is_empty() {
        return Ok(None);
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(&columns(table)).push(" FROM ").push(&quoted(&table.name));
    sql.push(&format!(" ORDER BY {} LIMIT 1", order(table, db.get_database_backend(), " DESC")));
    let found = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let row = found.map(|row| values(&row, table)).transpose()?;
    Ok(row.map(|row| key_of(&row, table)))
}

/// How many rows there are.
pub(super) async fn count(db: &impl ConnectionTrait, table: &Table) -> Result<u64, Error> {
    let sql = Sql::new(&format!("SELECT count(*) AS rows FROM {}", quoted(&table.name)));
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let rows: i64 = row.map(|row| row.try_get("", "rows")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// The columns with commas between them.
pub(super) fn columns(table: &Table) -> String {
    table.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The columns of the key, or all where there is none; text by its bytes, as SQLite sorts it.
fn order(table: &Table, backend: DbBackend, direction: &str) -> String {
    let is_named = |column: &&Column| table.key.is_empty() || table.key.contains(&column.name);
    let mut columns: Vec<_> = table.columns.iter().filter(is_named).collect();
    columns.sort_by_key(|column| table.key.iter().position(|name| *name == column.name));
    let each = columns.into_iter().map(|column| {
        let by_bytes = column.kind == Kind::Text && backend == DbBackend::Postgres;
        let collation = if by_bytes { " COLLATE \"C\"" } else { "" };
        format!("{}{collation}{direction}", quoted(&column.name))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn key_of(row: &[Value], table: &Table) -> Vec<Value> {
    let place = |name: &String| table.columns.iter().position(|column| column.name == *name);
    table.key.iter().filter_map(|name| row.get(place(name)?).cloned()).collect()
}

fn values(row: &QueryResult, table: &Table) -> Result<Vec<Value>, Error> {
    table.columns.iter().map(|column| value(row, column)).collect()
}

fn value(row: &QueryResult, column: &Column) -> Result<Value, Error> {
    let name = column.name.as_str();
    Ok(match column.kind {
        Kind::Uuid => row.try_get::<Option<Uuid>>("", name)?.into(),
        Kind::Small => row.try_get::<Option<i16>>("", name)?.into(),
        Kind::Big => row.try_get::<Option<i64>>("", name)?.into(),
        Kind::Text => row.try_get::<Option<String>>("", name)?.into(),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.into(),
    })
}
