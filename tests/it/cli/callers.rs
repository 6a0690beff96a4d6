//! Where the server and the token come from, and that the token goes nowhere else.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;

use super::Desk;
use crate::process::{Ended, roster};

/// Who the command was, if it was let in.
fn caller(ended: &Ended) -> String {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    answer["user"]["name"].as_str().unwrap().to_owned()
}

const CURRENT: [&str; 4] = ["user", "current", "--format", "json"];

#[tokio::test]
async fn a_token_is_taken_from_each_place_and_the_nearest_counts() {
    let desk = Desk::new().await;
    let mut people = Vec::new();
    for name in ["flag", "file", "variable", "variable-file", "config", "netrc"] {
        people.push((name, desk.harness.person(name).await.token));
    }
    let token = |name: &str| people.iter().find(|(person, _)| *person == name).unwrap().1.clone();
    let host = desk.harness.app.url.strip_prefix("http://").unwrap().to_owned();
    desk.write(".netrc", &format!("machine {host}\n  login x\n  password {}\n", token("netrc")));
    assert_eq!(caller(&desk.anonymous(&CURRENT).output().await.unwrap().into()), "netrc");

    let path = desk.write("config-token", &token("config"));
    desk.write(".config/roster/client.toml", &format!("token_file = {path:?}\n"));
    assert_eq!(caller(&desk.anonymous(&CURRENT).output().await.unwrap().into()), "config");

    let path = desk.write("variable-token", &format!("{}\n", token("variable-file")));
    let with_file = || {
        let mut command = desk.anonymous(&CURRENT);
        command.env("ROSTER_TOKEN_FILE", &path);
        command
    };
    assert_eq!(caller(&with_file().output().await.unwrap().into()), "variable-file");
    let with_both = || {
        let mut command = with_file();
        command.env("ROSTER_TOKEN", token("variable"));
        command
    };
    assert_eq!(caller(&with_both().output().await.unwrap().into()), "variable");
    let path = desk.write("flag-token", &token("file"));
    let flagged = with_both().arg("--token-file").arg(&path).output().await.unwrap().into();
    assert_eq!(caller(&flagged), "file");
    let flagged = with_both().args(["--token", &token("flag")]).output().await.unwrap().into();
    assert_eq!(caller(&flagged), "flag");
}

#[tokio::test]
async fn a_token_can_come_by_stdin_and_the_netrc_be_elsewhere() {
    let desk = Desk::new().await;
    let mut command = desk.anonymous(&[&CURRENT[..], &["--token-file", "-"]].concat());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(desk.harness.admin.token.as_bytes()).await.unwrap();
    assert_eq!(caller(&child.wait_with_output().await.unwrap().into()), "root");

    // an entry of the host alone is of every port
    let text = format!("machine 127.0.0.1 login x password {}", desk.harness.admin.token);
    let path = desk.write("elsewhere", &text);
    let ended = desk.anonymous(&CURRENT).env("NETRC", path).output().await.unwrap().into();
    assert_eq!(caller(&ended), "root");
}

#[tokio::test]
async fn the_server_is_taken_from_flag_environment_and_file() {
    let desk = Desk::new().await;
    let (url, token) = (&desk.harness.app.url, &desk.harness.admin.token);
    let nowhere = "http://127.0.0.1:1";
    desk.write(".config/roster/client.toml", &format!("server = {url:?}\n"));
    let mut by_file = roster(desk.home.path(), &CURRENT);
    assert_eq!(caller(&by_file.env("ROSTER_TOKEN", token).output().await.unwrap().into()), "root");
    let mut by_flag = roster(desk.home.path(), &CURRENT);
    by_flag.args(["--server", url]).env("ROSTER_SERVER", nowhere).env("ROSTER_TOKEN", token);
    assert_eq!(caller(&by_flag.output().await.unwrap().into()), "root");
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let desk = Desk::new().await;
    // an entry for another server, and the one for all, are not for this one
    desk.write(
        ".netrc",
        "machine other.example.com login x password secret\ndefault login x password secret\n",
    );
    let ended: Ended = desk.anonymous(&["user", "list"]).output().await.unwrap().into();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert!(ended.stderr.contains("there is no token for 127.0.0.1"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("\nhint: ") && ended.stderr.contains("buf registry login"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_token_is_never_printed_back() {
    let desk = Desk::new().await;
    let wrong = "roster_api_0123456789";
    for arguments in
        [&["user", "list", "--token", wrong][..], &["user", "list", "--token", wrong, "--nonsense"]]
    {
        let ended: Ended = desk.anonymous(arguments).output().await.unwrap().into();
        assert_ne!(ended.code, Some(0));
        assert!(!ended.stderr.contains(wrong) && !ended.stdout.contains(wrong), "{}", ended.stderr);
    }
    let ended = desk.run_as(wrong, &["--help"]).await;
    assert!(!ended.stdout.contains(wrong));
    let ended = desk.run_as(wrong, &["user", "list", "--help"]).await;
    assert!(!ended.stdout.contains(wrong), "{}", ended.stdout);
}

#[tokio::test]
async fn a_broken_file_is_named() {
    let desk = Desk::new().await;
    desk.write(".config/roster/client.toml", "sever = \"https://x\"\n");
    let ended = desk.run(&["user", "list"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("client.toml") && ended.stderr.contains("sever"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_warning_of_the_server_is_told_once_on_stderr() {
    let desk = Desk::new().await;
    let made = desk.json(&["token", "create", "--note", "short", "--expires", "7d"]).await;
    let token = made["token"].as_str().unwrap();
    let listed = desk.run_as(token, &["user", "list", "--all", "--page-size", "1"]).await;
    assert_eq!(listed.code, Some(0));
    assert!(listed.stderr.starts_with("warning: Your token expires at "), "{}", listed.stderr);
    assert_eq!(listed.stderr.lines().count(), 1, "{}", listed.stderr);
    assert!(!listed.stdout.contains("warning"), "{}", listed.stdout);
    let as_json = desk.run_as(token, &["user", "current", "--format", "json"]).await;
    let told: serde_json::Value = serde_json::from_str(&as_json.stderr).unwrap();
    assert!(told["warning"].as_str().unwrap().starts_with("Your token expires"), "{told}");
}
