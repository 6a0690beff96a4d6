//! `buf registry login` without a flag: the released clients, with a browser that only keeps the address.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

use super::World;
use crate::{
    clients::installed,
    storage::{Database, on_both_databases},
};

on_both_databases! {
    buf_1_73_signs_in;
    buf_1_75_signs_in;
    buf_tells_that_it_was_denied;
}

async fn buf_1_73_signs_in(database: Database) {
    signs_in(database, 0).await;
}

async fn buf_1_75_signs_in(database: Database) {
    signs_in(database, 1).await;
}

async fn signs_in(database: Database, version: usize) {
    let home = tempfile::tempdir().unwrap();
    let world = World::start(database).await;
    let (code, printed, failed) = login(&world, home.path(), version, "approve").await;
    assert_eq!(code, Some(0), "{printed}{failed}");
    assert!(printed.contains("Logged in as root"), "{printed}");
    let netrc = fs::read_to_string(home.path().join(".netrc")).unwrap();
    let token = netrc.split_whitespace().skip_while(|word| *word != "password").nth(1).unwrap();
    assert_eq!(world.whoami(token).await, "root");
    assert_ne!(token, world.app.admin_token);
    let listed = world.app.call("TokenService/ListTokens", serde_json::json!({ "pageSize": 10 })).await;
    // the client calls itself by the name of the machine
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(listed["tokens"][1]["note"], host.trim());
}

async fn buf_tells_that_it_was_denied(database: Database) {
    let home = tempfile::tempdir().unwrap();
    let world = World::start(database).await;
    let (code, _, failed) = login(&world, home.path(), 1, "deny").await;
    assert_ne!(code, Some(0));
    assert!(failed.contains("authorization failed: the request was denied"), "{failed}");
    assert!(!home.path().join(".netrc").exists());
}

/// Logs in as a person does: the client opens the page, the person decides there. How the client ended, and what
/// it printed.
async fn login(world: &World, home: &Path, version: usize, button: &str) -> (Option<i32>, String, String) {
    let mut client = client(world, home, version);
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let page = loop {
        let line = lines.next_line().await.unwrap().expect("the client ended without an address");
        if let Some((_, code)) = line.split_once("/oauth2/device?user_code=") {
            break code.to_owned();
        }
    };
    let (status, page) = world.review(&page, &world.app.admin_token).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(world.press(&page, button).await.0, 200);
    let (mut printed, mut failed) = (String::new(), String::new());
    while let Some(line) = lines.next_line().await.unwrap() {
        printed += &line;
    }
    client.stderr.take().unwrap().read_to_string(&mut failed).await.unwrap();
    (client.wait().await.unwrap().code(), printed, failed)
}

fn client(world: &World, home: &Path, version: usize) -> Child {
    fs::write(home.join("config.yaml"), "version: v1\ntls:\n  use: \"false\"\n").unwrap();
    let browser = home.join("xdg-open");
    fs::write(&browser, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let all = installed("ROSTER_TEST_BUF");
    let mut command = Command::new(all.split(':').nth(version).unwrap());
    command.args(["registry", "login", world.app.url.strip_prefix("http://").unwrap()]);
    command.env_remove("BUF_TOKEN").env_remove("NETRC").env("NO_PROXY", "127.0.0.1");
    command.env("HOME", home).env("BUF_CONFIG_DIR", home).env("BUF_CACHE_DIR", home);
    command.env("PATH", format!("{}:{}", home.display(), std::env::var("PATH").unwrap()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn().unwrap()
}
