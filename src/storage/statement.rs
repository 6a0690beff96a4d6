//! Statements on one connection (storage floor).
//!
//! sea-orm's own way goes through a pool for each statement, and the pool tests every connection that it gets back: a
//! change of threads on SQLite and a round trip on PostgreSQL, which cost as much as a query.

use futures::TryStreamExt as _;
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Database, Either, Executor, IntoArguments, Sqlite, SqliteConnection, query::Query,
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
    done: Option<ExecResult>,
}

impl Answer {
    fn of<R>(rows: impl IntoIterator<Item = R>) -> Self
    where
        QueryResult: From<R>,
    {
        Self { rows: rows.into_iter().map(QueryResult::from).collect(), done: None }
    }

    fn counted(count: impl Into<ExecResult>) -> Self {
        Self { rows: Vec::new(), done: Some(count.into()) }
    }

    /// How many rows were changed.
    pub(super) fn done(self) -> Result<ExecResult, DbErr> {
        self.done.ok_or_else(|| DbErr::Custom("a statement did not tell what it changed".to_owned()))
    }
}

fn query<DB: Database>(sql: &str, values: Option<Values>) -> Query<'_, DB, SqlxValues>
where
    SqlxValues: IntoArguments<DB>,
{
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.unwrap_or(Values(Vec::new()))))
}

/// Runs one statement.
pub(super) async fn run<DB: Database>(
    connection: &mut DB::Connection,
    statement: &Statement,
    wanted: Wanted,
) -> Result<Answer, DbErr>
where
    SqlxValues: IntoArguments<DB>,
    QueryResult: From<DB::Row>,
    ExecResult: From<DB::QueryResult>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let query = query::<DB>(&statement.sql, statement.values.clone());
    let answer = match wanted {
        Wanted::Count => query.execute(connection).await.map(Answer::counted),
        Wanted::One => query.fetch_optional(connection).await.map(Answer::of),
        Wanted::All => query.fetch_all(connection).await.map(Answer::of),
    };
    answer.map_err(|error| wanted.failed(error))
}

/// Runs text that is not kept for another time, and may be several statements.
pub(super) async fn run_text<DB: Database>(
    connection: &mut DB::Connection,
    sql: &str,
) -> Result<ExecResult, DbErr>
where
    ExecResult: From<DB::QueryResult>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    done.map(ExecResult::from).map_err(|error| Wanted::Count.failed(error))
}

/// Runs text that is not kept for another time, and may be several statements; answers the rows of all.
pub(super) async fn ask_text<DB: Database>(
    connection: &mut DB::Connection,
    sql: &str,
) -> Result<Vec<QueryResult>, DbErr>
where
    QueryResult: From<DB::Row>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let rows = connection.fetch_all(AssertSqlSafe(sql.to_owned())).await;
    rows.map(|rows| Answer::of(rows).rows).map_err(|error| Wanted::All.failed(error))
}

/// Runs several statements as one, which SQLite alone can, with the values of all, and answers what the last one answers.
/// Tells also how many of them were done, which may be some where there is an error.
pub(super) async fn run_all(
    connection: &mut SqliteConnection,
    sql: &str,
    values: Values,
    wanted: Wanted,
) -> (usize, Result<Answer, DbErr>) {
    let (mut done, mut answer) = (0, Answer::default());
    let mut results = connection.fetch_many(query::<Sqlite>(sql, Some(values)));
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(count))) => {
                done += 1;
                answer.done = Some(count.into());
            }
            Ok(Some(Either::Right(row))) => answer.rows.push(row.into()),
            Ok(None) => return (done, Ok(answer)),
            Err(error) => return (done, Err(wanted.failed(error))),
        }
    }
}
