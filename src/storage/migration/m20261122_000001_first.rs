//! The first schema: facts, the derived memberships, tokens, and the audit log (storage floor).
//!
//! Plain SQL, since both databases read the same text: ids are `uuid` (a 16-byte BLOB in SQLite), times
//! `bigint` microseconds, enums `smallint` codes of the domain, documents `text`. Keys that must be unique
//! without regard to case have a column of their own; text sorts by code points, as SQLite does by itself.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (bytes, revision, text) = match manager.get_database_backend() {
            sea_orm::DbBackend::Sqlite => ("blob", "integer PRIMARY KEY AUTOINCREMENT", " text"),
            _ => ("bytea", "bigserial PRIMARY KEY", " text COLLATE \"C\""),
        };
        for statement in TABLES.iter().chain(&INDEXES) {
            let statement = statement.replace("{bytes}", bytes).replace("{revision}", revision);
            let statement = statement.replace(" text", text);
            db.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 14] = [
    r#"CREATE TABLE "user" (
        id uuid PRIMARY KEY NOT NULL, scim_id uuid NOT NULL, username text NOT NULL,
        user_type smallint NOT NULL, server_role smallint NOT NULL, state smallint NOT NULL,
        description text NOT NULL, url text NOT NULL, verification smallint NOT NULL,
        provenance smallint NOT NULL, user_name text NOT NULL, user_name_key text NOT NULL,
        pushed_user_name_key text, external_id text, given_name text, family_name text,
        email text, email_key text, document text NOT NULL, search text NOT NULL,
        version bigint NOT NULL, create_time bigint NOT NULL, update_time bigint NOT NULL)"#,
    // users and organizations share one namespace
    "CREATE TABLE owner_name (name text PRIMARY KEY NOT NULL, owner_id uuid NOT NULL)",
    "CREATE TABLE idp_group (
        id uuid PRIMARY KEY NOT NULL, display_name text NOT NULL, display_name_key text NOT NULL,
        external_id text, document text NOT NULL, search text NOT NULL, member_count bigint NOT NULL,
        version bigint NOT NULL, create_time bigint NOT NULL, update_time bigint NOT NULL)",
    // a row to lock while a group of this name is made, renamed or mapped
    "CREATE TABLE idp_group_name (name_key text PRIMARY KEY NOT NULL)",
    r#"CREATE TABLE idp_group_member (
        group_id uuid NOT NULL REFERENCES idp_group (id) ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        actor_kind text NOT NULL, actor_id text NOT NULL, request_id text NOT NULL,
        create_time bigint NOT NULL, PRIMARY KEY (group_id, user_id))"#,
    "CREATE TABLE idp_group_unknown_member (
        group_id uuid NOT NULL REFERENCES idp_group (id) ON DELETE CASCADE,
        value text NOT NULL, actor_id text NOT NULL, request_id text NOT NULL,
        create_time bigint NOT NULL, PRIMARY KEY (group_id, value))",
    "CREATE TABLE organization (
        id uuid PRIMARY KEY NOT NULL, name text NOT NULL, description text NOT NULL, url text NOT NULL,
        verification smallint NOT NULL, repository_base_role smallint NOT NULL,
        create_time bigint NOT NULL, update_time bigint NOT NULL)",
    "CREATE TABLE organization_group (
        id uuid PRIMARY KEY NOT NULL,
        organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        group_name text NOT NULL, group_name_key text NOT NULL, role_override smallint,
        group_id uuid REFERENCES idp_group (id) ON DELETE SET NULL, create_time bigint NOT NULL)",
    r#"CREATE TABLE organization_role (
        organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        source smallint NOT NULL, role smallint NOT NULL, actor_kind text NOT NULL, actor_id text NOT NULL,
        create_time bigint NOT NULL, PRIMARY KEY (organization_id, user_id, source))"#,
    r#"CREATE TABLE organization_member (
        organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        role smallint NOT NULL, source smallint NOT NULL, PRIMARY KEY (organization_id, user_id))"#,
    r#"CREATE TABLE token (
        id uuid PRIMARY KEY NOT NULL, user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        digest {bytes} NOT NULL, note text NOT NULL, create_time bigint NOT NULL, expire_time bigint NOT NULL)"#,
    "CREATE TABLE scim_token (
        id uuid PRIMARY KEY NOT NULL, digest {bytes} NOT NULL, profile smallint NOT NULL, created_by uuid,
        create_time bigint NOT NULL, expire_time bigint)",
    // no foreign keys: the logs outlive what they tell of
    "CREATE TABLE audit_event (
        id uuid PRIMARY KEY NOT NULL, time bigint NOT NULL, action smallint NOT NULL,
        actor_kind text NOT NULL, actor_id text NOT NULL, actor_name text NOT NULL,
        subject_kind smallint NOT NULL, subject_id text NOT NULL, subject_name text NOT NULL,
        organization_id uuid, before text NOT NULL, after text NOT NULL,
        request_id text NOT NULL, address text, user_agent text)",
    // the revision counts up with every change of an effective role
    "CREATE TABLE membership_event (
        revision {revision}, time bigint NOT NULL, organization_id uuid NOT NULL, user_id uuid NOT NULL,
        old_role smallint, old_source smallint, new_role smallint, new_source smallint,
        actor_kind text NOT NULL, actor_id text NOT NULL, request_id text NOT NULL)",
];

const INDEXES: [&str; 19] = [
    r#"CREATE UNIQUE INDEX user_scim_id ON "user" (scim_id)"#,
    r#"CREATE UNIQUE INDEX user_username ON "user" (username)"#,
    r#"CREATE UNIQUE INDEX user_pushed_user_name_key ON "user" (pushed_user_name_key)"#,
    r#"CREATE INDEX user_user_name_key ON "user" (user_name_key)"#,
    r#"CREATE INDEX user_external_id ON "user" (external_id)"#,
    r#"CREATE INDEX user_email_key ON "user" (email_key)"#,
    "CREATE UNIQUE INDEX idp_group_display_name_key ON idp_group (display_name_key)",
    "CREATE INDEX idp_group_external_id ON idp_group (external_id)",
    "CREATE INDEX idp_group_member_user_id ON idp_group_member (user_id)",
    "CREATE UNIQUE INDEX organization_name ON organization (name)",
    "CREATE UNIQUE INDEX organization_group_name ON organization_group (organization_id, group_name_key)",
    "CREATE INDEX organization_group_group_id ON organization_group (group_id)",
    "CREATE INDEX organization_group_name_key ON organization_group (group_name_key)",
    "CREATE INDEX organization_member_user_id ON organization_member (user_id, organization_id)",
    "CREATE INDEX organization_role_user_id ON organization_role (user_id)",
    "CREATE UNIQUE INDEX token_digest ON token (digest)",
    "CREATE UNIQUE INDEX scim_token_digest ON scim_token (digest)",
    "CREATE INDEX audit_event_time ON audit_event (time)",
    "CREATE INDEX membership_event_time ON membership_event (time)",
];
