//! What tables there are, as the migrations make them (storage floor).
//!
//! Read from an empty database in memory, so that whatever works on all tables needs no list that grows old.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{Error, Pools, connect, migration};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub(super) columns: Vec<Column>,
    /// The names of the columns of its primary key, in order; none where it has no key.
    pub(super) key: Vec<String>,
    /// How many rows the migrations put into it.
    pub(super) seeded: u64,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether the database counts it up by itself.
    pub(super) counts: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Uuid,
    Small,
    Big,
    Text,
    Bytes,
}

impl Kind {
    fn of(declared: &str) -> Option<Self> {
        match declared.to_ascii_lowercase().as_str() {
            "uuid" => Some(Self::Uuid),
            "smallint" => Some(Self::Small),
            "bigint" | "integer" => Some(Self::Big),
            declared if declared == "text" || declared.starts_with("varchar") => Some(Self::Text),
            "blob" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// How the steps that a database has gone through compare with those that this program knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Known, and not gone through yet.
    pub missing: Vec<String>,
    /// Gone through, and not known: a later release was here.
    pub unknown: Vec<String>,
}

/// The steps of the database behind `db`.
///
/// # Errors
/// It is no database of ours, or fails.
pub async fn steps(db: &impl ConnectionTrait) -> Result<Steps, Error> {
    let rows = db.query_all_raw(Statement::from_string(
        db.get_database_backend(),
        "SELECT version FROM seaql_migrations ORDER BY version",
    ));
    let rows = rows.await?;
    let applied: BTreeSet<String> = rows.iter().map(|row| text(row, "version")).collect::<Result<_, _>>()?;
    let known = migration::names();
    let missing = known.iter().filter(|name| !applied.contains(*name)).cloned().collect();
    let unknown = applied.into_iter().filter(|name| !known.contains(name)).collect();
    Ok(Steps { missing, unknown })
}

/// The same; none where it has no tables of ours yet.
///
/// # Errors
/// When the database fails.
pub async fn steps_if_any(db: &impl ConnectionTrait) -> Result<Option<Steps>, Error> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT count(*) > 0 AS value FROM sqlite_schema WHERE name = 'seaql_migrations'"
        }
        _ => "SELECT to_regclass('seaql_migrations') IS NOT NULL AS value",
    };
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let is_there: bool = row.map(|row| row.try_get("", "value")).transpose()?.unwrap_or_default();
    if is_there { steps(db).await.map(Some) } else { Ok(None) }
}

/// The steps that are due before this release can work, in words; none where the schema is the one of this release. A
/// database that a later release was in is refused.
pub(super) async fn due(db: &impl ConnectionTrait) -> Result<Option<String>, Error> {
    let Some(steps) = steps_if_any(db).await? else {
        return Ok(Some(format!(
            "the database has no tables of Roster, and lacks all {} steps",
            migration::names().len()
        )));
    };
    if !steps.unknown.is_empty() {
        return Err(Error::Refused(format!(
            "the database has steps of a later release: {}; run that release, or restore a backup of before",
            steps.unknown.join(", ")
        )));
    }
    let missing = steps.missing.join(", ");
    Ok((!missing.is_empty()).then(|| format!("the database lacks the steps {missing}")))
}

/// Refuses a database whose schema is not the one of this release.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<(), Error> {
    let Some(due) = due(db).await? else { return Ok(()) };
    let fix = "`roster migrate run`, or `roster serve` without --no-migrate, takes them";
    Err(Error::Refused(format!("{due}; {fix}")))
}

/// All tables, none before those that its rows refer to.
///
/// # Errors
/// A column of a kind that nothing here knows.
pub async fn tables() -> Result<Vec<Table>, Error> {
    let store = connect::open("sqlite::memory:", Pools::default()).await?;
    let db = store.reader();
    let names =
        query(db, "SELECT name AS value FROM sqlite_schema WHERE type = 'table' ORDER BY name").await?;
    let mut waiting = BTreeMap::new();
    for name in names.into_iter().filter(|name| !name.starts_with("sqlite_") && name != "seaql_migrations") {
        let parents = format!(r#"SELECT DISTINCT "table" AS value FROM pragma_foreign_key_list('{name}')"#);
        let parents: BTreeSet<_> =
            query(db, &parents).await?.into_iter().filter(|parent| *parent != name).collect();
        waiting.insert(name.clone(), (table(db, name).await?, parents));
    }
    store.close().await?;
    Ok(in_order(waiting))
}

/// Parents first, else by name.
fn in_order(mut waiting: BTreeMap<String, (Table, BTreeSet<String>)>) -> Vec<Table> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let ready =
            waiting.iter().find(|(_, (_, parents))| parents.iter().all(|name| !waiting.contains_key(name)));
        let name = ready.or_else(|| waiting.iter().next()).map(|(name, _)| name.clone());
        ordered.extend(name.and_then(|name| waiting.remove(&name)).map(|(table, _)| table));
    }
    ordered
}

async fn table(db: &impl ConnectionTrait, name: String) -> Result<Table, Error> {
    let sql = format!("SELECT name, type, pk FROM pragma_table_info('{name}') ORDER BY cid");
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let (mut columns, mut key) = (Vec::new(), BTreeMap::new());
    for row in &rows {
        let (column, declared) = (text(row, "name")?, text(row, "type")?);
        let place: i64 = row.try_get("", "pk")?;
        if place > 0 {
            key.insert(place, column.clone());
        }
        let kind = Kind::of(&declared).ok_or(Error::Corrupt("column (of a kind that is not copied)"))?;
        let counts = place > 0 && declared.eq_ignore_ascii_case("integer");
        columns.push(Column { name: column, kind, counts });
    }
    let count = format!(r#"SELECT count(*) AS value FROM "{name}""#);
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, count)).await?;
    let seeded: i64 = row.map(|row| row.try_get("", "value")).transpose()?.unwrap_or_default();
    let seeded = u64::try_from(seeded).unwrap_or_default();
    Ok(Table { name, columns, key: key.into_values().collect(), seeded })
}

async fn query(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, Error> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    rows.iter().map(|row| text(row, "value")).collect()
}

fn text(row: &QueryResult, column: &str) -> Result<String, Error> {
    Ok(row.try_get("", column)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_table_is_known_with_its_key_after_its_parents() {
        let tables = tables().await.unwrap();
        let place = |name: &str| tables.iter().position(|table| table.name == name).unwrap();
        assert!(place("user") < place("token") && place("idp_group") < place("organization_group"));
        assert!(place("organization") < place("organization_member"));
        let member = &tables[place("organization_member")];
        assert_eq!(member.key, ["organization_id", "user_id"]);
        assert!(tables[place("membership_event")].columns[0].counts);
    }
}
