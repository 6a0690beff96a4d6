//! What is shown and asked before something is taken away, and said after a mapping that waits.

use serde_json::json;
use tokio::{io::AsyncWriteExt as _, process::Command};

use super::Desk;
use crate::process::Ended;

/// The command on a terminal, on which `typed` is typed.
async fn on_terminal(desk: &Desk, arguments: &[&str], typed: &str) -> Ended {
    let command = [&[env!("CARGO_BIN_EXE_roster")], arguments].concat().join(" ");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).current_dir(desk.home.path());
    script.env("HOME", desk.home.path()).env("ROSTER_SERVER", &desk.harness.app.url);
    script.env("ROSTER_TOKEN", &desk.harness.admin.token).kill_on_drop(true);
    script
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = script.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).await.unwrap();
    let ended = child.wait_with_output().await.unwrap().into();
    drop(stdin);
    ended
}

async fn filled() -> Desk {
    let desk = Desk::new().await;
    desk.text(&["organization", "create", "acme"]).await;
    desk.push("Engineering", &["ann", "bob"]).await;
    desk.text(&["group", "map", "Engineering", "acme", "--role", "admin"]).await;
    desk
}

#[tokio::test]
async fn who_would_lose_what_is_shown_and_nothing_is_done_where_nobody_can_be_asked() {
    let desk = filled().await;
    desk.run(&["token", "create", "--user", "ann"]).await;
    let listed = desk.json(&["scim-token", "list"]).await;
    let token = listed["scimTokens"][0]["id"].as_str().unwrap().to_owned();
    let cases: [(&[&str], &[&str]); 3] = [
        (&["group", "unmap", "Engineering", "acme"], &["2 removed", "ann", "bob", "admin"]),
        (&["scim-token", "delete", &token], &[&token, "used last at 2", "in the last day"]),
        (
            &["user", "deactivate", "ann"],
            &["ann loses 1 membership and 1 API token:", "acme", "admin", "idp-group"],
        ),
    ];
    for (arguments, told) in cases {
        for format in ["table", "json"] {
            let refused = desk.run(&[arguments, &["--format", format]].concat()).await;
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{arguments:?}: {refused:?}");
            for told in told.iter().chain(&["nothing was changed", "--yes"]) {
                assert!(refused.stderr.contains(told), "{arguments:?}: {told} in {}", refused.stderr);
            }
        }
    }
    assert_eq!(desk.run(&["membership", "check", "ann", "acme"]).await.code, Some(0));
    for (arguments, _) in cases {
        let done = desk.run(&[arguments, &["--yes"]].concat()).await;
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert_eq!(desk.run(&["membership", "check", "bob", "acme"]).await.code, Some(10));
    assert_eq!(desk.json(&["scim-token", "list"]).await, json!({}));
}

#[tokio::test]
async fn on_a_terminal_it_is_asked() {
    let desk = filled().await;
    let unmap = ["group", "unmap", "Engineering", "acme"];
    for typed in ["n\n", "\n", "yesterday\n"] {
        let ended = on_terminal(&desk, &unmap, typed).await;
        assert_eq!(ended.code, Some(7), "{typed:?}: {ended:?}");
        assert!(
            ended.stdout.contains("2 removed") && ended.stdout.contains("nothing was changed"),
            "{ended:?}"
        );
        assert_eq!(desk.run(&["membership", "check", "ann", "acme"]).await.code, Some(0), "{typed:?}");
    }
    let ended = on_terminal(&desk, &unmap, "y\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(desk.run(&["membership", "check", "ann", "acme"]).await.code, Some(10));
}

#[tokio::test]
async fn a_name_that_nobody_has_pushed_is_mapped_and_near_ones_are_offered() {
    let desk = filled().await;
    desk.push("Sales", &[]).await;
    for (name, told, untold) in [
        ("Enginering", "did you mean Engineering?", "Sales"),
        ("Sales Team", "did you mean Sales?", "Engineering"),
        ("Ops", "the mapping takes effect when one is", "did you mean"),
    ] {
        let mapped = desk.run(&["group", "map", name, "acme"]).await;
        assert_eq!(mapped.code, Some(0), "{mapped:?}");
        assert!(mapped.stderr.contains(&format!("no group named {name} has been pushed yet")), "{mapped:?}");
        assert!(mapped.stderr.contains(told) && !mapped.stderr.contains(untold), "{mapped:?}");
    }
    let pushed = desk.run(&["group", "map", "sales", "acme"]).await;
    assert_eq!((pushed.code, pushed.stderr.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn an_explanation_has_an_id_that_the_log_is_asked_for() {
    let desk = filled().await;
    let why = desk.json(&["membership", "explain", "ann", "acme"]).await;
    let request = why["grants"][0]["group"]["requestId"].as_str().unwrap();
    assert!(desk.text(&["membership", "explain", "ann", "acme"]).await.contains(request));
    let shown = desk.text(&["provisioning", "show", request]).await;
    assert!(shown.starts_with("request:        POST /scim/v2/Groups\n"), "{shown}");
}

#[tokio::test]
async fn readiness_names_commands_that_there_are() {
    let desk = Desk::new().await;
    let readiness = desk.run(&["provisioning", "readiness"]).await;
    assert!(readiness.stdout.contains("`roster group map GROUP ORGANIZATION`"), "{}", readiness.stdout);
    desk.push("Engineering", &["ann"]).await;
    desk.text(&["organization", "create", "acme"]).await;
    assert_eq!(desk.run(&["group", "map", "Nobody", "acme"]).await.code, Some(0));
    let told = desk.run(&["provisioning", "readiness"]).await.stdout;
    for sentence in [
        "1 pushed group is mapped to no organization.",
        "1 name is mapped to an organization, but no pushed group has it.",
    ] {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    let source = include_str!("../../../src/services/provisioning/readiness.rs");
    assert!(!source.contains("Service/"), "an RPC is named");
    let commands: Vec<_> =
        source.split('`').filter(|part| part.starts_with("roster ") && !part.contains('\n')).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        let words = command
            .split(' ')
            .skip(1)
            .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        let words: Vec<_> = words.take_while(|word| !word.starts_with("--")).chain(["--help"]).collect();
        assert_eq!(crate::process::run(desk.home.path(), &words).await.code, Some(0), "{command}");
    }
}
