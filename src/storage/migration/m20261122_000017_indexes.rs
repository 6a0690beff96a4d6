//! Indexes of the accounts that are switched off, and of API tokens by their owner (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}

const INDEXES: [&str; 2] = [
    // whoever works on a whole group leaves those out, and looks at no others for that
    r#"CREATE INDEX user_inactive ON "user" (id) WHERE state <> 1"#,
    // whoever is switched off loses them, and lists tell of one's own
    "CREATE INDEX token_user_id ON token (user_id, id)",
];
