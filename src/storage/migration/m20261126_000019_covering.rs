//! PostgreSQL's keys of names and effective roles hold the whole rows, so that a look at many reads no table besides
//! (storage floor). On SQLite they are in one tree already.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return Ok(());
        }
        for (table, key) in KEYS {
            let replace = format!(
                "ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD CONSTRAINT {table}_pkey PRIMARY KEY {key}"
            );
            manager.get_connection().execute_unprepared(&replace).await?;
        }
        Ok(())
    }
}

const KEYS: [(&str, &str); 2] = [
    ("owner_name", "(name) INCLUDE (owner_id)"),
    ("organization_member", "(organization_id, user_id) INCLUDE (role, source)"),
];
