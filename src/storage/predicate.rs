//! Predicates as SQL for both databases (storage floor).
//!
//! Comparisons of what has no value are unknown in SQL; only a negation can tell unknown from false, so it
//! alone asks `IS NOT TRUE`, and everything else stays open to indexes.

mod field;
#[cfg(test)]
mod tests;

use sea_orm::DbBackend;

use super::Sql;
use crate::domain::predicate::{Comparison, Field, Operand, Predicate, Sort};

/// Which table a predicate is about; users are `u` in the statement, groups `g`, resources of declared types `r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// `"user" u`.
    User,
    /// `idp_group g`.
    Group,
    /// `scim_resource r`.
    Resource,
}

impl Root {
    /// The table with its alias, for `FROM`.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::User => r#""user" u"#,
            Self::Group => "idp_group g",
            Self::Resource => "scim_resource r",
        }
    }

    /// The alias alone.
    pub(super) const fn alias(self) -> &'static str {
        match self {
            Self::User => "u",
            Self::Group => "g",
            Self::Resource => "r",
        }
    }
}

/// Writes predicates and orders into a statement.
pub(super) struct Writer<'a> {
    /// The statement so far.
    pub(super) sql: &'a mut Sql,
    /// The database it is for.
    pub(super) backend: DbBackend,
    /// What it is about.
    pub(super) root: Root,
}

