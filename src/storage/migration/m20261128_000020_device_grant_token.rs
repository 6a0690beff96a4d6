//! The API token by which a user decides about a device (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // no foreign key: the id of a token that is gone must stay, so that the grant is known to have ended with it
        let add = "ALTER TABLE device_grant ADD COLUMN token_id uuid";
        manager.get_connection().execute_unprepared(add).await?;
        Ok(())
    }
}
