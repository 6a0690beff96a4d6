//! Fields of predicates as SQL expressions (storage floor).

use sea_orm::DbBackend;

use super::{Root, Writer};
use crate::domain::{predicate::Field, user::UserState};

impl Writer<'_> {
    pub(super) fn is_sqlite(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }

    /// The column of an id, in the database's own type.
    pub(super) fn id_column(&self, field: &Field) -> &'static str {
        match (field, self.root) {
            (Field::RelatedId, Root::User) => "mg.id",
            (Field::RelatedId, Root::Group) => "mu.scim_id",
            (_, Root::User) => "u.scim_id",
            (_, Root::Group) => "g.id",
            (_, Root::Resource) => "r.id",
        }
    }

    fn alias(&self) -> &'static str {
        match self.root {
            Root::User => "u",
            Root::Group => "g",
            Root::Resource => "r",
        }
    }

    /// The column behind a field, if it has one of its own.
    fn column(&self, field: &Field) -> Option<String> {
        let alias = self.alias();
        Some(match field {
            Field::ExternalId => format!("{alias}.external_id"),
            Field::UserName => "u.user_name_key".to_owned(),
            Field::Email => "u.email_key".to_owned(),
            Field::Active => format!("(u.state = {})", UserState::Active.code()),
            Field::DisplayName => "g.display_name_key".to_owned(),
            Field::Created => format!("{alias}.create_time"),
            Field::LastModified => format!("{alias}.update_time"),
            Field::Version => format!("{alias}.version"),
            Field::RelatedName if self.root == Root::User => "mg.display_name_key".to_owned(),
            Field::RelatedName => "mu.user_name_key".to_owned(),
            Field::Id | Field::RelatedId => self.id_text(field),
            Field::Document(_) | Field::Element(_) | Field::Primary { .. } => return None,
        })
    }

    /// An id as we write it: 32 hex digits.
    fn id_text(&self, field: &Field) -> String {
        let column = self.id_column(field);
        if self.is_sqlite() {
            format!("lower(hex({column}))")
        } else {
            format!("replace({column}::text, '-', '')")
        }
    }

    pub(super) fn is_document(&self, field: &Field) -> bool {
        self.column(field).is_none()
    }

    /// Whether an empty text may stand in the field, which counts as no value.
    pub(super) fn is_textual(field: &Field) -> bool {
        !matches!(field, Field::Active | Field::Created | Field::LastModified | Field::Version)
    }

    /// The value as text, number or truth value, whatever it is: to tell whether it is there, and to sort.
    pub(super) fn any(&mut self, field: &Field) {
        self.text(field);
    }

    /// The value as text.
    pub(super) fn text(&mut self, field: &Field) {
        match self.column(field) {
            Some(column) => {
                self.sql.push(&column);
            }
            None if self.is_sqlite() => self.document(field),
            None => {
                self.sql.push("(");
                self.document(field);
                self.sql.push(" #>> '{}')");
            }
        }
    }

    /// The value as a number; unknown when it is none.
    pub(super) fn number(&mut self, field: &Field) {
        match self.column(field) {
            Some(column) => {
                self.sql.push(&column);
            }
            None if self.is_sqlite() => self.document(field),
            None => self.json_cast(field, "number", "numeric"),
        }
    }

    /// The value as a truth value; unknown when it is none.
    pub(super) fn boolean(&mut self, field: &Field) {
        match self.column(field) {
            Some(column) => {
                self.sql.push(&column);
            }
            None if self.is_sqlite() => self.document(field),
            None => self.json_cast(field, "boolean", "boolean"),
        }
    }

    fn json_cast(&mut self, field: &Field, json_type: &str, sql_type: &str) {
        self.sql.push("(CASE WHEN jsonb_typeof(");
        self.document(field);
        self.sql.push(") = '").push(json_type).push("' THEN (");
        self.document(field);
        self.sql.push(")::").push(sql_type).push(" END)");
    }

    /// The JSON value: in SQLite as SQL value, in PostgreSQL as `jsonb`.
    fn document(&mut self, field: &Field) {
        match field {
            Field::Element(path) => self.extract("e.value", path),
            Field::Primary { list, value } => {
                self.sql.push("(SELECT ");
                self.extract("e.value", value);
                self.sql.push(" FROM ");
                self.elements(list);
                self.sql.push(" ORDER BY ");
                // simple values have no flag to look for
                if !value.is_empty() {
                    self.sql.push("(");
                    self.boolean(&Field::Element(vec!["primary".to_owned()]));
                    self.sql.push(" IS TRUE) DESC, ");
                }
                self.sql.push("e.key LIMIT 1)");
            }
            Field::Document(path) => {
                let root = self.document_root();
                self.extract(&root, path);
            }
            // the others have a column
            _ => {
                self.sql.push("NULL");
            }
        }
    }

    /// The whole `search` document; unknown for what no IdP has pushed.
    fn document_root(&self) -> String {
        let alias = self.alias();
        let cast = if self.is_sqlite() { "" } else { "::jsonb" };
        format!("NULLIF({alias}.search, ''){cast}")
    }

    fn extract(&mut self, from: &str, path: &[String]) {
        if path.is_empty() {
            self.sql.push(from);
        } else if self.is_sqlite() {
            self.sql.push("json_extract(").push(from).push(", ").bind(sqlite_path(path)).push(")");
        } else {
            self.sql.push("(").push(from).push(" #> ").bind(postgres_path(path)).push("::text[])");
        }
    }

    /// The elements of a list, as `e.value` of a table, with their places as `e.key`; none where there is no list.
    pub(super) fn elements(&mut self, path: &[String]) {
        let root = self.document_root();
        if self.is_sqlite() {
            self.sql.push("json_each(").push(&root).push(", ").bind(sqlite_path(path)).push(") e");
            return;
        }
        self.sql.push("jsonb_array_elements(CASE WHEN jsonb_typeof(");
        self.extract(&root, path);
        self.sql.push(") = 'array' THEN ");
        self.extract(&root, path);
        self.sql.push(" END) WITH ORDINALITY e(value, key)");
    }

    /// Orders text by code points, as SQLite does by itself.
    pub(super) fn collate(&mut self) {
        if !self.is_sqlite() {
            self.sql.push(" COLLATE \"C\"");
        }
    }

    pub(super) fn collate_if_textual(&mut self, field: &Field) {
        if Self::is_textual(field) {
            self.collate();
        }
    }
}

/// `$."a"."b"`; keys are names of attributes and schemas, which have no quotes.
fn sqlite_path(path: &[String]) -> String {
    path.iter().fold("$".to_owned(), |text, key| format!("{text}.\"{}\"", key.replace('"', "")))
}

/// `{"a","b"}`, the text form of an array.
fn postgres_path(path: &[String]) -> String {
    let keys: Vec<_> = path.iter().map(|key| format!("\"{}\"", key.replace(['"', '\\'], ""))).collect();
    format!("{{{}}}", keys.join(","))
}
