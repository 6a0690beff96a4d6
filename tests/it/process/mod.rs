//! The binary itself: its commands, what it prints, and how it ends.

mod bootstrap;
mod config;
mod grace;
mod metrics;
mod notify;
mod open;
mod proxies;
mod reload;
pub(crate) mod serve;
mod stop;
mod tls;
mod traces;
mod watch;

use std::{path::Path, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// The command with an environment of its own, in `folder`.
pub(crate) fn roster(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
    command.args(arguments).current_dir(folder).kill_on_drop(true).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROSTER_") || name == "NETRC") {
        command.env_remove(name);
    }
    // what supervisors set, by which a server leaves more slowly
    for name in ["NOTIFY_SOCKET", "INVOCATION_ID", "KUBERNETES_SERVICE_HOST"] {
        command.env_remove(name);
    }
    command.env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    command
}

/// What a command that ends printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<std::process::Output> for Ended {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Ended {
    roster(folder, arguments).output().await.unwrap().into()
}

/// A server that has said where it listens.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let anywhere: &[&str] =
            if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let all = [&["serve"], anywhere, arguments].concat();
        Self::of(roster(folder, &all)).await
    }

    /// The server that this command starts.
    async fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap_or_default();
        let url = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("{first:?}")).to_owned();
        Self { child, url, lines }
    }

    /// The next line that it prints.
    pub(crate) async fn next_line(&mut self) -> String {
        self.lines.next_line().await.unwrap().unwrap_or_default()
    }

    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) async fn signal(&self, name: &str) {
        let process = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &process]).status().await.unwrap().success());
    }

    /// Waits for the end: the exit code, the rest of stdout, and all of stderr.
    pub(crate) async fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            rest.push(line);
        }
        (self.child.wait().await.unwrap().code(), rest, stderr)
    }
}
