//! `roster backup` and `roster restore`.

use super::{add_user, bootstrapped, done, meddle, meddle_in};
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
    assert!(refused.stderr.contains("1 audited change is later"), "{}", refused.stderr);

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
    assert!(taken.stdout.contains("1 membership of organization"), "{}", taken.stdout);
    let refused = run(folder, &["restore", "--from", "one.db"]).await;
    assert_eq!(refused.code, Some(7), "{refused:?}");
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

#[tokio::test]
async fn what_is_no_whole_backup_of_roster_is_answered_with_no_and_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    done(&run(folder, &["backup", "--to", "whole.db"]).await);
    let whole = std::fs::read(folder.join("whole.db")).unwrap();
    std::fs::write(folder.join("empty.db"), "").unwrap();
    std::fs::write(folder.join("text.db"), "no database").unwrap();
    std::fs::write(folder.join("long-text.db"), "no database, whatever it is named. ".repeat(400)).unwrap();
    for length in [50, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        std::fs::write(folder.join(format!("cut-{length}.db")), &whole[..length]).unwrap();
    }
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 8192].fill(0xAA);
    std::fs::write(folder.join("broken.db"), broken).unwrap();
    meddle_in(folder, "foreign.db", "CREATE TABLE cat (name text); INSERT INTO cat VALUES ('Tom')").await;
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    for file in files.iter().filter(|file| !file.starts_with("roster.db") && *file != "whole.db") {
        let told = run(folder, &["backup", "verify", file]).await;
        assert_eq!(told.code, Some(10), "{file}: {told:?}");
        assert!(
            told.stdout.contains(&format!("{file} is not sound:\n")) && told.stderr.is_empty(),
            "{file}: {told:?}"
        );
        assert!(!told.stdout.contains("internal error"), "{file}: {told:?}");
        let refused = run(folder, &["restore", "--from", file, "--discard-newer"]).await;
        assert_eq!(refused.code, Some(7), "{file}: {refused:?}");
    }
    assert_eq!(run(folder, &["backup", "verify", "none.db"]).await.code, Some(5));
    assert_eq!(leftovers(folder), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_restore_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    bootstrapped(folder).await;
    done(&run(folder, &["backup", "--to", "one.db"]).await);
    let serving = Serving::start(folder, &[]).await;
    assert_eq!(run(folder, &["restore", "--from", "one.db", "--discard-newer"]).await.code, Some(7));
    serving.signal("-TERM").await;
    serving.end().await;
    assert_eq!(leftovers(folder), Vec::<String>::new());
}

/// What restores left half done.
fn leftovers(folder: &std::path::Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("restoring")).collect()
}
