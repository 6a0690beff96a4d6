//! Who made the organization whose name is retired, and who may take the name again (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // unknown for those that were deleted before
        for statement in [
            "ALTER TABLE retired_name ADD COLUMN user_id uuid",
            "ALTER TABLE retired_name ADD COLUMN keeper_id uuid",
            "CREATE INDEX retired_name_user_id ON retired_name (user_id)",
        ] {
            db.execute_unprepared(&super::in_dialect(manager, statement)).await?;
        }
        Ok(())
    }
}
