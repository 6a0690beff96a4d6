//! Exit codes, and what stands on stderr.

use serde_json::Value;

use super::Desk;
use crate::process::run;

#[tokio::test]
async fn each_kind_of_failure_has_its_exit_code() {
    let desk = Desk::new().await;
    let plain = desk.harness.person("plain").await;
    desk.text(&["organization", "create", "acme"]).await;
    let cases: [(&str, &[&str], i32, &str); 8] = [
        ("root", &["user", "get", "nobody"], 5, "NOT_FOUND"),
        ("root", &["organization", "create", "acme"], 6, "TAKEN"),
        ("root", &["organization", "create", "Not A Name"], 2, "INVALID_FIELD"),
        ("root", &["organization", "remove", "acme", "root"], 7, "LAST_OWNER"),
        ("plain", &["scim-token", "list"], 4, "SERVER_ADMIN_REQUIRED"),
        ("plain", &["organization", "get", "acme"], 5, "NOT_FOUND"),
        ("nobody", &["user", "list"], 3, "TOKEN_INVALID"),
        ("root", &["token", "create", "--expires", "9999d"], 2, "INVALID_FIELD"),
    ];
    for (who, arguments, code, reason) in cases {
        let token = match who {
            "root" => &desk.harness.admin.token,
            "plain" => &plain.token,
            _ => "roster_api_00",
        };
        let ended = desk.run_as(token, arguments).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", ended.stderr);
        let first = ended.stderr.lines().next().unwrap();
        assert!(first.starts_with("roster: ") && first.ends_with(&format!("({reason})")), "{first}");
        let json = desk.run_as(token, &[arguments, &["--format", "json"]].concat()).await;
        let told: Value = serde_json::from_str(&json.stderr).unwrap();
        assert_eq!((told["exitCode"].as_i64(), told["reason"].as_str()), (Some(code.into()), Some(reason)));
        assert!(first.contains(told["message"].as_str().unwrap()), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let desk = Desk::new().await;
    let ended = desk.run(&["user", "list", "--server", "http://127.0.0.1:1"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(9), ""));
    assert!(ended.stderr.starts_with("roster: cannot reach http://127.0.0.1:1"), "{}", ended.stderr);
    assert!(ended.stderr.contains("\nhint: "), "{}", ended.stderr);
}

#[tokio::test]
async fn what_makes_no_sense_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    let wrong: [&[&str]; 7] = [
        &["nonsense"],
        &["user"],
        &["user", "list", "--page-size", "251"],
        &["membership", "list"],
        &["membership", "list", "--user", "a", "--organization", "b"],
        &["scim-token", "update", "019a7c1e2f3a7b4c8d5e6f708192a3b4"],
        &["user", "list", "--server", "ftp://x"],
    ];
    for arguments in wrong {
        let ended = run(folder.path(), arguments).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}
