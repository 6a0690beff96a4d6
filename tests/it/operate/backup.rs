//! `roster backup` and `roster restore`.

use super::{add_user, bootstrapped, done, meddle};
use crate::process::{Serving, run};

#[tokio::test]
async fn a_backup_is_taken_while_the_server_runs_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    let serving = Serving::start(folder, &[]).await;
    let taken = run(folder, &["backup", "--to", "one.db"]).await;
    done(&taken);
    assert!(taken.stdout.contains("one.db is sound"), "{}", taken.stdout);
    assert_eq!(run(folder, &["backup", "--to", "one.db"]).await.code, Some(7), "nothing is overwritten");
    done(&run(folder, &["backup", "verify", "one.db"]).await);

    let refused = run(folder, &["restore", "--from", "one.db", "--discard-newer"]).await;
    assert_eq!(refused.code, Some(7), "{refused:?}");
    assert!(
        refused.stderr.contains("in use") && refused.stderr.contains("DATABASE_IN_USE"),
        "{}",
        refused.stderr
    );
    serving.signal("-TERM").await;
    serving.end().await;

    add_user(folder, "later").await;
    let refused = run(folder, &["restore", "--from", "one.db"]).await;
    assert_eq!(refused.code, Some(7), "{refused:?}");
    assert!(refused.stderr.contains("1 audited changes are later"), "{}", refused.stderr);

    let restored = run(folder, &["restore", "--from", "one.db", "--discard-newer"]).await;
    done(&restored);
    let old = restored.stdout.split("kept as ").nth(1).unwrap().lines().next().unwrap();
    assert!(folder.join(old).is_file(), "{old}");
    done(&run(folder, &["restore", "--from", "one.db"]).await);
}

#[tokio::test]
async fn a_backup_that_is_not_sound_is_told_and_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    meddle(
        folder,
        "INSERT INTO organization SELECT x'00112233445566778899aabbccddeeff', 'acme', '', '', 1, 10, 1, 1;
         INSERT INTO organization_member SELECT x'00112233445566778899aabbccddeeff', id, 40, 30 FROM \"user\"",
    )
    .await;
    let taken = run(folder, &["backup", "--to", "one.db"]).await;
    assert_eq!(taken.code, Some(10), "{taken:?}");
    assert!(taken.stdout.contains("1 memberships of organization"), "{}", taken.stdout);
    let refused = run(folder, &["restore", "--from", "one.db"]).await;
    assert_eq!(refused.code, Some(7), "{refused:?}");
    std::fs::write(folder.join("two.db"), "no database").unwrap();
    assert_ne!(run(folder, &["backup", "verify", "two.db"]).await.code, Some(0));
}

#[tokio::test]
async fn for_postgresql_the_tool_is_named_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://roster:hunter2@db.example.com/roster";
    let ended = run(folder.path(), &["backup", "--to", "one.dump", "--database", url]).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("pg_dump --format=custom"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}
