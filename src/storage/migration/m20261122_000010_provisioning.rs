//! Pauses of provisioning (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let pause = super::in_dialect(manager, PAUSE);
        manager.get_connection().execute_unprepared(&pause).await?;
        Ok(())
    }
}

/// The scope is the id of a SCIM token, or empty for all.
const PAUSE: &str = "CREATE TABLE provisioning_pause (
    scope text PRIMARY KEY NOT NULL, reason text NOT NULL, actor_kind text NOT NULL, actor_id text NOT NULL,
    time bigint NOT NULL)";
