//! A description of each SCIM token (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = "ALTER TABLE scim_token ADD COLUMN description text NOT NULL DEFAULT ''";
        manager.get_connection().execute_unprepared(add).await?;
        Ok(())
    }
}
