//! Indexes for the audit log's names and for the list of users by name (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(ORGANIZATION).await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            // where the unique index follows another collation, the order of bytes needs its own
            db.execute_unprepared(USERNAME).await?;
        }
        Ok(())
    }
}

const ORGANIZATION: &str =
    "CREATE INDEX audit_event_organization_id ON audit_event (organization_id, action)";
const USERNAME: &str = r#"CREATE INDEX user_username_bytes ON "user" (username COLLATE "C")"#;
