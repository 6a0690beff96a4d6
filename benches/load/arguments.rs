//! The words after `cargo bench --bench load --`: which tables, on which databases, how large.

use crate::{
    seed::Kind,
    sync::{Client, Size},
};

/// The tables, by the names that choose them; a run without a word about tables has all but the last one.
const TABLES: [&str; 8] = ["reads", "creates", "members", "check", "mapping", "sync", "growth", "plans"];

/// What was asked for.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// The databases to measure on: both, unless one is named.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.chosen(&[Kind::Sqlite, Kind::Postgres], Kind::name)
    }

    /// The tables: those that measure, unless some are named.
    pub(crate) fn tables(&self) -> Vec<&'static str> {
        let named = self.named(&TABLES, |name| name);
        if named.is_empty() { TABLES.into_iter().filter(|name| *name != "plans").collect() } else { named }
    }

    /// The clients of a first sync: both, unless one is named.
    pub(crate) fn clients(&self) -> Vec<Client> {
        self.chosen(&Client::ALL, Client::name)
    }

    /// `users=N`, or else so many.
    pub(crate) fn users(&self, else_: usize) -> usize {
        self.number("users").unwrap_or(else_)
    }

    /// The size of a first sync, when `users=N` says one: with ten groups for a thousand users, of a thousand each, unless
    /// `groups=N` and `members=N` say otherwise.
    pub(crate) fn sync(&self) -> Option<Size> {
        let users = self.number("users")?;
        let groups = self.number("groups").unwrap_or(users / 100);
        Some(Size { users, groups, members: self.number("members").unwrap_or(1_000) })
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.0.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
    }

    fn chosen<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
        let named = self.named(all, name);
        if named.is_empty() { all.to_vec() } else { named }
    }

    fn named<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
        all.iter().copied().filter(|one| self.0.iter().any(|word| word == name(*one))).collect()
    }
}
