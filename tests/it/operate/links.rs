//! What is written goes where it is said to go, and not where a link leads.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use super::{bootstrapped, done};
use crate::process::run;

/// A file of somebody else's, and its text.
const VICTIM: &str = "somebody else's";

/// A folder with a database, a backup of it, and somebody else's file.
async fn furnished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    bootstrapped(folder.path()).await;
    done(&run(folder.path(), &["backup", "--to", "one.db"]).await);
    fs::write(folder.path().join("victim"), VICTIM).unwrap();
    fs::set_permissions(folder.path().join("victim"), fs::Permissions::from_mode(0o644)).unwrap();
    folder
}

/// Refused, and the victim is as it was; nothing was made where a dangling link leads.
#[track_caller]
fn is_refused(folder: &Path, ended: &crate::process::Ended, case: &str) {
    assert_eq!(ended.code, Some(7), "{case}: {ended:?}");
    let victim = folder.join("victim");
    assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM, "{case}");
    assert_eq!(fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o644, "{case}");
    assert!(!folder.join("nothing").exists(), "{case}");
}

#[tokio::test]
async fn a_backup_is_not_written_through_a_link() {
    let folder = furnished().await;
    let folder = folder.path();
    for (name, target) in [("a.db", "victim"), ("b.db", "nothing")] {
        symlink(target, folder.join(name)).unwrap();
        is_refused(folder, &run(folder, &["backup", "--to", name]).await, name);
    }
    fs::hard_link(folder.join("victim"), folder.join("c.db")).unwrap();
    is_refused(folder, &run(folder, &["backup", "--to", "c.db"]).await, "hard link");
}

#[tokio::test]
async fn a_restore_follows_no_link_at_any_place() {
    for place in ["roster.db", "roster.db.restoring", "roster.db-wal", "roster.db-shm", "roster.db-journal"] {
        for target in ["victim", "nothing"] {
            let folder = furnished().await;
            let folder = folder.path();
            let _ = fs::remove_file(folder.join(place));
            symlink(target, folder.join(place)).unwrap();
            let ended = run(folder, &["restore", "--from", "one.db", "--discard-newer"]).await;
            is_refused(folder, &ended, &format!("{place} -> {target}"));
            assert!(fs::symlink_metadata(folder.join(place)).unwrap().is_symlink(), "{place} -> {target}");
        }
    }
}

#[tokio::test]
async fn what_an_earlier_restore_left_is_replaced_and_not_written_into() {
    let folder = furnished().await;
    let folder = folder.path();
    fs::hard_link(folder.join("victim"), folder.join("roster.db.restoring")).unwrap();
    fs::set_permissions(folder.join("one.db"), fs::Permissions::from_mode(0o666)).unwrap();
    done(&run(folder, &["restore", "--from", "one.db"]).await);
    assert_eq!(fs::read_to_string(folder.join("victim")).unwrap(), VICTIM);
    let mode = fs::metadata(folder.join("roster.db")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "whatever the rights of the backup");
}

#[tokio::test]
async fn a_log_without_its_database_is_not_taken_for_the_restored_one() {
    let folder = furnished().await;
    let folder = folder.path();
    fs::remove_file(folder.join("roster.db")).unwrap();
    fs::write(folder.join("roster.db-wal"), "old").unwrap();
    let ended = run(folder, &["restore", "--from", "one.db"]).await;
    is_refused(folder, &ended, "leftover");
    assert!(ended.stderr.contains("roster.db-wal is there without its database"), "{ended:?}");
}

#[tokio::test]
async fn a_copy_follows_no_link() {
    let folder = furnished().await;
    let folder = folder.path();
    let copy =
        async |to: &str| run(folder, &["database", "copy", "--from", "sqlite:one.db", "--to", to]).await;
    for (place, target) in [
        ("a.db", "victim"),
        ("b.db", "nothing"),
        ("c.db-wal", "victim"),
        ("d.db-wal", "nothing"),
        ("e.db-shm", "nothing"),
        ("f.db-journal", "victim"),
    ] {
        symlink(target, folder.join(place)).unwrap();
        let database = format!("sqlite:{}", place.split('-').next().unwrap());
        is_refused(folder, &copy(&database).await, place);
    }
    fs::write(folder.join("empty"), "").unwrap();
    fs::hard_link(folder.join("empty"), folder.join("g.db")).unwrap();
    is_refused(folder, &copy("sqlite:g.db").await, "hard link");
    assert_eq!(fs::metadata(folder.join("empty")).unwrap().len(), 0);
    done(&copy("sqlite:fresh.db").await);
    assert_eq!(fs::metadata(folder.join("fresh.db")).unwrap().permissions().mode() & 0o777, 0o600);
}
