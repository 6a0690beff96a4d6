//! SQLite keeps the rows of three tables in the order of their keys, in one tree instead of two (storage floor). PostgreSQL
//! has no such tables.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        for (name, columns) in TABLES {
            for statement in [
                format!("CREATE TABLE {name}_clustered ({columns}) WITHOUT ROWID"),
                format!("INSERT INTO {name}_clustered SELECT * FROM {name}"),
                // with its indexes
                format!("DROP TABLE {name}"),
                format!("ALTER TABLE {name}_clustered RENAME TO {name}"),
            ] {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}

/// Each with its columns, which are what they were.
const TABLES: [(&str, &str); 3] = [
    ("owner_name", "name text PRIMARY KEY NOT NULL, owner_id uuid NOT NULL"),
    (
        "idp_group_member",
        r#"group_id uuid NOT NULL REFERENCES idp_group (id) ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        actor_kind text NOT NULL, actor_id text NOT NULL, request_id text NOT NULL,
        create_time bigint NOT NULL, PRIMARY KEY (group_id, user_id)"#,
    ),
    (
        "organization_member",
        r#"organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        role smallint NOT NULL, source smallint NOT NULL, PRIMARY KEY (organization_id, user_id)"#,
    ),
];

const INDEXES: [&str; 2] = [
    "CREATE INDEX idp_group_member_user_id ON idp_group_member (user_id)",
    "CREATE INDEX organization_member_user_id ON organization_member (user_id, organization_id)",
];
