//! `roster database copy`, in both directions, with a kill in between.

use std::{path::Path, process::Stdio};

use roster::storage::inspect;

use super::{bootstrapped, done, meddle};
use crate::{
    process::{Serving, roster, run},
    storage::Database,
};

/// Users made by one statement: enough that a copy can be interrupted.
const USERS: u64 = 20_000;

async fn filled(folder: &Path) {
    bootstrapped(folder).await;
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {USERS})
         INSERT INTO owner_name SELECT 'user-' || i, unhex(printf('%032x', i)) FROM n;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {USERS})
         INSERT INTO \"user\" SELECT unhex(printf('%032x', i)), unhex(printf('%032x', i)), 'user-' || i, user_type,
            server_role, state, 'é \"' || i, url, verification, provenance, 'user-' || i, 'user-' || i, NULL, NULL, NULL,
            NULL, NULL, NULL, document, search, version, create_time, update_time, NULL FROM \"user\", n
            WHERE username = 'admin'"
    );
    meddle(folder, &sql).await;
}

async fn users(url: &str) -> u64 {
    let Ok(db) = inspect::reader(url).await else { return 0 };
    let counts = inspect::counts(&db).await.unwrap_or_default();
    counts.into_iter().find(|(table, _)| table == "user").map_or(0, |(_, rows)| rows)
}

/// Kills a copy when a part of the users is there, and copies on.
async fn interrupt_and_resume(folder: &Path, from: &str, to: &str) {
    let arguments = ["database", "copy", "--from", from, "--to", to];
    let mut child = roster(folder, &arguments).stdout(Stdio::null()).spawn().unwrap();
    while users(to).await == 0 && child.try_wait().unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    child.kill().await.unwrap();
    let there = users(to).await;
    assert!(there > 0 && there < USERS, "the copy was to be interrupted: {there}");
    let ended = run(folder, &arguments).await;
    done(&ended);
    assert!(ended.stdout.contains("rows were there already"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("both databases have the same rows\n"), "{}", ended.stdout);
    assert_eq!(users(to).await, USERS + 1);
    // whole, it is a database as any other, and not a target
    let again = run(folder, &arguments).await;
    assert_eq!(again.code, Some(7), "{again:?}");
    assert!(again.stderr.contains("is not empty"), "{}", again.stderr);
    done(&run(folder, &["doctor", "--database", to]).await);
}

#[tokio::test]
async fn from_sqlite_to_postgresql_and_back_with_a_kill_in_each() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    filled(folder).await;
    let postgres = Database::empty_postgres().await;
    let from = format!("sqlite:{}", folder.join("roster.db").display());
    interrupt_and_resume(folder, &from, &postgres).await;
    let back = format!("sqlite:{}", folder.join("back.db").display());
    interrupt_and_resume(folder, &postgres, &back).await;
}

#[tokio::test]
async fn a_target_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    done(&run(folder, &["bootstrap", "--database", "sqlite:other.db", "--username", "other"]).await);
    let arguments = ["database", "copy", "--from", "sqlite:roster.db", "--to", "sqlite:other.db"];
    let ended = run(folder, &arguments).await;
    assert_eq!(ended.code, Some(7), "{ended:?}");
    let same =
        run(folder, &["database", "copy", "--from", "sqlite:roster.db", "--to", "sqlite:roster.db"]).await;
    assert_eq!(same.code, Some(7), "{same:?}");
}

#[tokio::test]
async fn a_source_that_a_server_runs_on_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for from in ["sqlite:roster.db".to_owned(), Database::empty_postgres().await] {
        let serving = Serving::start(folder, &["--database", &from]).await;
        let arguments = ["database", "copy", "--from", &from, "--to", "sqlite:to.db"];
        let refused = run(folder, &arguments).await;
        assert_eq!(refused.code, Some(7), "{from}: {refused:?}");
        assert!(
            refused.stderr.contains("in use") && refused.stderr.contains("stop the server"),
            "{from}: {refused:?}"
        );
        assert!(!folder.join("to.db").exists(), "{from}: nothing is begun");
        serving.signal("-TERM").await;
        serving.end().await;
        done(&run(folder, &arguments).await);
        std::fs::remove_file(folder.join("to.db")).unwrap();
    }
}
