//! The provisioning log in segments; what was logged before, a row for each request, is not kept (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in STATEMENTS {
            db.execute_unprepared(&super::in_dialect(manager, statement)).await?;
        }
        Ok(())
    }
}

const STATEMENTS: [&str; 5] = [
    "DROP TABLE provisioning_resource",
    "DROP TABLE provisioning_request",
    // requests that were written together; no foreign keys to tokens and resources: the log outlives what it tells of
    "CREATE TABLE provisioning_segment (
        last_id uuid PRIMARY KEY NOT NULL, first_id uuid NOT NULL, first_time bigint NOT NULL, last_time bigint NOT NULL,
        requests bigint NOT NULL, failures bigint NOT NULL, size bigint NOT NULL, marks blob NOT NULL,
        packed blob NOT NULL)",
    "CREATE INDEX provisioning_segment_first_id ON provisioning_segment (first_id)",
    "CREATE INDEX provisioning_segment_last_time ON provisioning_segment (last_time)",
];
