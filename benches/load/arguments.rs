//! The words after `cargo bench --bench load --`: which tables, on which databases, how large.

use crate::seed::Kind;

/// The tables, by the names that choose them.
const TABLES: [&str; 5] = ["reads", "creates", "members", "check", "mapping"];

/// What was asked for.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// The databases to measure on: both, unless one is named.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.chosen(&[Kind::Sqlite, Kind::Postgres], |kind| kind.name())
    }

    /// The tables: all, unless some are named.
    pub(crate) fn tables(&self) -> Vec<&'static str> {
        self.chosen(&TABLES, |name| name)
    }

    /// `users=N`, or else so many.
    pub(crate) fn users(&self, else_: usize) -> usize {
        self.number("users").unwrap_or(else_)
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.0.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
    }

    fn chosen<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
        let is_named = |one: &T| self.0.iter().any(|word| word == name(*one));
        let named: Vec<T> = all.iter().copied().filter(is_named).collect();
        if named.is_empty() { all.to_vec() } else { named }
    }
}
