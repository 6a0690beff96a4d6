//! Users with their groups, as SCIM shows them: one query each (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::list;
use crate::{
    domain::{
        id::ScimUserId,
        predicate::{ResourcePage, ResourceQuery},
        user::{GroupRef, ProvisionedUser},
    },
    storage::{Error, Sql, entity::user::Model, predicate::Root, user},
};

/// The accounts that SCIM shows, of `"user" u`: those that it [may show](crate::domain::user::User::is_visible_to_scim) and
/// that [hold](crate::domain::user::holder) their `userName`.
pub(in crate::storage) const VISIBLE_USER: &str = r#"(u.provenance IN (2, 3) OR (u.provenance = 1 AND u.user_type = 1
    AND u.email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "user" o WHERE o.user_name_key = u.user_name_key AND o.id <> u.id
    AND (o.provenance IN (2, 3) OR (o.provenance = 1 AND o.user_type = 1 AND o.email IS NOT NULL
    AND (o.state < u.state OR (o.state = u.state AND o.id < u.id)))))))"#;

/// Every column of `"user" u`, and `groups`: the groups by name, as JSON pairs of an id and a name.
fn columns(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            "SELECT u.*, (SELECT json_group_array(json_array(hex(g.id), g.display_name) ORDER BY g.display_name_key) \
             FROM idp_group_member m JOIN idp_group g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups"
        }
        _ => {
            "SELECT u.*, (SELECT json_agg(json_build_array(g.id::text, g.display_name) ORDER BY g.display_name_key)::text \
             FROM idp_group_member m JOIN idp_group g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups"
        }
    }
}

/// The user with this SCIM id, if SCIM shows it.
///
/// # Errors
/// When the database fails.
pub async fn find_user(db: &impl ConnectionTrait, id: ScimUserId) -> Result<Option<ProvisionedUser>, Error> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(columns(backend));
    sql.push(r#" FROM "user" u WHERE "#).push(VISIBLE_USER).push(" AND u.scim_id = ").bind(id.uuid());
    db.query_one_raw(sql.build(backend)).await?.as_ref().map(from_row).transpose()
}

/// The users that SCIM shows and `query` asks for.
///
/// # Errors
/// When the database fails.
pub async fn list_users(
    db: &impl ConnectionTrait,
    query: &ResourceQuery,
) -> Result<ResourcePage<ProvisionedUser>, Error> {
    let columns = columns(db.get_database_backend());
    let (total, rows) = list(db, Root::User, columns, |sql| sql.push(VISIBLE_USER), query).await?;
    let items: Result<_, Error> = rows.iter().map(from_row).collect();
    Ok(ResourcePage { items: items?, total })
}

fn from_row(row: &QueryResult) -> Result<ProvisionedUser, Error> {
    let user = user::from_row(Model::from_query_result(row, "")?)?;
    let groups: Option<String> = row.try_get("", "groups")?;
    let pairs: Vec<(Uuid, String)> = serde_json::from_str(groups.as_deref().unwrap_or("[]"))
        .map_err(|_| Error::Corrupt("list of groups"))?;
    let groups =
        pairs.into_iter().map(|(id, display_name)| GroupRef { id: id.into(), display_name }).collect();
    Ok(ProvisionedUser { user, groups })
}
