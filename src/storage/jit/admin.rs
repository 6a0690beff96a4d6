//! E-mails that make a server admin, and who is one by them (storage floor).

use sea_orm::ConnectionTrait;

use super::{
    super::{Error, Sql},
    build, every_person, ids, set_from, set_row,
};
use crate::domain::{
    id::UserId,
    jit::{AdminEmail, SetBy},
    user::{Provenance, UserState},
};

/// The e-mail makes a server admin from now on.
///
/// # Errors
/// When the database fails.
pub async fn put_email(db: &impl ConnectionTrait, key: &str, email: &str, set: &SetBy) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO jit_admin_email (email_key, email, configured, actor_kind, actor_id, create_time) VALUES ",
    );
    sql.bind_rows([[vec![key.into(), email.into()], set_row(set)].concat()]);
    sql.push(
        " ON CONFLICT (email_key) DO UPDATE SET email = excluded.email, configured = excluded.configured, \
         actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, create_time = excluded.create_time",
    );
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

/// The e-mail makes nobody a server admin any more.
///
/// # Errors
/// When the database fails.
pub async fn delete_email(db: &impl ConnectionTrait, key: &str) -> Result<(), Error> {
    let mut sql = Sql::new("DELETE FROM jit_admin_email WHERE email_key = ");
    sql.bind(key);
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

/// The e-mails that make a server admin, in the order of the addresses.
///
/// # Errors
/// When the database fails.
pub async fn emails(db: &impl ConnectionTrait) -> Result<Vec<AdminEmail>, Error> {
    let sql = Sql::new(
        "SELECT configured, actor_kind, actor_id, create_time, email FROM jit_admin_email ORDER BY email_key",
    );
    let rows = db.query_all_raw(build(db, sql)).await?;
    rows.iter()
        .map(|row| Ok(AdminEmail { set_by: set_from(row)?, email: row.try_get_by_index(4)? }))
        .collect()
}

/// Keeps that the account is a server admin by its e-mail alone, or that it is not.
///
/// # Errors
/// When the database fails.
pub async fn mark(db: &impl ConnectionTrait, user: UserId, by_email: bool) -> Result<(), Error> {
    put_or_delete(db, "jit_admin", user, by_email).await
}

/// Puts the account into a table of accounts, or takes it out.
async fn put_or_delete(
    db: &impl ConnectionTrait,
    table: &str,
    user: UserId,
    is_in: bool,
) -> Result<(), Error> {
    let mut sql = Sql::new(if is_in { "INSERT INTO " } else { "DELETE FROM " });
    sql.push(table).push(if is_in { " (user_id) VALUES (" } else { " WHERE user_id = (" });
    sql.bind(user.uuid()).push(if is_in { ") ON CONFLICT (user_id) DO NOTHING" } else { ")" });
    db.execute_raw(build(db, sql)).await?;
    Ok(())
}

/// The people with this e-mail, switched on or off, in the order of their accounts.
///
/// # Errors
/// When the database fails.
pub async fn people_with(db: &impl ConnectionTrait, email_key: &str) -> Result<Vec<UserId>, Error> {
    let mut sql = every_person();
    sql.push(" AND email_key = ").bind(email_key).push(" ORDER BY id");
    ids(db, sql).await
}

/// Those of them for whom an IdP vouches; says the same as [`is_vouched_for`](crate::domain::jit::is_vouched_for).
///
/// # Errors
/// When the database fails.
pub async fn vouched_for(db: &impl ConnectionTrait, email_key: &str) -> Result<Vec<UserId>, Error> {
    let mut sql = every_person();
    sql.push(" AND email_key = ").bind(email_key).push(" AND state = ").bind(UserState::Active.code());
    let pushed = [Provenance::Provisioned, Provenance::Linked].map(Provenance::code);
    sql.push(" AND provenance IN (").bind_all(pushed).push(") ORDER BY id");
    ids(db, sql).await
}

/// Whether the e-mail makes a server admin.
///
/// # Errors
/// When the database fails.
pub async fn is_listed(db: &impl ConnectionTrait, key: &str) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT 1 FROM jit_admin_email WHERE email_key = ");
    sql.bind(key);
    Ok(db.query_one_raw(build(db, sql)).await?.is_some())
}

/// The server admins by their e-mail alone, in the order of their accounts.
///
/// # Errors
/// When the database fails.
pub async fn marked(db: &impl ConnectionTrait) -> Result<Vec<UserId>, Error> {
    ids(db, Sql::new("SELECT user_id FROM jit_admin ORDER BY user_id")).await
}

/// Keeps that an admin switched this server admin off, or that this is over.
///
/// # Errors
/// When the database fails.
pub async fn suspend(db: &impl ConnectionTrait, user: UserId, suspended: bool) -> Result<(), Error> {
    put_or_delete(db, "suspended_admin", user, suspended).await
}
