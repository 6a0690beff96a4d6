//! SIGHUP.

use std::fs;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::Serving;

#[tokio::test]
async fn a_hang_up_takes_over_what_can_be_and_says_what_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roster.toml");
    fs::write(&file, "[log]\nlevel = \"roster=info\"\n").unwrap();
    let mut serving = Serving::start(folder.path(), &["--config", "roster.toml"]).await;
    let mut log = BufReader::new(serving.child.stderr.take().unwrap()).lines();

    fs::write(
        &file,
        "[log]\nlevel = \"roster=debug\"\n[timeouts]\nping = \"2m\"\n[scim]\ngroup_answer_members = 5\n",
    )
    .unwrap();
    serving.signal("-HUP").await;
    let line = loop {
        // after what the start says
        let line = log.next_line().await.unwrap().unwrap();
        if line.contains("reloaded") {
            break line;
        }
    };
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["changed"], "log.level, timeouts.ping", "{line}");
    let line = log.next_line().await.unwrap().unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&told["level"], &told["changed"]),
        (&"WARN".into(), &"scim.group_answer_members".into()),
        "{line}"
    );

    // a mistake changes nothing
    fs::write(&file, "[log]\nlevel = \"off\"\n[timeouts]\npng = \"2m\"\n").unwrap();
    serving.signal("-HUP").await;
    let line = log.next_line().await.unwrap().unwrap();
    assert!(line.contains("did you mean timeouts.ping?") && line.contains("stays as it was"), "{line}");
    assert_eq!(reqwest::get(format!("{}/healthz", serving.url)).await.unwrap().status(), 200);
    assert!(log.next_line().await.unwrap().unwrap().contains("/healthz"));

    fs::write(&file, "[log]\nlevel = \"off\"\n").unwrap();
    serving.signal("-HUP").await;
    // nothing is logged any more, so only the end of the process ends the log
    serving.signal("-TERM").await;
    while let Some(line) = log.next_line().await.unwrap() {
        assert!(!line.contains("/healthz"), "{line}");
    }
    assert_eq!(serving.child.wait().await.unwrap().code(), Some(0));
}
