//! Plans of SQLite, which plans by the schema alone: asked for afterwards, without values.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::statement::Statements;

/// What stays small, or is what a statement brings itself; `j` and `x` are the names of settings in queries.
const SMALL: [&str; 6] =
    ["CONSTANT ROW", "json_each", "jit_organization", "organization_group_rollout", "j", "x"];

/// Asks for the plan of each statement.
pub(super) async fn plan(statements: &mut Statements, url: &str) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(url.trim_start_matches("sqlite:")).read_only(true);
    let mut db = SqliteConnection::connect_with(&options).await?;
    let has_plan =
        |sql: &str| ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|word| sql.starts_with(word));
    for statement in statements.all.values_mut().filter(|statement| has_plan(&statement.sql)) {
        let asked = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql));
        let rows = sqlx::raw_sql(asked).fetch_all(&mut db).await?;
        let lines: Vec<String> = rows.iter().map(|row| row.try_get(3)).collect::<Result<_, _>>()?;
        statement.whole = lines.iter().filter_map(|line| scanned(line)).collect();
        statement.plan = lines.join("\n");
    }
    Ok(())
}

/// What this line of a plan reads whole, and by what index, if it does.
fn scanned(line: &str) -> Option<String> {
    let table = line.strip_prefix("SCAN ")?;
    let is_small = SMALL.iter().any(|small| table == *small || table.starts_with(&format!("{small} ")));
    let is_brought = table.contains("VALUES CLAUSE") || table.contains("VIRTUAL TABLE");
    (!is_small && !is_brought).then(|| table.to_owned())
}
