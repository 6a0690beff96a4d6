//! Grants with where they come from (storage floor).

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::{
    super::{Sql, organization_group::rollout::REACHED},
    Error, Scope, effective_from, key_from, restrict,
};
use crate::domain::{
    clock::Timestamp,
    membership::{Given, Grant, SourcedGrant, Through},
    role::{OrganizationRole, RoleSource},
    user::{GroupRef, UserState, UserType},
};

/// Every grant in this scope with its origin, also of those who are switched off: one query, so that what is
/// read was so at one moment.
///
/// # Errors
/// When the database fails.
pub async fn sources(db: &impl ConnectionTrait, scope: Scope<'_>) -> Result<Vec<SourcedGrant>, Error> {
    let mut sql = Sql::new(
        "SELECT r.organization_id, r.user_id, r.role, r.source, r.actor_kind, r.actor_id, r.create_time, \
         u.state, NULL, NULL, NULL, NULL FROM organization_role r",
    );
    sql.push(r#" JOIN "user" u ON u.id = r.user_id WHERE 1 = 1"#);
    restrict(&mut sql, scope, "r.user_id", "r.organization_id");
    sql.push(" UNION ALL SELECT g.organization_id, m.user_id, COALESCE(g.role_override, CAST(");
    sql.push(&OrganizationRole::Member.code().to_string()).push(" AS smallint)), CAST(");
    sql.push(&RoleSource::IdpGroup.code().to_string()).push(
        " AS smallint), m.actor_kind, m.actor_id, m.create_time, u.state, i.id, i.display_name, g.id, \
         m.request_id FROM idp_group_member m JOIN organization_group g ON g.group_id = m.group_id \
         JOIN idp_group i ON i.id = m.group_id",
    );
    sql.push(r#" JOIN "user" u ON u.id = m.user_id WHERE "#).push(REACHED);
    restrict(&mut sql, scope, "m.user_id", "g.organization_id");
    sql.push(" UNION ALL SELECT j.organization_id, u.id, j.role, CAST(");
    sql.push(&RoleSource::Jit.code().to_string()).push(
        " AS smallint), j.actor_kind, j.actor_id, j.create_time, u.state, NULL, NULL, NULL, NULL \
         FROM jit_organization j",
    );
    sql.push(r#" JOIN "user" u ON u.user_type = "#).push(&UserType::Personal.code().to_string());
    sql.push(" WHERE 1 = 1");
    restrict(&mut sql, scope, "u.id", "j.organization_id");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &QueryResult) -> Result<SourcedGrant, Error> {
    let given = Given {
        actor_kind: row.try_get_by_index(4)?,
        actor_id: row.try_get_by_index(5)?,
        time: Timestamp::from_micros(row.try_get_by_index(6)?),
    };
    let active = row.try_get_by_index::<i16>(7)? == UserState::Active.code();
    let grant = Grant { key: key_from(row)?, effective: effective_from(row)? };
    Ok(SourcedGrant { grant, given, through: through_from(row)?, active })
}

fn through_from(row: &QueryResult) -> Result<Option<Through>, Error> {
    let Some(group) = row.try_get_by_index::<Option<Uuid>>(8)? else { return Ok(None) };
    Ok(Some(Through {
        group: GroupRef { id: group.into(), display_name: row.try_get_by_index(9)? },
        organization_group_id: row.try_get_by_index::<Uuid>(10)?.into(),
        request_id: row.try_get_by_index(11)?,
    }))
}
