//! `roster membership watch` follows, and goes on where a stream broke.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};

use super::{Desk, piped};
use crate::process::{Serving, roster, run, serve::dev_token};

async fn event(lines: &mut Lines<BufReader<tokio::process::ChildStdout>>) -> Value {
    serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn a_snapshot_comes_first_and_then_each_change() {
    let desk = Desk::new().await;
    let ann = desk.harness.person("ann").await;
    desk.text(&["organization", "create", "acme"]).await;
    let arguments = ["membership", "watch", "--organization", "acme", "--snapshot", "--format", "json"];
    let mut command = desk.anonymous(&arguments);
    command.env("ROSTER_TOKEN", &desk.harness.admin.token);
    let mut child = piped(command);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut first = event(&mut lines).await;
    let mut members = Vec::new();
    loop {
        members.extend(first["snapshot"]["members"].as_array().cloned().unwrap_or_default());
        if first["snapshot"]["complete"] == true {
            break;
        }
        first = event(&mut lines).await;
    }
    assert_eq!(members.len(), 1);
    assert_eq!(members[0]["userId"], desk.harness.admin.id());
    desk.text(&["organization", "add", "acme", "ann", "--role", "admin"]).await;
    let change = event(&mut lines).await;
    assert_eq!(change["change"]["userId"], ann.id());
    assert_eq!(change["change"]["newRole"], "ORGANIZATION_ROLE_ADMIN");
}

#[tokio::test]
async fn a_watch_of_what_may_not_be_seen_ends_at_once() {
    let desk = Desk::new().await;
    let ann = desk.harness.person("ann").await;
    let ended = desk.run_as(&ann.token, &["membership", "watch"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{}", ended.stderr);
    let ended = desk.run(&["membership", "watch", "--after", "999999"]).await;
    assert_eq!(ended.code, Some(7), "{}", ended.stderr);
}

#[tokio::test]
async fn nothing_is_lost_while_the_server_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Serving::start(folder.path(), &["--dev"]).await;
    let token = dev_token(&mut first).await;
    let url = first.url.clone();
    let listen = url.strip_prefix("http://").unwrap().to_owned();
    let calls = |arguments: &'static [&'static str]| {
        let mut command = roster(folder.path(), arguments);
        command.env("ROSTER_SERVER", &url).env("ROSTER_TOKEN", &token);
        command
    };
    let mut watching = piped(calls(&["membership", "watch", "--after", "0", "--format", "json"]));
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut told = BufReader::new(watching.stderr.take().unwrap()).lines();
    assert!(calls(&["organization", "create", "acme"]).status().await.unwrap().success());
    let before = event(&mut lines).await;
    assert_eq!(before["change"]["kind"], "MEMBERSHIP_CHANGE_KIND_ADDED");

    first.signal("-TERM").await;
    assert_eq!(first.end().await.0, Some(0));
    let warning = told.next_line().await.unwrap().unwrap();
    assert!(warning.contains("Your token expires"), "the token of --dev lives for a day: {warning}");
    let broken = told.next_line().await.unwrap().unwrap();
    let revision = before["revision"].as_str().unwrap();
    assert!(broken.ends_with(&format!("after revision {revision}")), "{broken}");
    // while the watch has no server, a change is made
    let second = Serving::start(folder.path(), &["--listen", &listen]).await;
    assert!(calls(&["organization", "create", "globex"]).status().await.unwrap().success());
    let after = event(&mut lines).await;
    assert!(after["revision"].as_str().unwrap().parse::<u64>().unwrap() > revision.parse().unwrap());
    assert_eq!(run(folder.path(), &["bootstrap"]).await.code, Some(1), "the database is the same");
    second.signal("-TERM").await;
    watching.kill().await.unwrap();
}
