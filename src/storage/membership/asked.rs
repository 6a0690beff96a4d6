//! Many users, organizations and pairs of them in one query each, by ids or by names (storage floor).

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::{super::Sql, Error, effective_from, key_from, role_from};
use crate::domain::{
    id::{OrganizationId, UserId},
    membership::{MemberKey, Roles},
    role::OrganizationRole,
    user::UserState,
};

/// Things that are asked for by id or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<Id> {
    /// By id.
    pub ids: Vec<Id>,
    /// By name.
    pub names: Vec<String>,
}

/// Nothing.
impl<Id> Default for Wanted<Id> {
    fn default() -> Self {
        Self { ids: Vec::new(), names: Vec::new() }
    }
}

/// Names with the ids of who has them, and organizations with their names.
pub type Named = (Vec<(UserId, String)>, Vec<(OrganizationId, String)>);

/// Whose these names are, and the organizations that are wanted; what is not there is left out. Names are of accounts and
/// organizations alike, in a small table: only for who has no role need it be known [whether it is an account](accounts),
/// which a look at accounts tells, and these are large.
///
/// # Errors
/// When the database fails.
pub async fn named(
    db: &impl ConnectionTrait,
    users: &[String],
    organizations: &Wanted<OrganizationId>,
) -> Result<Named, Error> {
    let mut sql = Sql::new("SELECT 1, owner_id, name FROM owner_name WHERE name IN (");
    sql.bind_all(users.iter().cloned().collect::<BTreeSet<_>>());
    sql.push(") UNION ALL SELECT 2, id, name FROM organization WHERE name IN (");
    sql.bind_all(organizations.names.iter().cloned().collect::<BTreeSet<_>>()).push(") OR id IN (");
    let ids: BTreeSet<_> = organizations.ids.iter().map(|id| id.uuid()).collect();
    sql.bind_all(ids).push(")");
    let (mut users, mut organizations) = (Vec::new(), Vec::new());
    for row in db.query_all_raw(sql.build(db.get_database_backend())).await? {
        let (kind, id, name): (i32, Uuid, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        if kind == 1 {
            users.push((id.into(), name));
        } else {
            organizations.push((id.into(), name));
        }
    }
    Ok((users, organizations))
}

/// Those of these ids that are of accounts, with their names.
///
/// # Errors
/// When the database fails.
pub async fn accounts(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<UserId>,
) -> Result<HashMap<UserId, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(r#"SELECT id, username FROM "user" WHERE id IN ("#);
    sql.bind_all(ids.iter().map(|id| id.uuid())).push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let account = |row: &QueryResult| Ok((row.try_get_by_index::<Uuid>(0)?.into(), row.try_get_by_index(1)?));
    rows.iter().map(account).collect()
}

/// A thing by id or by name.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// By id.
    Id(Uuid),
    /// By name.
    Name(&'a str),
}

impl Key<'_> {
    fn restrict(self, sql: &mut Sql, alias: &str, name_column: &str) {
        sql.push(alias).push(".");
        match self {
            Self::Id(id) => sql.push("id = ").bind(id),
            Self::Name(name) => sql.push(name_column).push(" = ").bind(name),
        };
    }
}

/// What is found of one user and one organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The user, if there is one.
    pub user: Option<UserId>,
    /// The organization, if there is one.
    pub organization: Option<OrganizationId>,
    /// The effective role of the user there, if it has one.
    pub role: Option<OrganizationRole>,
    /// Whether who asks has a role there.
    pub is_shared: bool,
}

/// What there is of a user and an organization, and between them; for `asker`. All of one moment, by one query.
///
/// # Errors
/// When the database fails.
pub async fn one(
    db: &impl ConnectionTrait,
    user: Key<'_>,
    organization: Key<'_>,
    asker: Option<UserId>,
) -> Result<Found, Error> {
    let mut sql = Sql::new("SELECT u.id, o.id, m.role, a.role FROM (SELECT 1 AS one) q ");
    sql.push(r#"LEFT JOIN "user" u ON "#);
    user.restrict(&mut sql, "u", "username");
    sql.push(" LEFT JOIN organization o ON ");
    organization.restrict(&mut sql, "o", "name");
    sql.push(" LEFT JOIN organization_member m ON m.organization_id = o.id AND m.user_id = u.id");
    sql.push(" LEFT JOIN organization_member a ON a.organization_id = o.id AND a.user_id = ");
    sql.bind(asker.map(UserId::uuid));
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let Some(row) = row else { return Ok(Found::default()) };
    let id = |column| row.try_get_by_index::<Option<Uuid>>(column);
    let role = |column| row.try_get_by_index::<Option<i16>>(column);
    Ok(Found {
        user: id(0)?.map(UserId::from),
        organization: id(1)?.map(OrganizationId::from),
        role: role(2)?.map(role_from).transpose()?,
        is_shared: role(3)?.is_some(),
    })
}

/// Those of these accounts that are switched on.
///
/// # Errors
/// When the database fails.
pub async fn active(db: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<UserId>, Error> {
    let mut sql = Sql::new(r#"SELECT id FROM "user" WHERE state = "#);
    sql.bind(UserState::Active.code());
    sql.push(" AND id IN (").bind_all(ids.iter().map(|id| id.uuid())).push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
}

/// The effective roles of these, of members alone.
///
/// # Errors
/// When the database fails.
pub async fn roles_of(db: &impl ConnectionTrait, keys: &[MemberKey]) -> Result<Roles, Error> {
    if keys.is_empty() {
        return Ok(Roles::new());
    }
    let (keys, first): (BTreeSet<_>, _) = (keys.iter().collect(), keys.first());
    let mut sql = Sql::new("SELECT organization_id, user_id, role, source FROM organization_member WHERE ");
    if let Some((organization, _)) = first.filter(|first| keys.iter().all(|key| key.0 == first.0)) {
        // people of one organization take half the time of pairs
        sql.push("organization_id = ").bind(organization.uuid()).push(" AND user_id IN (");
        sql.bind_all(keys.iter().map(|(_, user)| user.uuid()));
    } else {
        let pair = |key: &MemberKey| -> Vec<Value> { vec![key.0.uuid().into(), key.1.uuid().into()] };
        sql.push("(organization_id, user_id) IN (VALUES ").bind_rows(keys.into_iter().map(pair));
    }
    sql.push(")");
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok((key_from(row)?, effective_from(row)?))).collect()
}
