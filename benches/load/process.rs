//! A server as a process of its own, and what the system knows of it.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// A server that ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// `host:port`
    pub(crate) address: String,
    /// From its start until it listened.
    pub(crate) starting: Duration,
}

impl Server {
    /// Our server, over this database.
    pub(crate) async fn roster(database: &str) -> Result<Self> {
        Self::start(Self::command(database)).await
    }

    /// Our server, which writes every statement into a file.
    pub(crate) async fn logging(database: &str, file: &str) -> Result<Self> {
        let mut command = Self::command(database);
        command.env("ROSTER_LOG", "warn,sqlx=debug").env("ROSTER_LOG_FORMAT", "json");
        command.stderr(std::fs::File::create(file)?);
        Self::start(command).await
    }

    fn command(database: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", database]).stderr(Stdio::null());
        command
    }

    /// This binary as a baseline.
    pub(crate) async fn baseline(arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(crate::baseline::ARGUMENT).args(arguments).stderr(Stdio::null());
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Result<Self> {
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let line = lines.next_line().await?.context("the server ended without a word")?;
        let address = line.strip_prefix("listening on http://").context("no address")?.to_owned();
        Ok(Self { child, address, starting: started.elapsed() })
    }

    /// Ends it, and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Processor time used so far.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
        // the fields after the name, which may hold anything: utime and stime are the 12th and 13th of them
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// The most memory that was resident so far, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or_default() / 1024
    }
}
