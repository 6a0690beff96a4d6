//! Plans of PostgreSQL, which plans by what it knows of the rows: each statement's own, with its time and what it read,
//! by `auto_explain`, which tells the client in notices.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use sqlx::{Connection as _, PgConnection};

use super::statement::Statements;
use crate::db::Db;

/// Has the plans of every session from now on told.
pub(super) async fn explain(url: &str) -> Result<()> {
    let mut db = Db::durable(url).await?;
    let name = url.rsplit('/').next().unwrap_or_default();
    for (key, value) in [
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_buffers", "on"),
        ("auto_explain.log_triggers", "on"),
        ("auto_explain.log_level", "notice"),
    ] {
        db.run(format!("ALTER DATABASE {name} SET {key} = '{value}'")).await?;
    }
    Ok(())
}

/// Time, statement and plan, of such a notice.
pub(super) fn explained(notice: &str) -> Option<(Duration, &str, &str)> {
    let (millis, rest) = notice.strip_prefix("duration: ")?.split_once(" ms  plan:\nQuery Text: ")?;
    // the first line of the plan is the first one that tells a cost
    let cost = rest.find("  (cost=")?;
    let start = rest.get(..cost)?.rfind('\n')?;
    let (sql, plan) = rest.split_at_checked(start)?;
    Some((Duration::from_secs_f64(millis.parse::<f64>().ok()? / 1e3), sql.trim(), plan.trim()))
}

/// Finds the large tables that plans read row by row.
pub(super) async fn large(statements: &mut Statements, url: &str) -> Result<()> {
    const LARGE: &str = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples > 5000";
    let mut db = PgConnection::connect(url).await?;
    let tables: Vec<String> = sqlx::query_scalar(LARGE).fetch_all(&mut db).await?;
    for statement in statements.all.values_mut() {
        let read = statement.plan.lines().filter_map(|line| line.split_once("Seq Scan on "));
        let read: BTreeSet<&str> = read
            .filter_map(|(_, table)| table.split_whitespace().next())
            .map(|table| table.trim_matches('"'))
            .collect();
        statement.whole = tables.iter().filter(|table| read.contains(table.as_str())).cloned().collect();
    }
    Ok(())
}
