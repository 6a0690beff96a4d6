//! Devices that ask to be signed in: clients, grants, and codes that were missed (storage floor).

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            sea_orm::DbBackend::Sqlite => "blob",
            _ => "bytea",
        };
        for statement in STATEMENTS {
            let statement = super::in_dialect(manager, &statement.replace("{bytes}", bytes));
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

const STATEMENTS: [&str; 8] = [
    "CREATE TABLE device_client (
        id uuid PRIMARY KEY NOT NULL, name text NOT NULL, address text,
        create_time bigint NOT NULL, expire_time bigint NOT NULL)",
    r#"CREATE TABLE device_grant (
        id uuid PRIMARY KEY NOT NULL,
        client_id uuid NOT NULL REFERENCES device_client (id) ON DELETE CASCADE,
        device_digest {bytes} NOT NULL, user_code text NOT NULL, state smallint NOT NULL,
        user_id uuid REFERENCES "user" (id) ON DELETE CASCADE, ticket_digest {bytes}, address text,
        poll_interval bigint NOT NULL, poll_time bigint,
        create_time bigint NOT NULL, expire_time bigint NOT NULL)"#,
    r#"CREATE TABLE device_miss (
        user_id uuid PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        count bigint NOT NULL, since bigint NOT NULL)"#,
    "CREATE INDEX device_client_address ON device_client (address, create_time)",
    "CREATE INDEX device_client_expire_time ON device_client (expire_time)",
    "CREATE UNIQUE INDEX device_grant_device_digest ON device_grant (device_digest)",
    "CREATE UNIQUE INDEX device_grant_user_code ON device_grant (user_code)",
    "CREATE INDEX device_grant_client_id ON device_grant (client_id)",
];
