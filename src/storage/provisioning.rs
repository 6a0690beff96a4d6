//! What SCIM lists, and what readiness looks at (storage floor).

pub mod deactivation;
pub mod log;
pub mod pause;
pub mod removal;
mod user;

pub(super) use user::VISIBLE_USER;
pub use user::{find_user, list_users};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult};

use super::{
    Error, Sql,
    entity::idp_group as group_entity,
    idp_group,
    predicate::{Root, Writer},
};
use crate::domain::{
    id::ScimUserId,
    idp_group::IdpGroup,
    predicate::{ResourcePage, ResourceQuery},
};

/// The groups that `query` asks for.
///
/// # Errors
/// When the database fails.
pub async fn list_groups(
    db: &impl ConnectionTrait,
    query: &ResourceQuery,
) -> Result<ResourcePage<IdpGroup>, Error> {
    let (total, rows) = list(db, Root::Group, "SELECT *", |sql| sql.push("(1 = 1)"), query).await?;
    let model = |row| group_entity::Model::from_query_result(row, "").map_err(Error::from);
    let items: Result<_, Error> = rows.iter().map(|row| model(row).map(idp_group::from_row)).collect();
    Ok(ResourcePage { items: items?, total })
}

/// How many resources of `root` are visible and match, and the rows of those that are asked for.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    root: Root,
    columns: &str,
    visible: impl Fn(&mut Sql) -> &mut Sql,
    query: &ResourceQuery,
) -> Result<(u64, Vec<QueryResult>), Error> {
    let backend = db.get_database_backend();
    let condition = |sql: &mut Sql| {
        sql.push(" FROM ").push(root.table()).push(" WHERE ");
        visible(sql).push(" AND ");
        Writer { sql, backend, root }.predicate(&query.predicate);
    };
    let sql = page(backend, root, columns, &condition, query);
    let rows = if query.limit == 0 { Vec::new() } else { db.query_all_raw(sql.build(backend)).await? };
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    // a first page that is not full is the whole list
    if !query.counts || query.offset == 0 && found < query.limit {
        return Ok((found, rows));
    }
    let mut sql = Sql::new("SELECT COUNT(*)");
    condition(&mut sql);
    Ok((count(db, sql).await?, rows))
}

/// The rows of a page. Columns may be queries themselves, which PostgreSQL would run for rows that it skips, and SQLite for
/// rows that it sorts: what skips or sorts has none of them.
fn page(
    backend: DbBackend,
    root: Root,
    columns: &str,
    condition: &impl Fn(&mut Sql),
    query: &ResourceQuery,
) -> Sql {
    let order = |sql: &mut Sql| {
        sql.push(" ORDER BY ");
        Writer { sql, backend, root }.order(query.sort.as_ref());
    };
    let (mut sql, is_apart) = (Sql::new(columns), query.offset > 0 || query.sort.is_some());
    if is_apart {
        sql.push(" FROM (SELECT ").push(root.alias()).push(".*");
    }
    condition(&mut sql);
    order(&mut sql);
    sql.push(" LIMIT ").bind(signed(query.limit)).push(" OFFSET ").bind(signed(query.offset));
    if is_apart {
        sql.push(") ").push(root.alias());
        order(&mut sql);
    }
    sql
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn count(db: &impl ConnectionTrait, sql: Sql) -> Result<u64, Error> {
    let row = db.query_one_raw(sql.build(db.get_database_backend())).await?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What readiness warns of, each with some examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many groups are mapped to organizations.
    pub organization_groups: u64,
    /// Names of pushed groups that are mapped nowhere.
    pub unmapped_groups: Vec<String>,
    /// Names mapped to organizations that no pushed group has, as `organization: group`.
    pub unbound_names: Vec<String>,
    /// `userName`s of active pushed users without a work e-mail.
    pub users_without_email: Vec<String>,
    /// E-mails that several local users share.
    pub shared_emails: Vec<String>,
    /// E-mails that make a server admin, and that several accounts have.
    pub shared_admin_emails: Vec<String>,
    /// Organizations without an owner.
    pub ownerless_organizations: Vec<String>,
    /// Member ids that no user has, as `group: id`.
    pub unknown_members: Vec<String>,
    /// Accounts that may be one person's, as `name, name (address)`.
    pub possible_duplicates: Vec<String>,
    /// Registry names of active local people without an e-mail who are no server admins.
    pub local_users_without_email: Vec<String>,
    /// Active users whose deactivation was refused, as `userName (id): why`.
    pub refused_deactivations: Vec<Refusal>,
}

/// A refused deactivation of a user who is active still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// SCIM `userName`.
    pub user_name: String,
    /// The `id` of the SCIM resource.
    pub scim_id: ScimUserId,
    /// The detail of the refusal.
    pub detail: String,
}

/// How many examples a finding names.
const EXAMPLES: &str = " LIMIT 20";

