//! What is open to more people than it should be: files, and ports.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
};

use serde_json::Value;

use super::{Serving, roster};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What is logged as a warning at the start, by code.
async fn warned(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let serving = Serving::start(folder, arguments).await;
    serving.signal("-TERM").await;
    let (_, _, log) = serving.end().await;
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut codes: Vec<_> = lines.filter_map(|line| Some(line["code"].as_str()?.to_owned())).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn a_database_is_private_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let folder = tempfile::tempdir().unwrap();
        let command = format!("umask {umask}; exec \"$0\" bootstrap");
        let ended = tokio::process::Command::new("sh")
            .args(["-c", &command, env!("CARGO_BIN_EXE_roster")])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output()
            .await
            .unwrap();
        assert!(ended.status.success(), "{umask}: {ended:?}");
        assert_eq!(mode(&folder.path().join("roster.db")), 0o600, "{umask}");
    }
}

#[tokio::test]
async fn a_database_that_others_could_read_is_made_private_with_all_that_is_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(roster(folder, &["bootstrap"]).stdout(Stdio::null()).status().await.unwrap().success());
    fs::set_permissions(folder.join("roster.db"), Permissions::from_mode(0o644)).unwrap();
    for beside in ["roster.db-wal", "roster.db-shm"] {
        fs::write(folder.join(beside), "").unwrap();
        fs::set_permissions(folder.join(beside), Permissions::from_mode(0o666)).unwrap();
    }
    let serving = Serving::start(folder, &[]).await;
    for name in ["roster.db", "roster.db-wal", "roster.db-shm"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    serving.signal("-TERM").await;
    let (_, _, log) = serving.end().await;
    assert!(log.contains("other users of the host could read it"), "{log}");
}

#[tokio::test]
async fn a_database_is_not_made_where_a_link_leads() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("elsewhere.db", folder.path().join("roster.db")).unwrap();
    let ended = super::run(folder.path(), &["bootstrap"]).await;
    assert!(ended.code != Some(0) && ended.stderr.contains("is a link to nothing"), "{ended:?}");
    assert!(!folder.path().join("elsewhere.db").exists());
}

#[tokio::test]
async fn a_port_that_others_reach_without_tls_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (&["--listen", "0.0.0.0:0"][..], &["unencrypted-port"][..]),
        (&["--listen", "[::]:0"], &["unencrypted-port"]),
        (&["--listen", "0.0.0.0:0", "--set", "proxy.trusted=10.0.0.0/8"], &[]),
        (&["--listen", "127.0.0.1:0"], &[]),
        (&["--listen", "[::1]:0"], &[]),
    ] {
        assert_eq!(warned(folder.path(), arguments).await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_file_with_a_secret_that_others_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: &str, mode: u32| {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    };
    write("token", "only-for-prometheus\n", 0o644);
    write("url", "sqlite:roster.db\n", 0o644);
    write("with.toml", "[metrics]\ntoken = \"only-for-prometheus\"\n", 0o644);
    write(
        "without.toml",
        "[metrics]\ntoken_file = \"token\"\n[database]\nurl = \"sqlite:roster.db\"\n",
        0o644,
    );
    let open = "secret-file-open";
    for (arguments, mode, expected) in [
        (&["--set", "metrics.token_file=token"][..], 0o644, &[open][..]),
        (&["--set", "metrics.token_file=token"], 0o602, &[open]),
        (&["--set", "metrics.token_file=token"], 0o640, &[]),
        (&["--set", "metrics.token_file=token"], 0o600, &[]),
        (&["--config", "with.toml"], 0o600, &[open]),
        (&["--config", "without.toml"], 0o644, &[open]),
        (&["--config", "without.toml"], 0o600, &[]),
        // no secret
        (&["--set", "database.url_file=url"], 0o600, &[]),
    ] {
        fs::set_permissions(folder.join("token"), Permissions::from_mode(mode)).unwrap();
        assert_eq!(warned(folder, arguments).await, expected, "{arguments:?} {mode:o}");
    }
}

#[tokio::test]
async fn a_database_url_is_never_logged_with_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let url =
        "postgres://ann:s3cret@127.0.0.1:1/x?sslpassword=s3cret&pass%77ord2=s3cret&options=-c%20a=s3cret";
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["doctor"],
        &["config", "check", "--deep"],
        &["config", "show"],
    ] {
        let arguments = [arguments, &["--database", url]].concat();
        let ended = super::run(folder.path(), &arguments).await;
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!told.contains("s3cret"), "{arguments:?}: {told}");
        if arguments[0] == "serve" {
            assert!(told.contains("sslpassword"), "what is not used is told by its name: {told}");
        }
    }
}
