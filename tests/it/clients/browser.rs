//! Connect for browsers, in a real one, from a page of another origin.

use std::{path::Path, process::Stdio};

use roster::server::cors::Cors;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
};

use super::{descriptors, installed, told};
use crate::{app::App, storage::Database};

#[tokio::test]
async fn connect_for_browsers_calls_and_watches_from_another_origin() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(Path::new(&installed("ROSTER_TEST_NODE")).join("connect-web.mjs"));
    command.arg(installed("ROSTER_TEST_CHROMIUM")).arg(descriptors(folder.path()));
    // Chromium keeps what it keeps of its user in there
    command.env("HOME", folder.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut client = command.spawn().unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let origin = lines.next_line().await.unwrap().expect("the page's origin");
    let cors = Cors::new([&*origin], false).unwrap();
    let app = App::with_cors(Database::sqlite().await, cors).await;
    let line = format!("{} {}\n", app.url, app.admin_token);
    client.stdin.take().unwrap().write_all(line.as_bytes()).await.unwrap();
    let mut printed = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        printed.push(line);
    }
    let mut output = client.wait_with_output().await.unwrap();
    output.stdout = printed.join("\n").into_bytes();
    told(&output);
}
