//! A server in a process of its own, which can be killed and started again where it was.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    sync::watch,
    time::timeout,
};

use crate::process::roster;

/// An instance, and whether it runs.
pub(super) struct Instance {
    pub(super) url: String,
    pub(super) up: watch::Sender<bool>,
    folder: PathBuf,
    database: String,
    child: Child,
}

impl Instance {
    pub(super) async fn start(folder: &Path, database: &str) -> Self {
        let (child, url) = spawn(folder, database, "127.0.0.1:0").await;
        let (folder, database) = (folder.to_owned(), database.to_owned());
        Self { url, up: watch::Sender::new(true), folder, database, child }
    }

    /// Ends the process without a chance to do anything (SIGKILL).
    pub(super) async fn kill(&mut self) {
        self.up.send_replace(false);
        self.child.kill().await.unwrap();
    }

    /// Starts it on the same address; clients still wait.
    pub(super) async fn start_again(&mut self) {
        let address = self.url.strip_prefix("http://").unwrap();
        let (child, url) = spawn(&self.folder, &self.database, address).await;
        assert_eq!(url, self.url);
        self.child = child;
    }

    /// Starts it, and kills it so much later, wherever it is then: in the midst of its start, as a rule.
    pub(super) async fn start_and_kill(&self, later: Duration) {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut child = launch(&self.folder, &self.database, address);
        let ended = timeout(later, child.wait()).await;
        assert!(ended.is_err(), "it ended by itself: {ended:?}");
        child.kill().await.unwrap();
    }

    /// Lets clients go on.
    pub(super) fn open(&self) {
        self.up.send_replace(true);
    }
}

async fn spawn(folder: &Path, database: &str, address: &str) -> (Child, String) {
    let mut child = launch(folder, database, address);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap_or_default();
    let url = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
    (child, url)
}

fn launch(folder: &Path, database: &str, address: &str) -> Child {
    let arguments = [
        "serve",
        "--listen",
        address,
        "--database",
        database,
        "--set",
        "watch.heartbeat=1s",
        "--set",
        "database.connections=6",
    ];
    // a pipe that nobody reads fills up, and the log would stop the server
    roster(folder, &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}
