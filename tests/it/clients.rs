//! The real clients, as `scripts/test` installs them, against a running application.

mod browser;
mod studio;

use std::path::{Path, PathBuf};

use roster::proto;
use tokio::process::Command;

use crate::{app::App, storage::Database};

/// Runs a client's script, which ends with `N passed, M failed` and 0 or not.
async fn pass(mut command: Command) {
    told(&command.kill_on_drop(true).output().await.unwrap());
}

/// Expects that a client's script passed.
fn told(output: &std::process::Output) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{failed}");
    assert!(printed.contains(" passed, 0 failed") && !printed.contains("\n0 passed"), "{printed}");
}

pub(crate) fn installed(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run the tests with scripts/test"))
}

fn script(name: &str) -> PathBuf {
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

/// The wire contract as a file, from which clients make their messages.
fn descriptors(folder: &Path) -> PathBuf {
    let file = folder.join("descriptor.bin");
    std::fs::write(&file, proto::DESCRIPTOR).unwrap();
    file
}

#[tokio::test]
async fn connect_for_node_speaks_every_protocol() {
    let app = App::start(Database::sqlite().await).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(Path::new(&installed("ROSTER_TEST_NODE")).join("connect-node.mjs"));
    command.args([&app.url, &app.admin_token]).arg(descriptors(folder.path()));
    pass(command).await;
}

#[tokio::test]
async fn grpc_for_python_calls_watches_and_reads_errors() {
    let app = App::start(Database::sqlite().await).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(installed("ROSTER_TEST_GRPCIO"));
    command.arg(script("grpc_client.py")).arg(app.url.strip_prefix("http://").unwrap());
    command.arg(&app.admin_token).arg(descriptors(folder.path()));
    // or it would send what is for this machine to a proxy
    command.env("no_proxy", "127.0.0.1");
    pass(command).await;
}
