//! The lines to paste in the documents, pasted.

use std::path::Path;

use tokio::process::Command;

use crate::{app::App, storage::Database};

/// The code blocks of this kind, in order.
fn blocks(document: &str, kind: &str) -> Vec<String> {
    let (mut found, mut inside) = (Vec::new(), false);
    for line in document.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(named) if named == kind => {
                inside = true;
                found.push(String::new());
            }
            _ if inside => found.last_mut().unwrap().extend([line, "\n"]),
            _ => {}
        }
    }
    found
}

/// A block marked `shell` and not `sh` needs a tool that the tests do not install.
#[tokio::test]
async fn the_lines_of_the_api_document_work() {
    let clients = std::env::var("ROSTER_TEST_BUF").expect("ROSTER_TEST_BUF is not set: run scripts/test");
    let buf = Path::new(clients.split(':').next_back().unwrap()).parent().unwrap();
    let document = include_str!("../../docs/api.md");
    let blocks = blocks(document, "sh");
    assert!(blocks.len() > 8, "{blocks:?}");
    let app = App::start(Database::sqlite().await).await;
    let folder = tempfile::tempdir().unwrap();
    let path = format!("{}:{}", buf.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &blocks.concat()]).current_dir(&folder).kill_on_drop(true);
    command
        .env("ROSTER", &app.url)
        .env("TOKEN", &app.admin_token)
        .env("PATH", path)
        .env("HOME", folder.path());
    let output = command.env("NO_PROXY", "127.0.0.1").output().await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    for told in [
        "\"name\":\"acme\"",
        "Organization updated.",
        "grpc-status:0",
        "must be 2 to 32",
        "EVENT_TYPE_USER_CREATED",
    ] {
        assert!(printed.contains(told), "{told}: {printed}");
    }
    // an error is an answer, and curl does not fail by it: the only one is the one that the document shows
    assert_eq!(printed.matches("\"code\":\"").count(), 1, "{printed}");
}
