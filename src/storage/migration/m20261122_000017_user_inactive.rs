//! An index of the accounts that are switched off: whoever works on a whole group leaves these out, and looks at no others
//! for that (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(INDEX).await?;
        Ok(())
    }
}

const INDEX: &str = r#"CREATE INDEX user_inactive ON "user" (id) WHERE state <> 1"#;