/// Looks for what an admin should know before and while an IdP pushes.
///
/// # Errors
/// When the database fails.
pub async fn findings(db: &impl ConnectionTrait) -> Result<Findings, Error> {
    Ok(Findings {
        organization_groups: count(db, Sql::new("SELECT COUNT(*) FROM organization_group")).await?,
        unmapped_groups: texts(db, UNMAPPED_GROUPS).await?,
        unbound_names: texts(db, UNBOUND_NAMES).await?,
        users_without_email: texts(db, USERS_WITHOUT_EMAIL).await?,
        shared_emails: texts(db, SHARED_EMAILS).await?,
        shared_admin_emails: texts(db, SHARED_ADMIN_EMAILS).await?,
        ownerless_organizations: texts(db, OWNERLESS_ORGANIZATIONS).await?,
        unknown_members: texts(db, UNKNOWN_MEMBERS).await?,
        possible_duplicates: texts(db, POSSIBLE_DUPLICATES).await?,
        local_users_without_email: texts(db, LOCAL_USERS_WITHOUT_EMAIL).await?,
        refused_deactivations: refusals(db).await?,
    })
}

const UNMAPPED_GROUPS: &str = "SELECT g.display_name FROM idp_group g WHERE NOT EXISTS \
    (SELECT 1 FROM organization_group o WHERE o.group_id = g.id) ORDER BY g.display_name_key";
const UNBOUND_NAMES: &str = "SELECT o.name || ': ' || g.group_name FROM organization_group g \
    JOIN organization o ON o.id = g.organization_id WHERE g.group_id IS NULL ORDER BY o.name, g.group_name_key";
const USERS_WITHOUT_EMAIL: &str = r#"SELECT user_name FROM "user" WHERE provenance IN (2, 3) AND state = 1
    AND email IS NULL ORDER BY user_name_key"#;
const SHARED_EMAILS: &str = r#"SELECT email_key FROM "user" WHERE provenance = 1 AND user_type = 1 AND state = 1
    AND email_key IS NOT NULL GROUP BY email_key HAVING COUNT(*) > 1 ORDER BY email_key"#;
const SHARED_ADMIN_EMAILS: &str = r#"SELECT a.email FROM jit_admin_email a WHERE (SELECT COUNT(*) FROM "user" u
    WHERE u.email_key = a.email_key AND u.provenance IN (2, 3) AND u.user_type = 1 AND u.state = 1) > 1 ORDER BY a.email_key"#;
const OWNERLESS_ORGANIZATIONS: &str = "SELECT o.name FROM organization o WHERE NOT EXISTS \
    (SELECT 1 FROM organization_member m WHERE m.organization_id = o.id AND m.role = 40) ORDER BY o.name";
const UNKNOWN_MEMBERS: &str = "SELECT g.display_name || ': ' || m.value FROM idp_group_unknown_member m \
    JOIN idp_group g ON g.id = m.group_id ORDER BY g.display_name_key, m.value";
/// Accounts with one e-mail, of which an IdP has pushed at least one, and one is in use; and local accounts that SCIM does not show,
/// since an IdP pushes another one under their name.
const POSSIBLE_DUPLICATES: &str = r#"SELECT MIN(username) || ', ' || MAX(username) || CASE WHEN COUNT(*) > 2
    THEN ' and ' || CAST(COUNT(*) - 2 AS text) || ' more' ELSE '' END || ' (' || email_key || ')' AS told
    FROM "user" WHERE user_type = 1 AND provenance IN (1, 2, 3, 4) AND email_key IS NOT NULL GROUP BY email_key
    HAVING COUNT(*) > 1 AND MAX(provenance) > 1 AND MIN(state) = 1
    UNION SELECT l.username || ', ' || p.username || ' (' || p.user_name || ')' FROM "user" l JOIN "user" p
    ON p.pushed_user_name_key = l.user_name_key WHERE l.provenance = 1 AND l.user_type = 1 AND l.email IS NOT NULL
    AND (p.email_key IS NULL OR p.email_key <> l.email_key) ORDER BY told"#;
const LOCAL_USERS_WITHOUT_EMAIL: &str = r#"SELECT username FROM "user" WHERE provenance = 1 AND user_type = 1 AND state = 1
    AND email IS NULL AND server_role <> 40 ORDER BY username"#;

const REFUSED_DEACTIVATIONS: &str = r#"SELECT u.user_name, u.scim_id, r.detail FROM refused_deactivation r
    JOIN "user" u ON u.id = r.user_id WHERE u.state = 1 AND u.provenance IN (1, 2, 3) ORDER BY r.time DESC, u.user_name_key"#;

async fn refusals(db: &impl ConnectionTrait) -> Result<Vec<Refusal>, Error> {
    let mut sql = Sql::new(REFUSED_DEACTIVATIONS);
    sql.push(EXAMPLES);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    let read = |row: &QueryResult| {
        let (user_name, detail) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        Ok(Refusal { user_name, scim_id: row.try_get_by_index::<uuid::Uuid>(1)?.into(), detail })
    };
    rows.iter().map(read).collect()
}

async fn texts(db: &impl ConnectionTrait, query: &str) -> Result<Vec<String>, Error> {
    let mut sql = Sql::new(query);
    sql.push(EXAMPLES);
    let rows = db.query_all_raw(sql.build(db.get_database_backend())).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
