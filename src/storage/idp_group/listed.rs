//! Pushed groups and their members as admins list them (storage floor).

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::{super::Sql, Error, from_row, idp_group};
use crate::domain::{
    clock::Timestamp,
    id::IdpGroupId,
    idp_group::{ListedGroup, PushedMember},
    membership::Given,
    name,
    page::{Page, PageRequest},
    user::UserState,
};

/// Which groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Those whose name has this in it, compared without case; empty for all.
    pub name: String,
    /// Those that are mapped to an organization, or that are not.
    pub mapped: Option<bool>,
}

/// One page of the groups that `filter` lets through, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &GroupFilter,
    request: &PageRequest,
) -> Result<Page<ListedGroup>, Error> {
    const MAPPINGS: &str = "FROM organization_group g WHERE g.group_id = i.id";
    let backend = db.get_database_backend();
    let mut sql = Sql::new("SELECT i.*, (SELECT COUNT(*) ");
    sql.push(MAPPINGS).push(") AS organization_count FROM idp_group i WHERE 1 = 1");
    if !filter.name.is_empty() {
        // a pattern would need escapes and, in SQLite, ignore case
        sql.push(if backend == DbBackend::Sqlite { " AND instr(" } else { " AND strpos(" });
        sql.push("i.display_name_key, ").bind(name::group_key(&filter.name)).push(") > 0");
    }
    if let Some(mapped) = filter.mapped {
        sql.push(if mapped { " AND EXISTS (SELECT 1 " } else { " AND NOT EXISTS (SELECT 1 " });
        sql.push(MAPPINGS).push(")");
    }
    sql.keyset("i.id", request);
    let rows = db.query_all_raw(sql.build(backend)).await?;
    let groups: Result<Vec<_>, Error> = rows.iter().map(listed_from).collect();
    Ok(Page::from_rows(groups?, request, |listed| listed.group.id.uuid()))
}

fn listed_from(row: &QueryResult) -> Result<ListedGroup, Error> {
    let model = <idp_group::Entity as EntityTrait>::Model::from_query_result(row, "")?;
    let count: i64 = row.try_get("", "organization_count")?;
    Ok(ListedGroup { group: from_row(model), organization_count: u64::try_from(count).unwrap_or(0) })
}

/// One page of a group's members, in the order of their accounts' creation.
///
/// # Errors
/// When the database fails.
pub async fn list_members(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    request: &PageRequest,
) -> Result<Page<PushedMember>, Error> {
    let mut sql = Sql::new(
        "SELECT u.id, u.username, u.user_name, u.state, m.actor_kind, m.actor_id, m.create_time, m.request_id",
    );
    sql.push(r#" FROM idp_group_member m JOIN "user" u ON u.id = m.user_id WHERE m.group_id = "#);
    sql.bind(group.uuid()).keyset("m.user_id", request);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let members: Result<Vec<_>, Error> = rows.iter().map(member_from).collect();
    Ok(Page::from_rows(members?, request, |member| member.user_id.uuid()))
}

fn member_from(row: &QueryResult) -> Result<PushedMember, Error> {
    Ok(PushedMember {
        user_id: row.try_get_by_index::<Uuid>(0)?.into(),
        username: row.try_get_by_index(1)?,
        user_name: row.try_get_by_index(2)?,
        active: row.try_get_by_index::<i16>(3)? == UserState::Active.code(),
        given: Given {
            actor_kind: row.try_get_by_index(4)?,
            actor_id: row.try_get_by_index(5)?,
            time: Timestamp::from_micros(row.try_get_by_index(6)?),
        },
        request_id: row.try_get_by_index(7)?,
    })
}
