//! What keeps a SQLite file from being read or written (storage floor).

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

use crate::storage::{Error, cause};

pub(super) fn unreadable_file(path: &Path, error: &sqlx::Error) -> Error {
    // SQLITE_CORRUPT, SQLITE_NOTADB
    let code = error.as_database_error().and_then(|told| told.code().map(std::borrow::Cow::into_owned));
    if matches!(code.as_deref(), Some("11" | "26" | "267" | "523" | "779")) {
        return Error::Damaged(format!(
            "{} is no whole SQLite database: {}",
            path.display(),
            cause::cause(error)
        ));
    }
    cause::unreachable_at(&path.display().to_string(), error)
}

/// Whether the folder of a SQLite file that is not there yet is.
pub(in crate::storage) fn check_folder(file: &Path) -> Result<(), Error> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    Err(Error::Refused(format!("the database would be in {}, which is no folder", folder.display())))
}

/// A file that is not there yet, in words.
pub(in crate::storage) fn absent(path: &Path) -> String {
    format!("the database {} is not there yet, and is made by the start", path.display())
}

/// Whether a SQLite file that is there can be written: a process without the right opens it for reading, and nobody is told.
pub(in crate::storage) async fn check_writable(path: &Path) -> Result<(), Error> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_millis(100));
    let mut only = options.connect().await.map_err(|error| unwritable(path, &error))?;
    let written = write(&mut only).await;
    drop(only.close().await);
    match written {
        Err(error) if !is_busy(&error) => Err(unwritable(path, &error)),
        // whoever holds the lock writes
        _ => Ok(()),
    }
}

/// Writes, and undoes it: on a file that it opened for reading, SQLite begins every transaction as one that reads.
async fn write(only: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    only.execute("BEGIN IMMEDIATE").await?;
    let written = only.execute("CREATE TABLE roster_writes (n integer)").await;
    only.execute("ROLLBACK").await?;
    written.map(drop)
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code().map(std::borrow::Cow::into_owned));
    matches!(code.as_deref(), Some("5" | "261" | "517"))
}

/// What SQLite says of a file or a folder without the right to write.
pub(super) fn unwritable(path: &Path, error: &sqlx::Error) -> Error {
    let primary =
        error.as_database_error().and_then(|told| told.code()?.parse::<u32>().ok()).map(|code| code & 0xff);
    // SQLITE_READONLY, SQLITE_CANTOPEN
    if path.exists() && matches!(primary, Some(8 | 14)) {
        return Error::Refused(format!(
            "{} cannot be written: {}; the server's user needs the right to write the file and its folder, where SQLite keeps \
             its log",
            path.display(),
            cause::cause(error)
        ));
    }
    unreadable_file(path, error)
}