impl Writer<'_> {
    /// Writes `predicate` as one expression.
    pub(super) fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Constant(value) => self.push(if *value { "(1 = 1)" } else { "(1 = 0)" }),
            Predicate::All(parts) => self.joined(parts, " AND ", "(1 = 1)"),
            Predicate::Any(parts) => self.joined(parts, " OR ", "(1 = 0)"),
            Predicate::Not(inner) => {
                self.push("(");
                self.predicate(inner);
                self.push(" IS NOT TRUE)");
            }
            Predicate::Compare { field, comparison, operand } => self.compare(field, *comparison, operand),
            Predicate::Present(field) => self.present(field),
            Predicate::Element { path, inner } => self.element(path, inner),
            Predicate::Related(inner) => self.related(inner),
        }
    }

    fn push(&mut self, text: &str) {
        self.sql.push(text);
    }

    fn joined(&mut self, parts: &[Predicate], word: &str, none: &str) {
        if parts.is_empty() {
            return self.push(none);
        }
        self.push("(");
        for (at, part) in parts.iter().enumerate() {
            self.push(if at == 0 { "" } else { word });
            self.predicate(part);
        }
        self.push(")");
    }

    fn compare(&mut self, field: &Field, comparison: Comparison, operand: &Operand) {
        match (field, operand) {
            (Field::Id | Field::RelatedId, Operand::Text(text)) if comparison == Comparison::Equal => {
                self.compare_id(field, " = ", text);
            }
            (Field::Id, Operand::Text(text)) if comparison == Comparison::Greater && is_id(text) => {
                self.compare_id(field, " > ", text);
            }
            (_, Operand::Text(text)) => self.compare_text(field, comparison, text),
            (_, Operand::Integer(number)) => self.compare_number(field, comparison, *number, "bigint"),
            (_, Operand::Decimal(number)) => self.compare_number(field, comparison, *number, "float8"),
            (_, Operand::Boolean(value)) => self.compare_boolean(field, *value),
        }
    }

    /// Ids are compared as ids, by index; their order is that of their text. Text that is no id equals none.
    fn compare_id(&mut self, field: &Field, operator: &str, text: &str) {
        match text.parse::<crate::domain::id::ScimUserId>() {
            Ok(id) => {
                let column = self.id_column(field);
                self.push(column);
                self.sql.push(operator).bind(id.uuid());
            }
            Err(_) => self.push("(1 = 0)"),
        }
    }

    fn compare_text(&mut self, field: &Field, comparison: Comparison, text: &str) {
        use Comparison::{Contains, EndsWith, Equal, StartsWith};
        match comparison {
            // every text contains, begins and ends with nothing
            Contains | StartsWith | EndsWith if text.is_empty() => {
                self.push("(");
                self.text(field);
                self.push(" IS NOT NULL)");
            }
            Contains => {
                self.call_on_text(if self.is_sqlite() { "instr" } else { "strpos" }, field, text, " > 0");
            }
            StartsWith => self.affix("substr(", ", 1, length(", field, text),
            EndsWith if self.is_sqlite() => self.affix("substr(", ", -length(", field, text),
            EndsWith => self.affix("right(", ", length(", field, text),
            Equal => {
                self.text(field);
                self.sql.push(" = ").bind(text);
            }
            ordering => {
                self.text(field);
                self.collate();
                self.push(operator(ordering));
                self.sql.bind(text);
            }
        }
    }

    fn call_on_text(&mut self, function: &str, field: &Field, text: &str, tail: &str) {
        self.sql.push(function).push("(");
        self.text(field);
        self.sql.push(", ").bind(text).push(")").push(tail);
    }

    /// `substr(FIELD, 1, length(TEXT)) = TEXT`: a pattern would need escapes and, in SQLite, ignore case.
    fn affix(&mut self, start: &str, middle: &str, field: &Field, text: &str) {
        self.push(start);
        self.text(field);
        self.sql.push(middle).bind(text).push(")) = ").bind(text);
    }

    /// PostgreSQL keeps prepared statements by their text, each with the types of its first parameters: the text
    /// must tell a whole number from a fraction.
    fn compare_number(
        &mut self,
        field: &Field,
        comparison: Comparison,
        number: impl Into<sea_orm::Value>,
        sql_type: &str,
    ) {
        self.number(field);
        self.push(operator(comparison));
        self.sql.bind(number);
        if !self.is_sqlite() {
            self.sql.push("::").push(sql_type);
        }
    }

    fn compare_boolean(&mut self, field: &Field, value: bool) {
        self.push("(");
        self.boolean(field);
        self.push(if value { " IS TRUE)" } else { " IS FALSE)" });
    }

    fn present(&mut self, field: &Field) {
        self.push("(");
        self.any(field);
        self.push(" IS NOT NULL");
        if Self::is_textual(field) {
            self.push(" AND ");
            self.any(field);
            self.push(" <> ''");
        }
        self.push(")");
    }

    fn element(&mut self, path: &[String], inner: &Predicate) {
        self.push("EXISTS (SELECT 1 FROM ");
        self.elements(path);
        self.push(" WHERE ");
        self.predicate(inner);
        self.push(")");
    }

    fn related(&mut self, inner: &Predicate) {
        // resources of declared types are related to nothing
        if self.root == Root::Resource {
            return self.push("(1 = 0)");
        }
        self.push("EXISTS (SELECT 1 FROM idp_group_member m JOIN ");
        self.push(match self.root {
            Root::Group | Root::Resource => r#""user" mu ON mu.id = m.user_id WHERE m.group_id = g.id AND "#,
            Root::User => "idp_group mg ON mg.id = m.group_id WHERE m.user_id = u.id AND ",
        });
        self.predicate(inner);
        self.push(")");
    }

    /// Writes the keys of `ORDER BY`: unassigned values last, or first when descending (RFC 7644 §3.4.2.3),
    /// and by id among equals, so that pages are stable.
    pub(super) fn order(&mut self, sort: Option<&Sort>) {
        if let Some(sort) = sort {
            let direction = if sort.descending { " DESC, " } else { ", " };
            // the empty text counts as no value (RFC 7644 table 3, `pr`)
            let (start, end) = if Self::is_textual(&sort.field) { ("(NULLIF(", ", '')") } else { ("(", "") };
            self.push(start);
            self.any(&sort.field);
            self.sql.push(end).push(" IS NULL)").push(direction);
            if !self.is_sqlite() && self.is_document(&sort.field) {
                self.number(&sort.field);
                self.push(direction);
            }
            self.any(&sort.field);
            self.collate_if_textual(&sort.field);
            self.push(direction);
        }
        let id = self.id_column(&Field::Id);
        self.push(id);
    }
}

fn is_id(text: &str) -> bool {
    text.parse::<crate::domain::id::ScimUserId>().is_ok()
}

const fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Equal | Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => " = ",
    }
}
