//! Accounts and members by the million: the storage floor writes one row, and the database copies it with other
//! numbers in it. One text serves both databases.

use std::ops::Range;

use anyhow::{Result, ensure};
use uuid::Uuid;

use crate::db::Db;

/// The number in the row that is copied: a text that stands nowhere else in it.
pub(crate) const NUMBER: usize = 77_777_777;

/// Milliseconds at which the first account was made; each next one was a millisecond later.
const FIRST: u64 = 1_700_000_000_000;

/// Rows of a transaction.
const ROWS: usize = 100_000;

/// The id of the account with this number, which is also its SCIM id: a UUIDv7 without chance in it.
pub(crate) fn id(number: usize) -> Uuid {
    let number = u64::try_from(number).unwrap_or_default();
    Uuid::from_u128(u128::from(FIRST + number) << 80 | 0x7000_8000 << 48 | u128::from(number))
}

/// Takes the account that is copied out of the table.
const TAKE: &str = r#"CREATE TEMPORARY TABLE template AS SELECT * FROM "user" WHERE username = 'user{number}';
    DELETE FROM "user" WHERE username = 'user{number}'"#;
const USERS: &str = r#"INSERT INTO "user" (id, scim_id, username, user_type, server_role, state, description, url,
        verification, provenance, user_name, user_name_key, pushed_user_name_key, external_id, given_name, family_name,
        email, email_key, document, search, version, create_time, update_time) {series}
    SELECT {id}, {id}, {of username}, user_type, server_role, state, description, url,
        verification, provenance, {of user_name}, {of user_name_key}, {of pushed_user_name_key}, {of external_id},
        given_name, {of family_name}, {of email}, {of email_key}, {of document}, {of search}, version,
        create_time + i, update_time + i
    FROM series, template"#;
const NAMES: &str = "INSERT INTO owner_name (name, owner_id) {series} SELECT 'user' || i, {id} FROM series";
const MEMBERS: &str =
    "INSERT INTO idp_group_member (group_id, user_id, actor_kind, actor_id, request_id, create_time)
    {series} SELECT {group}, {id}, 'system', '', 'bench', 1700000000000000 FROM series";
/// What [`id`] makes.
const SQLITE_ID: &str = "unhex(printf('%012x70008000%012x', {milliseconds} + i, i))";
const POSTGRES_ID: &str =
    "(lpad(to_hex({milliseconds} + i), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid";
const SERIES: &str =
    "WITH RECURSIVE series (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM series WHERE i < {last})";

/// Writes fast.
pub(crate) struct Fill(Db);

impl Fill {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        Ok(Self(Db::fast(url).await?))
    }

    pub(crate) async fn run(&mut self, statements: &str) -> Result<()> {
        self.0.run(statements).await
    }

    /// Copies the account with [`NUMBER`], which goes, as those with the numbers below `count`.
    pub(crate) async fn users(&mut self, count: usize) -> Result<()> {
        self.0.run(TAKE.replace("{number}", &NUMBER.to_string())).await?;
        self.series(USERS, 0..count).await?;
        self.series(NAMES, 0..count).await
    }

    /// Adds these accounts, by their numbers, to a group that is there.
    pub(crate) async fn members(&mut self, group: Uuid, users: Range<usize>) -> Result<()> {
        let group = match self.0 {
            Db::Sqlite(_) => format!("X'{}'", group.simple()),
            Db::Postgres(_) => format!("'{group}'::uuid"),
        };
        self.series(&MEMBERS.replace("{group}", &group), users).await
    }

    /// Runs an `INSERT` for these numbers, each of which is `i` there, with `{id}` made of it.
    pub(crate) async fn series(&mut self, statement: &str, numbers: Range<usize>) -> Result<()> {
        let statement = self.in_dialect(statement);
        ensure!(!statement.contains('{'), "a place was not filled: {statement}");
        let mut first = numbers.start;
        while first < numbers.end {
            let last = (first + ROWS).min(numbers.end) - 1;
            let series = SERIES.replace("{last}", &last.to_string());
            let series = series.replace("{first}", &self.whole(first));
            self.0.run(statement.replace('\u{1}', &series)).await?;
            first = last + 1;
        }
        Ok(())
    }

    /// With the series still to be filled in.
    fn in_dialect(&self, statement: &str) -> String {
        let (id, bytes) = match self.0 {
            Db::Sqlite(_) => (SQLITE_ID, "{id}"),
            Db::Postgres(_) => (POSTGRES_ID, "uuid_send({id})"),
        };
        let id = id.replace("{milliseconds}", &FIRST.to_string());
        let statement = statement.replace("{series}", "\u{1}").replace("{bytes}", bytes);
        let mut statement = statement.replace("{id}", &id);
        while let Some((before, column, after)) = place(&statement) {
            statement = format!("{before}replace({column}, '{NUMBER}', CAST(i AS text)){after}");
        }
        statement
    }

    fn whole(&self, number: usize) -> String {
        match self.0 {
            Db::Sqlite(_) => number.to_string(),
            Db::Postgres(_) => format!("{number}::bigint"),
        }
    }
}

/// The next `{of column}`, with what is around it.
fn place(statement: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = statement.split_once("{of ")?;
    let (column, after) = rest.split_once('}')?;
    Some((before, column, after))
}
