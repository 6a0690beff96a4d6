//! Deactivations that were refused (storage floor).

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

// a row says something only while its user is active
const STATEMENT: &str = "CREATE TABLE refused_deactivation (
    user_id uuid PRIMARY KEY NOT NULL, scim_token_id uuid NOT NULL, request_id text NOT NULL, detail text NOT NULL,
    time bigint NOT NULL)";
