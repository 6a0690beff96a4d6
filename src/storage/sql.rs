//! SQL text with bound values, for statements that work on sets (storage floor).

use sea_orm::{DbBackend, Statement, Value};

use crate::domain::page::PageRequest;

/// SQL text being written, with the values bound so far. Both databases take `$1`, `$2`, ….
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

    /// A bound value.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let placeholder = format!("${}", self.values.len());
        self.push(&placeholder)
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

    /// The statement for `backend`.
    pub(super) fn build(self, backend: DbBackend) -> Statement {
        Statement::from_sql_and_values(backend, self.text, self.values)
    }
}
