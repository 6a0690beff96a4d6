//! The real clients, as `scripts/test` installs them, against a running application.

use std::path::Path;

use roster::proto;
use tokio::process::Command;

use crate::{app::App, storage::Database};

/// Runs a client's script, which ends with `N passed, M failed` and 0 or not.
async fn pass(mut command: Command) {
    let output = command.kill_on_drop(true).output().await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{failed}");
    assert!(printed.contains(" passed, 0 failed") && !printed.contains("\n0 passed"), "{printed}");
}

fn installed(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run the tests with scripts/test"))
}

fn script(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

async fn buf(version: usize) {
    let app = App::start(Database::sqlite().await).await;
    let address = app.url.strip_prefix("http://").unwrap();
    let all = installed("ROSTER_TEST_BUF");
    let client = all.split(':').nth(version).unwrap();
    let mut command = Command::new("bash");
    command.arg(script("buf.sh")).args([client, address, &app.admin_token]);
    pass(command).await;
}

#[tokio::test]
async fn buf_1_73_manages_a_registry() {
    buf(0).await;
}

#[tokio::test]
async fn buf_1_75_manages_a_registry() {
    buf(1).await;
}

#[tokio::test]
async fn connect_for_node_speaks_every_protocol() {
    let app = App::start(Database::sqlite().await).await;
    let folder = tempfile::tempdir().unwrap();
    let descriptors = folder.path().join("descriptor.bin");
    std::fs::write(&descriptors, proto::DESCRIPTOR).unwrap();
    let mut command = Command::new("node");
    command.arg(Path::new(&installed("ROSTER_TEST_NODE")).join("connect-node.mjs"));
    command.args([&app.url, &app.admin_token]).arg(&descriptors);
    pass(command).await;
}
