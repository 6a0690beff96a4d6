//! What people get without anyone's doing (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let text = match manager.get_database_backend() {
            sea_orm::DbBackend::Sqlite => " text",
            _ => " text COLLATE \"C\"",
        };
        for statement in STATEMENTS {
            db.execute_unprepared(&statement.replace(" text", text)).await?;
        }
        Ok(())
    }
}

const STATEMENTS: [&str; 3] = [
    "CREATE TABLE jit_organization (
        organization_id uuid PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        role smallint NOT NULL, configured smallint NOT NULL,
        actor_kind text NOT NULL, actor_id text NOT NULL, create_time bigint NOT NULL)",
    "CREATE TABLE jit_admin_email (
        email_key text PRIMARY KEY NOT NULL, email text NOT NULL, configured smallint NOT NULL,
        actor_kind text NOT NULL, actor_id text NOT NULL, create_time bigint NOT NULL)",
    // server admins by their e-mail alone
    r#"CREATE TABLE jit_admin (user_id uuid PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE)"#,
];
