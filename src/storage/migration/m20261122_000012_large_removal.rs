//! Large removals (storage floor).

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

const STATEMENTS: [&str; 3] = [
    // the fingerprint is kept as long as the removal waits
    "CREATE TABLE large_removal (
        id uuid PRIMARY KEY NOT NULL, scim_token_id uuid NOT NULL, request_id text NOT NULL, time bigint NOT NULL,
        state smallint NOT NULL, organizations text NOT NULL, fingerprint text,
        release_actor_kind text, release_actor_id text, release_time bigint)",
    "CREATE UNIQUE INDEX large_removal_fingerprint ON large_removal (fingerprint)",
    "CREATE INDEX large_removal_state ON large_removal (state, time)",
];
