//! How an instance starts on a standby, and what the commands say of one.

use std::path::Path;

use roster::storage::Store;
use serde_json::Value;

use super::{beside, caught_up, value};
use crate::{
    process::{Ended, Serving, run},
    storage::{Database, cluster, empty_in},
};

const STANDBY: &str = "ROSTER_TEST_STANDBY";

/// Why the standby of the database at a URL of the primary does not open.
async fn why_not(primary: &str) -> String {
    let url = beside(primary, STANDBY);
    caught_up(&url).await;
    Store::open(&url).await.unwrap_err().to_string()
}

#[tokio::test]
async fn another_schema_than_this_release_has_is_refused_by_name() {
    let database = Database::primary().await;
    let last = "(SELECT max(version) FROM seaql_migrations)";
    let older = format!("DELETE FROM seaql_migrations WHERE version = {last} RETURNING version");
    let step: String = value(&database.url, &older).await;
    let told = why_not(&database.url).await;
    assert!(told.contains(&step) && told.contains("on the primary first"), "{told}");

    let newer = format!(
        "INSERT INTO seaql_migrations VALUES ('{step}', 1), ('m29991231_later', 1) RETURNING version"
    );
    value::<String>(&database.url, &newer).await;
    let told = why_not(&database.url).await;
    assert!(told.contains("m29991231_later") && told.contains("later release"), "{told}");

    let empty = empty_in(&cluster("ROSTER_TEST_PRIMARY")).await;
    let told = why_not(&empty).await;
    assert!(told.contains("no tables of Roster") && told.contains("on the primary first"), "{told}");
}

/// What a command says of the database at `url`.
async fn say(folder: &Path, command: &[&str], url: &str) -> Ended {
    run(folder, &[command, &["--database", url]].concat()).await
}

#[tokio::test]
async fn an_instance_starts_and_says_that_it_only_reads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let primary = Database::primary().await;
    assert_eq!(say(folder, &["bootstrap"], &primary.url).await.code, Some(0));
    let url = beside(&primary.url, STANDBY);
    caught_up(&url).await;

    let jit = ["--set", "jit.admin_emails=ann@example.com", "--database", &url];
    let metrics = ["--set", "metrics.token=only-for-prometheus"];
    let serving = Serving::start(folder, &[&jit[..], &metrics].concat()).await;
    let ready = reqwest::get(format!("{}/readyz", serving.url)).await.unwrap();
    assert_eq!((ready.status().as_u16(), ready.text().await.unwrap().as_str()), (200, "ready, read-only\n"));
    let read = reqwest::Client::new().get(format!("{}/metrics", serving.url));
    let read = read.bearer_auth("only-for-prometheus").send().await.unwrap().text().await.unwrap();
    assert!(read.contains("roster_database_read_only 1.0"), "{read}");
    serving.signal("-TERM").await;
    let (code, _, stderr) = serving.end().await;
    assert_eq!(code, Some(0));
    // it says so once, and complains of nothing
    assert_eq!(stderr.matches("this instance only reads").count(), 1, "{stderr}");
    let level = |line: &str| serde_json::from_str::<Value>(line).unwrap()["level"].clone();
    assert!(stderr.lines().all(|line| level(line) == "INFO"), "{stderr}");

    let dev = say(folder, &["serve", "--dev", "--listen", "127.0.0.1:0"], &url).await;
    assert!(dev.code != Some(0) && dev.stderr.contains("--dev"), "{dev:?}");
    assert!(dev.stderr.contains("the database is a standby"), "{dev:?}");
    let refused = say(folder, &["bootstrap", "--force"], &url).await;
    assert!(refused.code != Some(0) && refused.stderr.contains("only reads"), "{refused:?}");
    let doctor = say(folder, &["doctor", "--format", "json"], &url).await;
    let told: Value = serde_json::from_str(&doctor.stdout).unwrap_or_else(|_| panic!("{doctor:?}"));
    assert_eq!((doctor.code, &told["findings"][0]["code"]), (Some(0), &"database-standby".into()), "{told}");
    assert_eq!(told["findings"].as_array().unwrap().len(), 1, "{told}");
}
