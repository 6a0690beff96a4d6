//! The work that is done from time to time, and how far the log of memberships is forgotten (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in STATEMENTS {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

const STATEMENTS: [&str; 3] = [
    "CREATE TABLE job (name varchar(64) PRIMARY KEY NOT NULL, due_time bigint NOT NULL)",
    // one row
    "CREATE TABLE membership_horizon (revision bigint NOT NULL)",
    "INSERT INTO membership_horizon (revision) VALUES (0)",
];
