//! How far a mapping reaches while it is extended to a large group, and the steps of that (storage floor).
//!
//! Until the last step, the mapping gives its role to the members up to [`Rollout::reached`], in the order of their
//! ids, and to nobody else: what is derived agrees with that at every moment, whoever derives it.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult};
use uuid::Uuid;

use crate::{
    domain::{
        clock::Timestamp,
        id::{IdpGroupId, OrganizationGroupId, UserId},
        organization::{OrganizationGroup, Rollout},
        role::RoleSource,
    },
    storage::{Error, Sql, membership},
};

/// Of an `organization_group g` and an `idp_group_member m`: whether the mapping reaches the member.
pub(in crate::storage) const REACHED: &str = "NOT EXISTS (SELECT 1 FROM organization_group_rollout x \
    WHERE x.organization_group_id = g.id AND m.user_id > x.reached)";

/// Members of a group, in the order of their ids: those after one, up to another.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The group.
    pub group: IdpGroupId,
    /// The last one before; from the first one on when there is none.
    pub after: Option<UserId>,
    /// The last one; to the last one of all when there is none.
    pub until: Option<UserId>,
}

impl Part {
    fn restrict(self, sql: &mut Sql) {
        sql.push("m.group_id = ").bind(self.group.uuid());
        self.restrict_range(sql, "m.user_id");
    }

    /// The range of ids alone.
    fn restrict_range(self, sql: &mut Sql, column: &str) {
        for (end, id) in [(" > ", self.after), (" <= ", self.until)] {
            if let Some(id) = id {
                sql.push(" AND ").push(column).push(end).bind(id.uuid());
            }
        }
    }
}

/// The member at whom a step of `size` members after `after` ends; none when the last one of all is before that.
///
/// # Errors
/// When the database fails.
pub async fn end_of_step(
    db: &impl ConnectionTrait,
    group: IdpGroupId,
    after: Option<UserId>,
    size: u32,
) -> Result<Option<UserId>, Error> {
    let mut sql = Sql::new("SELECT m.user_id FROM idp_group_member m WHERE ");
    Part { group, after, until: None }.restrict(&mut sql);
    sql.push(" ORDER BY m.user_id LIMIT 1 OFFSET ").bind(i64::from(size.saturating_sub(1)));
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    Ok(row.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?.map(UserId::from))
}

/// Gives the role of `mapping` to the active ones among `part` who hold no higher one: a grant more makes the
/// effective role the higher of two. Writes an event for each role that changes.
///
/// # Errors
/// When the database fails.
pub async fn extend(
    db: &impl ConnectionTrait,
    mapping: &OrganizationGroup,
    part: Part,
    rollout: &Rollout,
    now: Timestamp,
) -> Result<Extended, Error> {
    lock_users(db, part).await?;
    membership::lock_revisions(db).await?;
    let before = membership::revision(db).await?;
    // most mappings find nobody there, and then nothing need be compared
    let meets_members = has_members(db, mapping, part).await?;
    let written = add_events(db, mapping, part, rollout, now, meets_members).await?;
    if meets_members {
        raise_sources(db, mapping, part).await?;
    }
    if written == 0 {
        return Ok(Extended::default());
    }
    put_members(db, before).await?;
    let added = if meets_members { count_added(db, before).await? } else { written };
    let revision = Some(membership::revision(db).await?);
    Ok(Extended { revision, added, changed: written.saturating_sub(added) })
}

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extended {
    /// The revision of the last event; none when no role changed.
    pub revision: Option<u64>,
    /// New members of the organization.
    pub added: u64,
    /// Members with a higher role.
    pub changed: u64,
}

/// Holds the members in the order of their ids, as everyone does who derives, until the transaction ends.
async fn lock_users(db: &impl ConnectionTrait, part: Part) -> Result<(), Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let mut sql = Sql::new(r#"SELECT COUNT(*) FROM (SELECT u.id FROM "user" u WHERE u.id IN "#);
    sql.push("(SELECT m.user_id FROM idp_group_member m WHERE ");
    part.restrict(&mut sql);
    sql.push(") ORDER BY u.id FOR NO KEY UPDATE) held");
    db.query_one_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Whether somebody who stands in the part's range of ids is a member already.
async fn has_members(
    db: &impl ConnectionTrait,
    mapping: &OrganizationGroup,
    part: Part,
) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT 1 FROM organization_member o WHERE o.organization_id = ");
    sql.bind(mapping.organization_id.uuid());
    part.restrict_range(&mut sql, "o.user_id");
    sql.push(" LIMIT 1");
    Ok(db.query_one_raw(sql.build(db.get_database_backend())).await?.is_some())
}

