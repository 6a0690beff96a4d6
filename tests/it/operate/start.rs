//! A start that waits, and one that cannot be.

use std::{path::Path, process::Stdio, time::Instant};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    net::UnixDatagram,
    process::{Child, ChildStderr, Command},
};

use crate::{
    process::{roster, run},
    storage::Database,
};

/// The lock that a start migrates under.
const LOCK: i64 = 0x726f_7374_6572;

/// A server that does not listen yet.
struct Starting {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Starting {
    fn begin(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(roster(folder, &[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log }
    }

    /// The next line of the log with this in it.
    async fn says(&mut self, told: &str) -> String {
        loop {
            let line = self.log.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("the log ends without {told:?}"));
            if line.contains(told) {
                return line;
            }
        }
    }

    async fn signal(&self, name: &str) {
        let process = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &process]).status().await.unwrap().success());
    }

    async fn code(mut self) -> Option<i32> {
        self.child.wait().await.unwrap().code()
    }
}

/// Somebody who holds the lock.
async fn holder(url: &str) -> PgConnection {
    let mut holder = PgConnection::connect(&format!("{url}?application_name=pooled")).await.unwrap();
    holder.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({LOCK})"))).await.unwrap();
    holder
}

#[tokio::test]
async fn a_wait_for_the_migration_lock_says_who_has_it_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let url = Database::empty_postgres().await;
    let mut held = holder(&url).await;
    for signal in ["-TERM", "-INT"] {
        let mut starting = Starting::begin(folder.path(), &["--database", &url]);
        let line = starting.says("the migration lock").await;
        assert!(
            line.contains("process ") && line.contains("pooled") && line.contains("user roster"),
            "{line}"
        );
        starting.signal(signal).await;
        assert_eq!(starting.code().await, Some(0), "{signal}");
    }
    // and goes on when it is free
    let mut starting = Starting::begin(folder.path(), &["--database", &url, "--dev"]);
    starting.says("the migration lock").await;
    held.execute(AssertSqlSafe(format!("SELECT pg_advisory_unlock({LOCK})"))).await.unwrap();
    held.close().await.unwrap();
    starting.says("lacks all").await;
    starting.signal("-KILL").await;
}

#[tokio::test]
async fn a_wait_says_so_every_five_seconds_to_the_log_and_to_systemd() {
    let folder = tempfile::tempdir().unwrap();
    let url = Database::empty_postgres().await;
    let _held = holder(&url).await;
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let mut command = roster(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--database", &url]);
    command.env("NOTIFY_SOCKET", &path);
    let mut starting = Starting::of(command);
    starting.says("the migration lock").await;
    let second: Value = serde_json::from_str(&starting.says("the migration lock").await).unwrap();
    assert_eq!(second["seconds"], 5, "{second}");
    let mut told = [0; 256];
    let length = socket.recv(&mut told).await.unwrap();
    assert_eq!(std::str::from_utf8(&told[..length]).unwrap().trim(), "EXTEND_TIMEOUT_USEC=30000000");
    starting.signal("-TERM").await;
    assert_eq!(starting.code().await, Some(0));
}

#[tokio::test]
async fn a_wait_has_a_limit_that_names_what_was_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let url = Database::empty_postgres().await;
    let _held = holder(&url).await;
    let limit = ["--set", "database.start_timeout=700ms", "--database", &url];
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["bootstrap"]] {
        let ended = run(folder.path(), &[command, &limit].concat()).await;
        assert_eq!(ended.code, Some(9), "{ended:?}");
        for told in ["database.start_timeout (0.7 s)", "the migration lock", "pooled"] {
            assert!(ended.stderr.contains(told), "{}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn a_database_that_refuses_is_waited_for_and_the_cause_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = "postgres://roster@127.0.0.1:1/none";
    for signal in ["-TERM", "-INT"] {
        let mut starting = Starting::begin(folder.path(), &["--database", nobody]);
        starting.says("127.0.0.1:1: connection refused").await;
        starting.signal(signal).await;
        assert_eq!(starting.code().await, Some(0), "{signal}");
    }
    let begun = Instant::now();
    let patience = ["--set", "database.acquire_timeout=300ms", "--database", nobody];
    let ended = run(folder.path(), &[&["serve", "--listen", "127.0.0.1:0"][..], &patience].concat()).await;
    assert_eq!(ended.code, Some(9), "{ended:?}");
    assert!(begun.elapsed().as_secs() < 5, "acquire_timeout counts");
    let last = ended.stderr.lines().find(|line| line.starts_with("roster: ")).unwrap();
    assert!(last.contains("connection refused") && !ended.stderr.contains("timed out"), "{last}");
}

#[tokio::test]
async fn the_cause_is_told_by_every_command_in_the_words_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let there = Database::empty_postgres().await;
    let (place, _) = there.rsplit_once('/').unwrap();
    let none = format!("{place}/roster_none");
    let stranger = there.replace("roster@", "stranger@");
    let tls = format!("{there}?sslmode=require");
    std::fs::write(folder.path().join("text.db"), "this is no database, and long enough to look like one")
        .unwrap();
    for (url, told) in [
        (none.as_str(), "database \"roster_none\" does not exist"),
        (&stranger, "role \"stranger\" does not exist"),
        ("postgres://roster@127.0.0.1:1/none", "connection refused"),
        ("postgres://roster@[::1]:1/none", "[::1]:1 cannot be reached: connection refused"),
        ("postgres://roster@/none?host=/nowhere", "/nowhere cannot be reached: no such file"),
        ("sqlite:text.db", "text.db is no whole SQLite database: file is not a database"),
        (&tls, "TLS"),
    ] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0", "--set", "database.acquire_timeout=300ms"][..],
            &["bootstrap", "--set", "database.acquire_timeout=300ms"],
            &["config", "check", "--deep"],
            &["doctor"],
        ] {
            let ended = run(folder.path(), &[command, &["--database", url]].concat()).await;
            let said = format!("{}{}", ended.stdout, ended.stderr);
            assert_ne!(ended.code, Some(0), "{command:?} {url}: {said}");
            assert!(said.contains(told), "{command:?} {url}: {said}");
            assert!(!said.contains("at line") && !said.contains("timed out"), "{command:?} {url}: {said}");
        }
    }
}

#[tokio::test]
async fn a_start_without_migration_takes_a_schema_of_this_release_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for url in [Database::empty_postgres().await, "sqlite:roster.db".to_owned()] {
        let database = ["--database", url.as_str()];
        let without = [&["serve", "--listen", "127.0.0.1:0", "--no-migrate"][..], &database].concat();
        let ended = run(folder, &without).await;
        assert_eq!(ended.code, Some(7), "{ended:?}");
        assert!(ended.stderr.contains("`roster migrate run`"), "{}", ended.stderr);
        let status = run(folder, &[&["migrate", "status"][..], &database].concat()).await;
        assert_eq!(status.code, Some(10), "{status:?}");
        let done = run(folder, &[&["migrate", "run"][..], &database].concat()).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let status = run(folder, &[&["migrate", "status"][..], &database].concat()).await;
        assert_eq!((status.code, status.stdout.contains("up to date")), (Some(0), true), "{status:?}");
        let serving =
            crate::process::Serving::start(folder, &[&["--no-migrate"][..], &database].concat()).await;
        serving.signal("-TERM").await;
        serving.end().await;
    }
}
