//! Statements on a connection to SQLite (storage floor).
//!
//! sea-orm's own way goes through a pool for each statement, and the pool tests every connection that it gets back. A
//! connection to SQLite is a thread, and each word with it a change of threads: the test costs as much as a query.

use futures::TryStreamExt as _;
use sea_orm::{DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Either, Executor as _, Sqlite, SqliteConnection, query::Query, sqlite::SqliteQueryResult,
};

/// Which rows of an answer are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// None: the number of those that were changed.
    Count,
    /// The first one.
    One,
    /// All.
    All,
}

impl Wanted {
    /// An error of such a statement.
    pub(super) fn failed(self, error: sqlx::Error) -> DbErr {
        let cause = RuntimeErr::SqlxError(error.into());
        if self == Self::Count { DbErr::Exec(cause) } else { DbErr::Query(cause) }
    }
}

/// What a statement answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<QueryResult>,
    pub(super) count: SqliteQueryResult,
}

fn query(sql: &str, values: Option<Values>) -> Query<'_, Sqlite, SqlxValues> {
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.unwrap_or(Values(Vec::new()))))
}

/// Runs one statement.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    statement: &Statement,
    wanted: Wanted,
) -> Result<Answer, DbErr> {
    let query = query(&statement.sql, statement.values.clone());
    let answer = match wanted {
        Wanted::Count => query.execute(connection).await.map(|count| Answer { count, ..Answer::default() }),
        Wanted::One => query.fetch_optional(connection).await.map(|row| answer(row.into_iter().collect())),
        Wanted::All => query.fetch_all(connection).await.map(answer),
    };
    answer.map_err(|error| wanted.failed(error))
}

fn answer(rows: Vec<sqlx::sqlite::SqliteRow>) -> Answer {
    Answer { rows: rows.into_iter().map(QueryResult::from).collect(), ..Answer::default() }
}

/// Runs text that is not kept for another time, and may be several statements.
pub(super) async fn run_text(
    connection: &mut SqliteConnection,
    sql: &str,
) -> Result<SqliteQueryResult, DbErr> {
    let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    done.map_err(|error| Wanted::Count.failed(error))
}

/// Runs several statements as one, with the values of all, and answers what the last one answers. Tells also how many of
/// them were done, which may be some where there is an error.
pub(super) async fn run_all(
    connection: &mut SqliteConnection,
    sql: &str,
    values: Values,
    wanted: Wanted,
) -> (usize, Result<Answer, DbErr>) {
    let (mut done, mut answer) = (0, Answer::default());
    let mut results = connection.fetch_many(query(sql, Some(values)));
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(count))) => {
                done += 1;
                answer.count = count;
            }
            Ok(Some(Either::Right(row))) => answer.rows.push(row.into()),
            Ok(None) => return (done, Ok(answer)),
            Err(error) => return (done, Err(wanted.failed(error))),
        }
    }
}
