//! Server: from a signal to an orderly end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{notify, ready::Readiness};

/// SIGTERM and SIGINT (ctrl-C), from the moment that this value exists.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes over both signals, so that neither kills the process any more.
    ///
    /// # Errors
    /// If the system refuses the handlers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The name of the first signal that comes.
    pub async fn recv(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Waits for a signal, then begins the shutdown.
pub async fn on_signal(mut signals: Signals, readiness: Readiness, stop: CancellationToken) {
    let signal = signals.recv().await;
    tracing::info!(signal, "shutting down");
    begin(&readiness, &stop);
}

/// Readiness turns false first, so that nobody can see a ready process that refuses connections.
pub fn begin(readiness: &Readiness, stop: &CancellationToken) {
    readiness.drain();
    notify::stopping();
    stop.cancel();
}
