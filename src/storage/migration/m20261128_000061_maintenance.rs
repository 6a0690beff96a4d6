//! The maintenance mode (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statement = super::in_dialect(manager, STATEMENT);
        manager.get_connection().execute_unprepared(&statement).await?;
        Ok(())
    }
}

// one row at most, with the id 1: the server is in maintenance while it is there
const STATEMENT: &str = "CREATE TABLE maintenance (
    id integer PRIMARY KEY NOT NULL CHECK (id = 1), message text NOT NULL, actor_kind text NOT NULL,
    actor_id text NOT NULL, time bigint NOT NULL)";
