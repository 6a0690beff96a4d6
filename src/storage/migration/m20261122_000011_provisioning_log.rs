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

const TABLES: [&str; 4] = [
    // no foreign keys to tokens and resources: the log outlives what it tells of
    "CREATE TABLE provisioning_request (
        id uuid PRIMARY KEY NOT NULL, time bigint NOT NULL, duration bigint NOT NULL, request_id text NOT NULL,
        scim_token_id uuid, scim_token_description text, address text, user_agent text,
        method text NOT NULL, path text NOT NULL, query text NOT NULL,
        status smallint NOT NULL, failed smallint NOT NULL, scim_type text, detail text,
        notes text NOT NULL, lost_before bigint NOT NULL, size bigint NOT NULL,
        operations text NOT NULL, request_body text, request_whole smallint NOT NULL,
        response_body text, response_whole smallint NOT NULL)",
    // what requests were about: one row each, and one for every operation of a bulk request
    "CREATE TABLE provisioning_resource (
        request_id uuid NOT NULL REFERENCES provisioning_request (id) ON DELETE CASCADE,
        kind smallint NOT NULL, resource_id text NOT NULL, name_key text NOT NULL, external_id text)",
    "CREATE TABLE scim_token_use (
        scim_token_id uuid PRIMARY KEY NOT NULL, time bigint NOT NULL, address text, user_agent text)",
    "CREATE TABLE scim_token_hour (
        scim_token_id uuid NOT NULL, hour bigint NOT NULL, requests bigint NOT NULL, failures bigint NOT NULL,
        PRIMARY KEY (scim_token_id, hour))",
];

const INDEXES: [&str; 10] = [
    "CREATE INDEX provisioning_request_time ON provisioning_request (time)",
    "CREATE INDEX provisioning_request_size ON provisioning_request (id, size)",
    "CREATE INDEX provisioning_request_failed ON provisioning_request (id) WHERE failed = 1",
    "CREATE INDEX provisioning_request_status ON provisioning_request (status, id)",
    "CREATE INDEX provisioning_request_token ON provisioning_request (scim_token_id, id)",
    "CREATE INDEX provisioning_request_request_id ON provisioning_request (request_id)",
    "CREATE INDEX provisioning_resource_request_id ON provisioning_resource (request_id)",
    "CREATE INDEX provisioning_resource_resource_id ON provisioning_resource (resource_id)",
    "CREATE INDEX provisioning_resource_name_key ON provisioning_resource (name_key)",
    "CREATE INDEX provisioning_resource_external_id ON provisioning_resource (external_id)",
];
