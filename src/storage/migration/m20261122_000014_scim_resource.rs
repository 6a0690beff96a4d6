//! SCIM resources of declared types, and the values that one of them may have (storage floor).

use sea_orm_migration::prelude::*;

use super::in_dialect;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in STATEMENTS {
            db.execute_unprepared(&in_dialect(manager, statement)).await?;
        }
        Ok(())
    }
}

const STATEMENTS: [&str; 5] = [
    "CREATE TABLE scim_resource (
        id uuid PRIMARY KEY NOT NULL, resource_type text NOT NULL, external_id text,
        document text NOT NULL, search text NOT NULL,
        version bigint NOT NULL, create_time bigint NOT NULL, update_time bigint NOT NULL)",
    "CREATE INDEX scim_resource_type ON scim_resource (resource_type, id)",
    "CREATE INDEX scim_resource_external_id ON scim_resource (external_id)",
    "CREATE TABLE scim_unique_value (
        resource_type text NOT NULL, attribute text NOT NULL, value text NOT NULL,
        resource_id uuid NOT NULL REFERENCES scim_resource (id) ON DELETE CASCADE,
        PRIMARY KEY (resource_type, attribute, value))",
    "CREATE INDEX scim_unique_value_resource_id ON scim_unique_value (resource_id)",
];
