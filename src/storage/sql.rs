//! SQL text with bound values, for statements that work on sets (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::Error;
use crate::domain::page::PageRequest;

/// Stands for the next bound value until the statement is built; no text has it.
const PLACE: char = '\u{1}';

/// SQL text being written, with the values bound so far, each at its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// A statement that begins with `text`.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// More text.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// The same, with text around it.
    pub(super) fn wrapped(mut self, before: &str, after: &str) -> Self {
        self.text = format!("{before}{}{after}", self.text);
        self
    }

    /// A bound value.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push(PLACE);
        self
    }

    /// Bound values with commas between them; `NULL` for none, so that `IN` stays well-formed.
    pub(super) fn bind_all<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut any = false;
        for value in values {
            if any {
                self.push(", ");
            }
            any = true;
            self.bind(value);
        }
        if any { self } else { self.push("NULL") }
    }

    /// Rows of bound values with parentheses around and commas between them, for `VALUES`.
    pub(super) fn bind_rows(&mut self, rows: impl IntoIterator<Item = Vec<Value>>) -> &mut Self {
        for (at, row) in rows.into_iter().enumerate() {
            self.push(if at == 0 { "(" } else { ", (" }).bind_all(row).push(")");
        }
        self
    }

    /// The page and one row more, which tells that there is a next page, in the order of `key`: the last part of
    /// a statement that has a `WHERE`.
    pub(super) fn keyset(&mut self, key: &str, request: &PageRequest) -> &mut Self {
        let (after, order) = if request.reverse { (" < ", " DESC") } else { (" > ", "") };
        if let Some(last) = request.after {
            self.push(" AND ").push(key).push(after).bind(last);
        }
        self.push(" ORDER BY ").push(key).push(order).push(" LIMIT ").bind(i64::from(request.size) + 1)
    }

    /// The number that the statement asks for.
    pub(super) async fn count(self, db: &impl ConnectionTrait) -> Result<u64, Error> {
        let row = db.query_one_raw(self.build(db.get_database_backend())).await?;
        let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The statement for `backend`.
    pub(super) fn build(self, backend: DbBackend) -> Statement {
        let text = match backend {
            // without a number: SQLite looks for one of those in the list of all, which is slow for thousands
            DbBackend::Sqlite => self.text.replace(PLACE, "?"),
            _ => numbered(&self.text),
        };
        Statement::from_sql_and_values(backend, text, self.values)
    }
}

/// With `$1`, `$2`, … at the places.
fn numbered(text: &str) -> String {
    let mut parts = text.split(PLACE);
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for (before, part) in parts.enumerate() {
        numbered.push('$');
        numbered.push_str(&(before + 1).to_string());
        numbered.push_str(part);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_placeholders() {
        let mut sql = Sql::new("SELECT ");
        sql.bind(1).push(" WHERE a IN (").bind_all([2, 3]).push(")");
        let text = |backend| sql.clone().build(backend).sql;
        assert_eq!(text(DbBackend::Sqlite), "SELECT ? WHERE a IN (?, ?)");
        assert_eq!(text(DbBackend::Postgres), "SELECT $1 WHERE a IN ($2, $3)");
    }
}
