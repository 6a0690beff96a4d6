//! Mappings across organizations (storage floor).

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryResult};

use super::{super::Sql, Error, from_row, organization_group};
use crate::domain::{
    id::UserId,
    organization::ListedMapping,
    page::{Page, PageRequest},
};

/// One page of mappings, in the order of creation: to the organizations that `visible_to` is a member of, or to
/// all.
///
/// # Errors
/// When the database fails.
pub async fn list_visible(
    db: &impl ConnectionTrait,
    visible_to: Option<UserId>,
    request: &PageRequest,
) -> Result<Page<ListedMapping>, Error> {
    let mut sql = Sql::new(
        "SELECT g.*, o.name AS organization_name, COALESCE(i.member_count, 0) AS member_count \
         FROM organization_group g JOIN organization o ON o.id = g.organization_id \
         LEFT JOIN idp_group i ON i.id = g.group_id WHERE 1 = 1",
    );
    if let Some(user) = visible_to {
        sql.push(
            " AND g.organization_id IN (SELECT organization_id FROM organization_member WHERE user_id = ",
        );
        sql.bind(user.uuid()).push(")");
    }
    sql.keyset("g.id", request);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let rows: Result<Vec<_>, Error> = rows.iter().map(listed_from).collect();
    Ok(Page::from_rows(rows?, request, |listed| listed.mapping.id.uuid()))
}

fn listed_from(row: &QueryResult) -> Result<ListedMapping, Error> {
    let model = <organization_group::Entity as EntityTrait>::Model::from_query_result(row, "")?;
    let member_count: i64 = row.try_get("", "member_count")?;
    Ok(ListedMapping {
        mapping: from_row(model)?,
        organization_name: row.try_get("", "organization_name")?,
        member_count: u64::try_from(member_count).unwrap_or(0),
    })
}
