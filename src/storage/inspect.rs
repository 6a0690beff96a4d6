//! Looking at a database from outside, without changing it: what is in it, and what is wrong with it (storage
//! floor).

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{Error, connect, schema, standby};
use crate::domain::{clock::Timestamp, id::OrganizationId};

/// A connection to the database at `url` that only reads, and neither makes nor migrates it.
///
/// # Errors
/// A URL of another kind, or a database that cannot be reached.
pub async fn reader(url: &str) -> Result<DatabaseConnection, Error> {
    connect::reader(url).await
}

/// Whether this release can serve the database at `url`: what a start would do first, if anything, in words.
///
/// # Errors
/// What a start would be refused with.
pub(super) async fn probe(url: &str) -> Result<Option<String>, Error> {
    if connect::is_memory(url)? {
        return Ok(None);
    }
    match connect::file_of(url)? {
        Some(file) if !file.exists() => {
            connect::check_folder(&file)?;
            return Ok(Some(connect::absent(&file)));
        }
        Some(file) => connect::check_writable(&file).await?,
        None => {}
    }
    let db = connect::reader(url).await?;
    let due = match standby_age(&db).await? {
        Some(_) => standby::check_schema(&db).await.map(|()| None),
        None => schema::due(&db).await,
    };
    db.close().await?;
    Ok(due?.map(|due| format!("{due}, which the start takes")))
}

/// What forbids to write the SQLite file at `url`, in words.
///
/// # Errors
/// A URL of another kind.
pub async fn unwritable(url: &str) -> Result<Option<String>, Error> {
    match connect::file_of(url)? {
        Some(file) if file.exists() => {
            Ok(connect::check_writable(&file).await.err().map(|error| error.to_string()))
        }
        _ => Ok(None),
    }
}

/// How many rows each table has, of those that are there.
///
/// # Errors
/// When the database fails.
pub async fn counts(db: &impl ConnectionTrait) -> Result<Vec<(String, u64)>, Error> {
    let mut counts = Vec::new();
    for table in schema::tables().await? {
        if let Ok(rows) = number(db, &format!(r#"SELECT count(*) AS value FROM "{}""#, table.name)).await {
            counts.push((table.name, rows));
        }
    }
    Ok(counts)
}

/// What SQLite finds wrong with the file: pages, indexes, and rows that refer to nothing. PostgreSQL watches over
/// itself.
///
/// # Errors
/// When the database fails.
pub async fn damage(db: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let checked = texts(db, "SELECT integrity_check AS value FROM pragma_integrity_check").await?;
    let lost = r#"SELECT "table" || ': ' || count(*) || ' rows refer to nothing in ' || parent AS value
        FROM pragma_foreign_key_check GROUP BY "table", parent"#;
    let lost = texts(db, lost).await?;
    Ok(checked.into_iter().filter(|line| line != "ok").chain(lost).collect())
}

/// The moment of the latest audited change.
///
/// # Errors
/// When the database fails.
pub async fn latest(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, Error> {
    let row = db.query_one_raw(statement(db, "SELECT max(time) AS value FROM audit_event")).await?;
    let micros: Option<i64> = row.map(|row| row.try_get("", "value")).transpose()?.flatten();
    Ok(micros.map(Timestamp::from_micros))
}

/// How many audited changes there are after this moment.
///
/// # Errors
/// When the database fails.
pub async fn changes_after(db: &impl ConnectionTrait, time: Timestamp) -> Result<u64, Error> {
    number(db, &format!("SELECT count(*) AS value FROM audit_event WHERE time > {}", time.micros())).await
}

/// The database's own clock, where it has one.
///
/// # Errors
/// When the database fails.
pub async fn clock(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS value";
    let row = db.query_one_raw(statement(db, sql)).await?;
    let micros: Option<i64> = row.map(|row| row.try_get("", "value")).transpose()?;
    Ok(micros.map(Timestamp::from_micros))
}

/// How old the last change is that a standby has from its primary; none where the database is no standby.
///
/// # Errors
/// When the database fails.
pub async fn standby_age(db: &impl ConnectionTrait) -> Result<Option<Duration>, Error> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000000 AS bigint) \
               AS value WHERE pg_is_in_recovery()";
    let Some(row) = db.query_one_raw(statement(db, sql)).await? else { return Ok(None) };
    let age: Option<i64> = row.try_get("", "value")?;
    // a clock behind the primary's would make it negative, and before the first change it is not known
    Ok(Some(Duration::from_micros(age.and_then(|age| u64::try_from(age).ok()).unwrap_or_default())))
}

/// The ids of all organizations.
///
/// # Errors
/// When the database fails.
pub async fn organizations(db: &impl ConnectionTrait) -> Result<Vec<OrganizationId>, Error> {
    let rows = db.query_all_raw(statement(db, "SELECT id FROM organization ORDER BY id")).await?;
    rows.iter()
        .map(|row| Ok(OrganizationId::from(row.try_get::<sea_orm::prelude::Uuid>("", "id")?)))
        .collect()
}

/// Rows that lost what they belong to, or that say what is not so, by a word for each kind.
///
/// # Errors
/// When the database fails.
pub async fn orphans(db: &impl ConnectionTrait) -> Result<Vec<(&'static str, u64)>, Error> {
    let mut found = Vec::new();
    for (kind, sql) in ORPHANS {
        let rows = number(db, &format!("SELECT count(*) AS value FROM {sql}")).await?;
        if rows > 0 {
            found.push((kind, rows));
        }
    }
    Ok(found)
}

const ORPHANS: [(&str, &str); 4] = [
    (
        "names that no user and no organization has",
        r#"owner_name n WHERE NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = n.owner_id)
            AND NOT EXISTS (SELECT 1 FROM organization o WHERE o.id = n.owner_id)
            AND NOT EXISTS (SELECT 1 FROM retired_name r WHERE r.name = n.name)"#,
    ),
    (
        "users and organizations whose name is not kept for them",
        r#"(SELECT id, username AS name FROM "user" UNION ALL SELECT id, name FROM organization) owner
            WHERE NOT EXISTS (SELECT 1 FROM owner_name n WHERE n.owner_id = owner.id AND n.name = owner.name)"#,
    ),
    (
        "groups whose number of members is wrong",
        "idp_group g WHERE g.member_count <>
            (SELECT count(*) FROM idp_group_member m WHERE m.group_id = g.id)",
    ),
    (
        "mappings that wait for a group that is there",
        "organization_group o WHERE o.group_id IS NULL
            AND EXISTS (SELECT 1 FROM idp_group g WHERE g.display_name_key = o.group_name_key)",
    ),
];

fn statement(db: &impl ConnectionTrait, sql: &str) -> Statement {
    Statement::from_string(db.get_database_backend(), sql)
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<u64, Error> {
    let row = db.query_one_raw(statement(db, sql)).await?;
    let number: i64 = row.map(|row| row.try_get("", "value")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(number).unwrap_or_default())
}

async fn texts(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, Error> {
    let rows = db.query_all_raw(statement(db, sql)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "value")?)).collect()
}
