//! The provisioning log, and the use of SCIM tokens (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in TABLES.iter().chain(&INDEXES) {
            db.execute_unprepared(&super::in_dialect(manager, statement)).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 3] = [
    // requests that were written together; no foreign keys to tokens and resources: the log outlives what it tells of
    "CREATE TABLE provisioning_segment (
        last_id uuid PRIMARY KEY NOT NULL, first_id uuid NOT NULL, first_time bigint NOT NULL, last_time bigint NOT NULL,
        requests bigint NOT NULL, failures bigint NOT NULL, size bigint NOT NULL, marks blob NOT NULL,
        packed blob NOT NULL)",
    "CREATE TABLE scim_token_use (
        scim_token_id uuid PRIMARY KEY NOT NULL, time bigint NOT NULL, address text, user_agent text)",
    "CREATE TABLE scim_token_hour (
        scim_token_id uuid NOT NULL, hour bigint NOT NULL, requests bigint NOT NULL, failures bigint NOT NULL,
        PRIMARY KEY (scim_token_id, hour))",
];

const INDEXES: [&str; 2] = [
    "CREATE INDEX provisioning_segment_first_id ON provisioning_segment (first_id)",
    "CREATE INDEX provisioning_segment_last_time ON provisioning_segment (last_time)",
];
