//! Reading the rows of any table in the order of its key (storage floor).

use sea_orm::{ConnectionTrait, QueryResult, Value, prelude::Uuid};

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
}

impl<'a> Rows<'a> {
    /// Begins after the row with this key; with the first row when there is none.
    pub(super) fn after(table: &'a Table, key: Option<Vec<Value>>) -> Self {
        Self { table, after: key }
    }

    /// The next rows; none at the end.
    pub(super) async fn next(&mut self, db: &impl ConnectionTrait) -> Result<Vec<Vec<Value>>, Error> {
        let mut sql = Sql::new("SELECT ");
        sql.push(&columns(self.table)).push(" FROM ").push(&quoted(&self.table.name));
        let key = key(self.table, "");
        if let Some(after) = &self.after {
            sql.push(&format!(" WHERE ({key}) > (")).bind_all(after.iter().cloned()).push(")");
        }
        sql.push(&format!(" ORDER BY {key} LIMIT {ROWS}"));
        let found = db.query_all_raw(sql.build(db.get_database_backend())).await?;
        let rows: Vec<_> = found.iter().map(|row| values(row, self.table)).collect::<Result<_, _>>()?;
        if let Some(last) = rows.last() {
            self.after = Some(key_of(last, self.table));
        }
        Ok(rows)
    }
}

/// The key of the last row.
pub(super) async fn last_key(db: &impl ConnectionTrait, table: &Table) -> Result<Option<Vec<Value>>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(&columns(table)).push(" FROM ").push(&quoted(&table.name));
    sql.push(&format!(" ORDER BY {} LIMIT 1", key(table, " DESC")));
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

fn key(table: &Table, order: &str) -> String {
    table.key.iter().map(|name| quoted(name) + order).collect::<Vec<_>>().join(", ")
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
