//! Backups of a SQLite file, and their way back (storage floor).

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use sqlx::{
    Connection as _, Executor as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteLockingMode},
};

use super::{Error, connect, private};

/// So much of the header of a SQLite file tells how long it is.
const HEADER: usize = 32;

/// Copies the database at `url` into the file `to`, which must not be there, while others read and write: one
/// moment of it, in one file without a log beside.
///
/// # Errors
/// It is no SQLite file, it cannot be read, or `to` cannot be written.
pub async fn write(url: &str, to: &Path) -> Result<(), Error> {
    let from = sqlite_path(url)?;
    let options = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
    // an empty file of its own rights: the copy has the digests of all tokens
    let file = private::create(to).map_err(|error| private::failed(to, &error))?;
    let target = to.to_str().ok_or_else(|| Error::Refused("the name of the file is not UTF-8".to_owned()))?;
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if !private::is_still_at(&file, to).map_err(|error| private::failed(to, &error))? {
        return Err(Error::Refused(format!("{} was exchanged while it was written", to.display())));
    }
    file.sync_all().map_err(|error| private::failed(to, &error))
}

/// How many bytes a SQLite file lacks of those that its header promises: a part of the last page is not missed by SQLite itself.
///
/// # Errors
/// The file cannot be read.
pub fn lacks(file: &Path) -> io::Result<u64> {
    let mut header = [0; HEADER];
    let mut opened = fs::File::open(file)?;
    let length = opened.metadata()?.len();
    if length < HEADER as u64 {
        return Ok(0);
    }
    opened.read_exact(&mut header)?;
    // the size of a page, of which 1 stands for 65,536, and how many pages there are (SQLite's file format, §1.3)
    let [.., high, low, _, _, _, _, _, _, _, _, _, _, a, b, c, d] = header;
    let page = match u16::from_be_bytes([high, low]) {
        1 => 65_536,
        page => u64::from(page),
    };
    Ok((page * u64::from(u32::from_be_bytes([a, b, c, d]))).saturating_sub(length))
}

/// Puts the file `from` in the place of the database at `url`; what was there is kept beside, under the name that
/// comes back.
///
/// # Errors
/// Somebody has the database open, or a file cannot be written.
pub async fn replace(url: &str, from: &Path, suffix: &str) -> Result<Option<PathBuf>, Error> {
    let path = sqlite_path(url)?;
    private::refuse_links(&path)?;
    private::refuse_leftovers(&path)?;
    let part = beside(&path, "restoring");
    let replaced = copy_and_swap(&path, from, &part, suffix).await;
    if replaced.is_err() {
        // it may not be there, or be what was refused
        let _ =
            fs::symlink_metadata(&part).is_ok_and(|found| found.is_file() && fs::remove_file(&part).is_ok());
    }
    replaced
}

async fn copy_and_swap(
    path: &Path,
    from: &Path,
    part: &Path,
    suffix: &str,
) -> Result<Option<PathBuf>, Error> {
    let mut file = private::create_anew(part)?;
    let copied = fs::File::open(from).and_then(|mut from| io::copy(&mut from, &mut file));
    copied.and_then(|_| file.sync_all()).map_err(|error| private::failed(part, &error))?;
    let old = if path.exists() { Some(set_aside(path, suffix).await?) } else { None };
    fs::rename(part, path).map_err(|error| private::failed(path, &error))?;
    Ok(old)
}

/// Takes the database for itself, without a log beside it, and renames it.
async fn set_aside(path: &Path, suffix: &str) -> Result<PathBuf, Error> {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(failed)?;
    // with the log gone, the file is the whole database; SQLite allows it to its only user alone
    for statement in ["PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"] {
        connection.execute(statement).await.map_err(|error| in_use(path, error))?;
    }
    let old = beside(path, suffix);
    let renamed = fs::rename(path, &old).map_err(|error| private::failed(&old, &error));
    connection.execute("ROLLBACK").await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    renamed.map(|()| old)
}

fn in_use(path: &Path, error: sqlx::Error) -> Error {
    match failed(error) {
        Error::Unavailable(_) => {
            Error::InUse(format!("{} is in use: stop the server that has it open first", path.display()))
        }
        other => other,
    }
}

/// Refuses a SQLite file that another process has open: the lock that only the single user of a file gets says so.
pub(super) async fn refuse_in_use(path: &Path) -> Result<(), Error> {
    let options =
        SqliteConnectOptions::new().filename(path).busy_timeout(std::time::Duration::from_millis(500));
    let options = options.locking_mode(SqliteLockingMode::Exclusive);
    let taken = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        connection.execute("BEGIN EXCLUSIVE").await?;
        connection.execute("ROLLBACK").await?;
        connection.close().await
    };
    match taken.await.map_err(|error| in_use(path, error)) {
        Err(error @ Error::InUse(_)) => Err(error),
        // what else is wrong with it is told when it is read
        _ => Ok(()),
    }
}

/// The path of a `sqlite:` URL.
///
/// # Errors
/// It is the URL of something else.
pub fn sqlite_path(url: &str) -> Result<PathBuf, Error> {
    connect::file_of(url)?.ok_or_else(|| Error::Refused("only a SQLite file can be backed up so".to_owned()))
}

/// `roster.db.suffix` for `roster.db`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn failed(error: sqlx::Error) -> Error {
    Error::from(sea_orm::DbErr::Exec(sea_orm::RuntimeErr::SqlxError(error.into())))
}
