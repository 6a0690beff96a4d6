//! The keys of names that decide about rights fold the case of ASCII letters alone (storage floor). Before, they followed Unicode,
//! which takes other characters for ASCII letters.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, key) in KEYS {
            let folded = match manager.get_database_backend() {
                // ASCII letters alone
                DbBackend::Sqlite => format!("lower({name})"),
                _ => format!("translate({name}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"),
            };
            let update =
                format!("UPDATE {table} SET {key} = {folded} WHERE {name} IS NOT NULL AND {key} <> {folded}");
            manager.get_connection().execute_unprepared(&update).await?;
        }
        Ok(())
    }
}

/// Names that are alike by the new keys are so by the old ones: nothing can clash.
const KEYS: [(&str, &str, &str); 4] = [
    (r#""user""#, "email", "email_key"),
    ("idp_group", "display_name", "display_name_key"),
    ("organization_group", "group_name", "group_name_key"),
    ("jit_admin_email", "email", "email_key"),
];
