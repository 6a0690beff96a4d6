//! The binary itself: its commands, what it prints, and how it ends.

mod bootstrap;
mod config;
mod proxies;
mod reload;
mod serve;
mod tls;
mod watch;

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// The command with an environment of its own, in `folder`.
fn roster(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
    command.args(arguments).current_dir(folder).kill_on_drop(true).stdin(Stdio::null());
    for name in ["ROSTER_LISTEN", "ROSTER_DATABASE_URL", "ROSTER_PUBLIC_URL", "ROSTER_LOG"] {
        command.env_remove(name);
    }
    command
}

/// What a command that ends printed.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

async fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let output = roster(folder, arguments).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A server that has said where it listens.
struct Serving {
    child: Child,
    url: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = roster(folder, &all);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap_or_default();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first:?}")).to_owned();
        Self { child, url, lines }
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    async fn signal(&self, name: &str) {
        let process = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &process]).status().await.unwrap().success());
    }

    /// Waits for the end: the exit code, the rest of stdout, and all of stderr.
    async fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            rest.push(line);
        }
        (self.child.wait().await.unwrap().code(), rest, stderr)
    }
}
