//! A SQLite file, or its folder, without the right to write.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use roster::{services, storage::Error};
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::process::Command;

use crate::process::{Ended, roster};

/// The command as a user whom the rights of files hold: root they do not.
async fn as_somebody(folder: &Path, arguments: &[&str]) -> Ended {
    let mut ours = roster(folder, arguments);
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return ours.output().await.unwrap().into();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_roster")]);
    command.args(arguments).current_dir(folder).env("HOME", folder).kill_on_drop(true);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROSTER_")) {
        command.env_remove(name);
    }
    // a server that is not refused would go on for ever
    let ended = tokio::time::timeout(std::time::Duration::from_mins(1), command.output()).await;
    ended.expect("the command ends").unwrap().into()
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_write_that_sqlite_refuses_is_read_only_and_no_error_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("a.db")).create_if_missing(true);
    let mut only = SqliteConnection::connect_with(&options).await.unwrap();
    only.execute("CREATE TABLE t (n)").await.unwrap();
    only.execute("PRAGMA query_only = 1").await.unwrap();
    let refused = only.execute("INSERT INTO t VALUES (1)").await.unwrap_err();
    let error = Error::from(DbErr::Exec(RuntimeErr::SqlxError(refused.into())));
    assert!(matches!(error, Error::ReadOnly), "{error:?}");
    let error = services::Error::from(error);
    assert_eq!((error.kind, error.reason.word()), (services::Kind::Unavailable, "READ_ONLY"));
}

#[tokio::test]
async fn a_start_is_refused_and_the_doctor_says_why() {
    for (file, inside) in [(0o444, 0o777), (0o644, 0o555), (0o444, 0o555)] {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("data");
        fs::create_dir(&folder).unwrap();
        set(outer.path(), 0o755);
        set(&folder, 0o777);
        let made = as_somebody(&folder, &["bootstrap"]).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        set(&folder.join("roster.db"), file);
        set(&folder, inside);
        for arguments in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["bootstrap", "--force"],
            &["config", "check", "--deep"],
        ] {
            let refused = as_somebody(&folder, arguments).await;
            assert_eq!(refused.code, Some(7), "{file:o} {inside:o} {arguments:?}: {refused:?}");
            assert!(
                refused.stderr.contains("roster.db cannot be written"),
                "{file:o} {inside:o}: {}",
                refused.stderr
            );
        }
        let found = as_somebody(&folder, &["doctor"]).await;
        assert_eq!(found.code, Some(10), "{found:?}");
        assert!(
            found.stdout.contains("roster.db cannot be written"),
            "{file:o} {inside:o}: {}",
            found.stdout
        );
        set(&folder, 0o777);
    }
}
