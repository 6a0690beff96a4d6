//! Organizations that everyone joins, and e-mails that make a server admin (storage floor).

mod admin;

pub use admin::{
    delete_email, emails, is_listed, mark, marked, people_with, put_email, suspend, vouched_for,
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use super::{Error, Sql, organization::role_from};
use crate::domain::{
    actor::Caller,
    clock::Timestamp,
    id::{OrganizationId, UserId},
    jit::{JitOrganization, SetBy},
    membership::Given,
    role::OrganizationRole,
    user::UserType,
};

/// What the settings mean for one account.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether there is an organization that everyone joins.
    pub joins: bool,
    /// Whether its e-mail makes a server admin.
    pub listed: bool,
    /// Whether it is a server admin by its e-mail alone.
    pub marked: bool,
    /// Whether an admin switched it off while it was a server admin.
    pub suspended: bool,
}

/// What the settings mean for an account with this e-mail, in one query.
///
/// # Errors
/// When the database fails.
pub async fn standing(
    db: &impl ConnectionTrait,
    user: UserId,
    email_key: Option<&str>,
) -> Result<Standing, Error> {
    let mut sql = Sql::new(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM jit_organization) THEN 1 ELSE 0 END, \
         CASE WHEN EXISTS (SELECT 1 FROM jit_admin_email WHERE email_key = ",
    );
    sql.bind(email_key.unwrap_or_default()).push(") THEN 1 ELSE 0 END, ");
    sql.push("CASE WHEN EXISTS (SELECT 1 FROM jit_admin WHERE user_id = ").bind(user.uuid());
    sql.push(") THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM suspended_admin WHERE user_id = ");
    sql.bind(user.uuid()).push(") THEN 1 ELSE 0 END");
    let Some(row) = db.query_one_raw(build(db, sql)).await? else { return Ok(Standing::default()) };
    let at = |column| Ok::<_, Error>(row.try_get_by_index::<i32>(column)? == 1);
    Ok(Standing { joins: at(0)?, listed: at(1)?, marked: at(2)?, suspended: at(3)? })
}

/// Everyone joins the organization with this role from now on.
///
/// # Errors
/// When the database fails.
pub async fn put_organization(
    db: &impl ConnectionTrait,
    id: OrganizationId,
    role: OrganizationRole,
    set: &SetBy,
) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO jit_organization (organization_id, role, configured, actor_kind, actor_id, create_time) VALUES ",
    );
    sql.bind_rows([[vec![id.uuid().into(), role.code().into()], set_row(set)].concat()]);
    sql.push(
        " ON CONFLICT (organization_id) DO UPDATE SET role = excluded.role, configured = excluded.configured, \
         actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, create_time = excluded.create_time",
    );
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

/// Nobody joins the organization any more.
///
/// # Errors
/// When the database fails.
pub async fn delete_organization(db: &impl ConnectionTrait, id: OrganizationId) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM jit_organization WHERE organization_id = ");
    sql.bind(id.uuid());
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

/// The organizations that everyone joins, in the order of their creation; with `only`, that one.
///
/// # Errors
/// When the database fails.
pub async fn organizations(
    db: &impl ConnectionTrait,
    only: Option<OrganizationId>,
) -> Result<Vec<JitOrganization>, Error> {
    let mut sql = Sql::new(
        "SELECT j.configured, j.actor_kind, j.actor_id, j.create_time, j.organization_id, j.role, o.name \
         FROM jit_organization j JOIN organization o ON o.id = j.organization_id",
    );
    if let Some(id) = only {
        sql.push(" WHERE j.organization_id = ").bind(id.uuid());
    }
    sql.push(" ORDER BY j.organization_id");
    let rows = db.query_all_raw(build(db, sql)).await?;
    let from = |row: &QueryResult| {
        Ok(JitOrganization {
            set_by: set_from(row)?,
            organization_id: row.try_get_by_index::<Uuid>(4)?.into(),
            role: role_from(row.try_get_by_index(5)?)?,
            organization_name: row.try_get_by_index(6)?,
        })
    };
    rows.iter().map(from).collect()
}

/// All people, switched on or off, in the order of their accounts.
///
/// # Errors
/// When the database fails.
pub async fn people(db: &impl ConnectionTrait) -> Result<Vec<UserId>, Error> {
    let mut sql = every_person();
    sql.push(" ORDER BY id");
    ids(db, sql).await
}

fn every_person() -> Sql {
    let mut sql = Sql::new(r#"SELECT id FROM "user" WHERE user_type = "#);
    sql.bind(UserType::Personal.code());
    sql
}

async fn ids(db: &impl ConnectionTrait, sql: Sql) -> Result<Vec<UserId>, Error> {
    let rows = db.query_all_raw(build(db, sql)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into())).collect()
}

/// Who sets something now.
#[must_use]
pub fn set_by(caller: &Caller, now: Timestamp, configured: bool) -> SetBy {
    let given = Given { actor_kind: caller.actor.kind().to_owned(), actor_id: caller.actor.id(), time: now };
    SetBy { given, configured }
}

fn set_row(set: &SetBy) -> Vec<Value> {
    vec![
        i16::from(set.configured).into(),
        set.given.actor_kind.clone().into(),
        set.given.actor_id.clone().into(),
        set.given.time.micros().into(),
    ]
}

fn set_from(row: &QueryResult) -> Result<SetBy, Error> {
    let given = Given {
        actor_kind: row.try_get_by_index(1)?,
        actor_id: row.try_get_by_index(2)?,
        time: Timestamp::from_micros(row.try_get_by_index(3)?),
    };
    Ok(SetBy { configured: row.try_get_by_index::<i16>(0)? == 1, given })
}

fn build(db: &impl ConnectionTrait, sql: Sql) -> Statement {
    sql.build(db.get_database_backend())
}

/// Settings that every change shares, and that a transaction which changes them [holds](super::Held) alone: those that make or change
/// accounts meanwhile would not see it, and would not be seen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i64)]
pub enum Lock {
    /// The organizations that everyone joins.
    Organizations = 0x726f_7374_6572_0010,
    /// The e-mails that make a server admin.
    Emails = 0x726f_7374_6572_0011,
}
