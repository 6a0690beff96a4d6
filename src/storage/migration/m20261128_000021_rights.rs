//! Groups that are released to organizations, server admins whom an admin switched off, who made an organization, and names of those
//! that were deleted (storage floor).

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in STATEMENTS {
            db.execute_unprepared(&super::in_dialect(manager, statement)).await?;
        }
        let id = match manager.get_database_backend() {
            DbBackend::Sqlite => "lower(hex(user_id))",
            _ => "replace(user_id::text, '-', '')",
        };
        db.execute_unprepared(&CREATORS.replace("{id}", id)).await?;
        Ok(())
    }
}

const STATEMENTS: [&str; 10] = [
    // whoever is switched off now counts as switched off by an admin: nobody knows better
    r#"CREATE TABLE suspended_admin (user_id uuid PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE)"#,
    r#"INSERT INTO suspended_admin (user_id) SELECT id FROM "user" WHERE server_role = 40 AND state = 2"#,
    // a release names a group that is pushed, or waits for the name; the name follows the group's
    "CREATE TABLE group_release (
        id uuid PRIMARY KEY NOT NULL,
        organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        group_name text NOT NULL, group_name_key text NOT NULL,
        group_id uuid REFERENCES idp_group (id) ON DELETE CASCADE,
        actor_kind text NOT NULL, actor_id text NOT NULL, create_time bigint NOT NULL)",
    "CREATE UNIQUE INDEX group_release_name ON group_release (organization_id, group_name_key)",
    "CREATE INDEX group_release_group_id ON group_release (group_id)",
    // no foreign keys: who made it counts as long as both are there
    "CREATE TABLE organization_creator (
        organization_id uuid PRIMARY KEY NOT NULL REFERENCES organization (id) ON DELETE CASCADE, user_id uuid NOT NULL)",
    "CREATE INDEX organization_creator_user_id ON organization_creator (user_id)",
    // names of deleted organizations, which are for server admins; owner_name has them too
    "CREATE TABLE retired_name (name text PRIMARY KEY NOT NULL)",
    "INSERT INTO owner_name (name, owner_id) SELECT subject_name, id FROM audit_event WHERE action = 42 \
     ON CONFLICT (name) DO NOTHING",
    "INSERT INTO retired_name (name) SELECT n.name FROM owner_name n JOIN audit_event a ON a.id = n.owner_id",
];

/// Who made an organization gave themselves the first role in it.
const CREATORS: &str = "INSERT INTO organization_creator (organization_id, user_id) \
    SELECT organization_id, user_id FROM organization_role \
    WHERE source = 30 AND role = 40 AND actor_kind = 'user' AND actor_id = {id} \
    ON CONFLICT (organization_id) DO NOTHING";
