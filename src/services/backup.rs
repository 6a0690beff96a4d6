//! Backups: taken while others work, verified, and put back (services floor).

use std::{
    error::Error as _,
    path::{Path, PathBuf},
};

use super::{Error, Kind, Reason, membership::consistency};
use crate::{
    domain::{clock::Timestamp, count},
    storage::{self, Connection, backup, inspect, schema},
};

/// What is in a backup, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many rows each table has.
    pub tables: Vec<(String, u64)>,
    /// The revision of the memberships.
    pub revision: u64,
    /// The moment of the latest change.
    pub latest: Option<Timestamp>,
    /// What is wrong; nothing, of a backup that can be restored.
    pub problems: Vec<String>,
}

impl Verified {
    /// What cannot be read further.
    fn unreadable(error: &(dyn std::error::Error + 'static)) -> Self {
        let problem = format!("it cannot be read: {}", super::chain(error));
        Self { problems: vec![problem], ..Self::default() }
    }
}

/// Copies the SQLite database at `url` into the file `to`, which must not be there, and verifies the copy. The
/// database may be in use.
///
/// # Errors
/// The database cannot be read, or the file not written.
pub async fn take(url: &str, to: &Path) -> Result<Verified, Error> {
    backup::write(url, to).await?;
    verify(to).await
}

/// Looks through a backup without changing it: the file's pages and indexes, the steps of its schema, and whether
/// its memberships are what its facts give.
///
/// What cannot be read, or is no database of Roster's, is not sound.
///
/// # Errors
/// The file is not there.
pub async fn verify(file: &Path) -> Result<Verified, Error> {
    if !file.is_file() {
        return Err(Error::not_found("the backup", file.display()));
    }
    let db = match inspect::reader(&url_of(file)?).await {
        Ok(db) => db,
        // whatever forbids to read a file that is there makes it no backup
        Err(error) => return Ok(Verified::unreadable(&error)),
    };
    let verified = look_through(&db).await;
    db.close().await.map_err(storage::Error::from)?;
    let lacks = backup::lacks(file).unwrap_or_default();
    let verified = verified.map(|mut verified| {
        if lacks > 0 {
            let bytes = count::things(lacks, "byte");
            verified
                .problems
                .push(format!("it is truncated: {bytes} {} missing at its end", count::are(lacks)));
        }
        verified
    });
    // of a failure the causes tell more
    Ok(verified.unwrap_or_else(|error| Verified::unreadable(error.source().unwrap_or(&error))))
}

async fn look_through(db: &impl Connection) -> Result<Verified, Error> {
    let mut problems = inspect::damage(db).await?;
    let Some(steps) = schema::steps_if_any(db).await? else {
        problems.push("it has no tables of Roster: it is the backup of something else, or empty".to_owned());
        return Ok(Verified { problems, ..Verified::default() });
    };
    if !steps.unknown.is_empty() {
        problems.push(format!("a later release wrote it: it has the steps {}", steps.unknown.join(", ")));
    }
    for drift in consistency::drifts(db).await? {
        let (organization, members) = (drift.organization, drift.members);
        let members = u64::try_from(members).unwrap_or(u64::MAX);
        let (memberships, are) = (count::things(members, "membership"), count::are(members));
        problems.push(format!("{memberships} of organization {organization} {are} not what the facts give"));
    }
    Ok(Verified {
        tables: inspect::counts(db).await?,
        revision: storage::membership::revision(db).await?,
        latest: inspect::latest(db).await?,
        problems,
    })
}

/// What became of a database that a backup was put in the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What is in it.
    pub verified: Verified,
    /// Where the old one is kept; none when there was none.
    pub old: Option<PathBuf>,
}

/// Puts a backup in the place of the SQLite database at `url`, and keeps the old one beside it.
///
/// # Errors
/// The backup is not sound; the database is in use, or, without `discard`, has changes that are later than the
/// backup.
pub async fn restore(url: &str, from: &Path, discard: bool, now: Timestamp) -> Result<Restored, Error> {
    let target = backup::sqlite_path(url)?;
    let verified = verify(from).await?;
    if !verified.problems.is_empty() {
        return Err(refused(format!("the backup is not sound: {}", verified.problems.join("; "))));
    }
    if target.exists() && !discard {
        let lost = changes_since(url, verified.latest).await?;
        if lost > 0 {
            return Err(refused(format!(
                "the database is newer: {} {} later than the backup and would be lost",
                count::things(lost, "audited change"),
                count::are(lost)
            )));
        }
    }
    let old = backup::replace(url, from, &format!("before-restore-{}", now.micros())).await?;
    // brings the schema up to date, and shows that it opens
    storage::Store::open(url).await?.close().await?;
    Ok(Restored { verified, old })
}

async fn changes_since(url: &str, latest: Option<Timestamp>) -> Result<u64, Error> {
    let db = inspect::reader(url).await?;
    let lost = inspect::changes_after(&db, latest.unwrap_or(Timestamp::from_micros(0))).await;
    db.close().await.map_err(storage::Error::from)?;
    Ok(lost?)
}

fn url_of(file: &Path) -> Result<String, Error> {
    let name = file.to_str().ok_or_else(|| refused("the name of the file is not UTF-8".to_owned()))?;
    Ok(format!("sqlite:{name}"))
}

fn refused(message: String) -> Error {
    Error::new(Kind::Precondition, Reason::DatabaseRefused, message)
}