async fn add_events(
    db: &impl ConnectionTrait,
    mapping: &OrganizationGroup,
    part: Part,
    rollout: &Rollout,
    now: Timestamp,
    meets_members: bool,
) -> Result<u64, Error> {
    let role = mapping.role().code();
    let mut sql = Sql::new(
        "INSERT INTO membership_event (time, organization_id, user_id, old_role, old_source, new_role, new_source, \
         actor_kind, actor_id, request_id) SELECT ",
    );
    sql.bind(now.micros()).push(", ").bind(mapping.organization_id.uuid()).push(", m.user_id, ");
    sql.push(if meets_members {
        "o.role, o.source, "
    } else {
        "CAST(NULL AS smallint), CAST(NULL AS smallint), "
    });
    sql.bind(role).push(", ").bind(RoleSource::IdpGroup.code());
    for by in [&rollout.actor_kind, &rollout.actor_id, &rollout.request_id] {
        sql.push(", ").bind(by.clone());
    }
    sql.push(" FROM idp_group_member m");
    if meets_members {
        sql.push(" LEFT JOIN organization_member o ON o.user_id = m.user_id AND o.organization_id = ");
        sql.bind(mapping.organization_id.uuid());
    }
    sql.push(" WHERE ");
    part.restrict(&mut sql);
    // those who are switched off are few, and have an index of their own: cheaper than to look at everybody
    sql.push(r#" AND m.user_id NOT IN (SELECT u.id FROM "user" u WHERE u.state <> 1"#);
    part.restrict_range(&mut sql, "u.id");
    sql.push(")");
    if meets_members {
        sql.push(" AND (o.role IS NULL OR o.role < ").bind(role).push(")");
    }
    sql.push(" ORDER BY m.user_id");
    Ok(db.execute_raw(sql.build(db.get_database_backend())).await?.rows_affected())
}

/// Members who hold the very role of the mapping have it by the mapping, where that is the higher source: by the order
/// of `Effective`. No role changes by that, so there is no event.
async fn raise_sources(
    db: &impl ConnectionTrait,
    mapping: &OrganizationGroup,
    part: Part,
) -> Result<(), Error> {
    let (role, source) = (mapping.role().code(), RoleSource::IdpGroup.code());
    let mut sql = Sql::new("UPDATE organization_member SET source = ");
    sql.bind(source).push(" WHERE organization_id = ").bind(mapping.organization_id.uuid());
    part.restrict_range(&mut sql, "user_id");
    sql.push(" AND role = ").bind(role).push(" AND source < ").bind(source);
    sql.push(" AND EXISTS (SELECT 1 FROM idp_group_member m WHERE ");
    part.restrict(&mut sql);
    sql.push(" AND m.user_id = organization_member.user_id)");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// New members among the events after a revision, all of this transaction.
async fn count_added(db: &impl ConnectionTrait, before: u64) -> Result<u64, Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM membership_event WHERE old_role IS NULL AND revision > ");
    sql.bind(i64::try_from(before).unwrap_or(i64::MAX));
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Gives what the events after a revision tell, all of this transaction.
async fn put_members(db: &impl ConnectionTrait, before: u64) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO organization_member (organization_id, user_id, role, source) \
         SELECT organization_id, user_id, new_role, new_source FROM membership_event WHERE revision > ",
    );
    sql.bind(i64::try_from(before).unwrap_or(i64::MAX)).push(
        " ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role, source = excluded.source",
    );
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Notes how far a mapping reaches now.
///
/// # Errors
/// When the database fails.
pub async fn put(
    db: &impl ConnectionTrait,
    rollout: &Rollout,
    reached: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO organization_group_rollout (organization_group_id, reached, actor_kind, actor_id, request_id, \
         step_time) VALUES ",
    );
    sql.bind_rows([vec![
        rollout.mapping.uuid().into(),
        reached.uuid().into(),
        rollout.actor_kind.clone().into(),
        rollout.actor_id.clone().into(),
        rollout.request_id.clone().into(),
        now.micros().into(),
    ]]);
    sql.push(" ON CONFLICT (organization_group_id) DO UPDATE SET reached = excluded.reached, step_time = excluded.step_time");
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// Notes that a mapping reaches everyone.
///
/// # Errors
/// When the database fails.
pub async fn delete(db: &impl ConnectionTrait, mapping: OrganizationGroupId) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM organization_group_rollout WHERE organization_group_id = ");
    sql.bind(mapping.uuid());
    db.execute_raw(sql.build(db.get_database_backend())).await?;
    Ok(())
}

/// How far a mapping reaches; none when it reaches everyone, or is gone.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, mapping: OrganizationGroupId) -> Result<Option<Rollout>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE organization_group_id = ").bind(mapping.uuid());
    db.query_one_raw(sql.build(db.get_database_backend())).await?.as_ref().map(from_row).transpose()
}

/// The mappings whose last step was before a moment.
///
/// # Errors
/// When the database fails.
pub async fn list_resting(db: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<Rollout>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE step_time < ").bind(since.micros()).push(" ORDER BY organization_group_id");
    db.query_all_raw(sql.build(db.get_database_backend())).await?.iter().map(from_row).collect()
}

const COLUMNS: &str = "SELECT organization_group_id, reached, actor_kind, actor_id, request_id \
    FROM organization_group_rollout";

fn from_row(row: &QueryResult) -> Result<Rollout, Error> {
    Ok(Rollout {
        mapping: row.try_get_by_index::<Uuid>(0)?.into(),
        reached: Some(row.try_get_by_index::<Uuid>(1)?.into()),
        actor_kind: row.try_get_by_index(2)?,
        actor_id: row.try_get_by_index(3)?,
        request_id: row.try_get_by_index(4)?,
    })
}
