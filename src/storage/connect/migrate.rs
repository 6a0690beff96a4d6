//! Bringing the schema up to date: on PostgreSQL one instance after the other (storage floor).

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use tokio::time::sleep;

use super::PAUSE;
use crate::storage::{Error, Sql, migration::Migrator, schema, start::Stage};

/// The advisory lock under which PostgreSQL is migrated: two instances that start together migrate once.
const MIGRATION_LOCK: i64 = 0x726f_7374_6572;

/// Who holds the migration lock.
const HOLDER: &str = "SELECT concat_ws(', ', 'process ' || l.pid, nullif(a.application_name, ''), \
                      'user ' || a.usename, 'from ' || host(a.client_addr), a.state) \
                      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
                      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
                      AND (l.classid::bigint << 32) + l.objid::bigint = 125823003944306 \
                      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Migrates under a lock, which ends with the connection.
pub(super) async fn migrate_postgres(
    only: &DatabaseConnection,
    stage: &Stage,
    migrates: bool,
) -> Result<(), Error> {
    if !migrates {
        return migrate(only, stage, false).await;
    }
    // asked for again and again: a server that waits for a lock does not see that nobody waits for it any more
    let lock = Sql::new(&format!("SELECT pg_try_advisory_lock({MIGRATION_LOCK})"));
    let lock = lock.build(DbBackend::Postgres);
    loop {
        let row = only.query_one_raw(lock.clone()).await?;
        if row.map(|row| row.try_get_by_index::<bool>(0)).transpose()?.unwrap_or_default() {
            break;
        }
        stage.waits_for(format!("the migration lock, which {} holds", holder(only).await));
        sleep(PAUSE).await;
    }
    migrate(only, stage, true).await
}

/// Who holds the migration lock, as far as we may see.
async fn holder(only: &DatabaseConnection) -> String {
    let row = only.query_one_raw(Sql::new(HOLDER).build(DbBackend::Postgres)).await;
    let told = row.ok().flatten().and_then(|row| row.try_get_by_index::<String>(0).ok());
    told.unwrap_or_else(|| "a session that cannot be seen".to_owned())
}

/// Brings the schema up to date; where that is not wanted, it must be.
pub(super) async fn migrate(only: &DatabaseConnection, stage: &Stage, migrates: bool) -> Result<(), Error> {
    if !migrates {
        return schema::check(only).await;
    }
    if let Some(due) = schema::due(only).await? {
        tracing::info!("{due}, which are taken now");
    }
    stage.works("the steps of the schema");
    Ok(Migrator::up(only, None).await?)
}
