//! The keys of names of groups know one form of composed and decomposed accents, and filters find local accounts by the name that
//! SCIM shows of them (storage floor).
//!
//! Where two names become one, both stay: the older row gets the new key, and the newer one keeps its own. A row also keeps its
//! key where a mapping or a release that waits would meet a group by the new one, since nothing is granted by an upgrade.

use sea_orm_migration::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{domain::name, storage::sql::Sql};

/// The step.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in &TABLES {
            table.renew(manager).await?;
        }
        name_local_accounts(manager).await
    }
}

/// Of accounts that were stored before they had a name in SCIM, filters look into the e-mail alone.
async fn name_local_accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let all = Sql::new(r#"SELECT id, username, search FROM "user" WHERE document = '' AND search <> ''"#);
    for row in db.query_all_raw(all.build(db.get_database_backend())).await? {
        let (id, username, search): (Uuid, String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let Ok(Value::Object(mut search)) = serde_json::from_str(&search) else { continue };
        let name = json!({ "formatted": username, "givenName": username, "familyName": username });
        search.entry("name").or_insert(name);
        let mut sql = Sql::new(r#"UPDATE "user" SET search = "#);
        sql.bind(Value::Object(search).to_string()).push(" WHERE id = ").bind(id);
        db.execute_raw(sql.build(db.get_database_backend())).await?;
    }
    Ok(())
}

/// A table with names of groups.
struct Table {
    name: &'static str,
    group_name: &'static str,
    key: &'static str,
    /// When a row of it, `t`, cannot have the key `#`.
    taken: &'static str,
}

impl Table {
    async fn renew(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let Self { name: table, group_name, key, .. } = self;
        let all = Sql::new(&format!("SELECT id, {group_name}, {key} FROM {table} ORDER BY id"));
        for row in db.query_all_raw(all.build(db.get_database_backend())).await? {
            let (id, name, old): (Uuid, String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let new = name::group_key(&name);
            if new != old {
                db.execute_raw(self.update(id, &new).build(db.get_database_backend())).await?;
            }
        }
        Ok(())
    }

    fn update(&self, id: Uuid, new: &str) -> Sql {
        let mut sql = Sql::new(&format!("UPDATE {} AS t SET {} = ", self.name, self.key));
        sql.bind(new).push(" WHERE t.id = ").bind(id).push(" AND NOT (");
        for (at, part) in self.taken.split('#').enumerate() {
            if at > 0 {
                sql.bind(new);
            }
            sql.push(part);
        }
        sql.push(")");
        sql
    }
}

const TABLES: [Table; 3] = [
    Table {
        name: "idp_group",
        group_name: "display_name",
        key: "display_name_key",
        taken: "EXISTS (SELECT 1 FROM idp_group g WHERE g.display_name_key = #)
            OR EXISTS (SELECT 1 FROM organization_group o WHERE o.group_id IS NULL AND o.group_name_key = #)
            OR EXISTS (SELECT 1 FROM group_release r WHERE r.group_id IS NULL AND r.group_name_key = #)",
    },
    Table {
        name: "organization_group",
        group_name: "group_name",
        key: "group_name_key",
        taken: "EXISTS (SELECT 1 FROM organization_group o WHERE o.organization_id = t.organization_id AND o.group_name_key = #)
            OR t.group_id IS NULL AND EXISTS (SELECT 1 FROM idp_group g WHERE g.display_name_key = #)",
    },
    Table {
        name: "group_release",
        group_name: "group_name",
        key: "group_name_key",
        taken: "EXISTS (SELECT 1 FROM group_release r WHERE r.organization_id = t.organization_id AND r.group_name_key = #)
            OR t.group_id IS NULL AND EXISTS (SELECT 1 FROM idp_group g WHERE g.display_name_key = #)",
    },
];
