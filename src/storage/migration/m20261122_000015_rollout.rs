//! How far a new mapping reaches, while it is extended to a large group step by step (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(&super::in_dialect(manager, TABLE)).await?;
        Ok(())
    }
}

/// A row is there from the first step to the last; `reached` is the last user who has got the role.
const TABLE: &str = "CREATE TABLE organization_group_rollout (
    organization_group_id uuid PRIMARY KEY NOT NULL REFERENCES organization_group (id) ON DELETE CASCADE,
    reached uuid NOT NULL, actor_kind text NOT NULL, actor_id text NOT NULL, request_id text NOT NULL,
    step_time bigint NOT NULL)";
