//! Server: from a signal to an orderly end.

use std::{future::Future, io, time::Duration};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{notify, ready::Readiness};

/// The name of the signal that a supervisor sends.
const TERMINATE: &str = "SIGTERM";

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
            _ = self.terminate.recv() => TERMINATE,
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Waits for a signal, then begins the shutdown: after SIGTERM, which a supervisor sends, requests are taken for `grace` more, in
/// which load balancers see that the process is not ready. A further signal ends that.
pub async fn on_signal(mut signals: Signals, grace: Duration, readiness: Readiness, stop: CancellationToken) {
    let signal = signals.recv().await;
    let grace = if signal == TERMINATE { grace } else { Duration::ZERO };
    tracing::info!(signal, grace_seconds = grace.as_secs_f64(), "shutting down");
    readiness.leave();
    notify::stopping();
    if !grace.is_zero() {
        // the end of the grace is no error
        drop(tokio::time::timeout(grace, signals.recv()).await);
    }
    begin(&readiness, &stop);
}

/// Readiness turns false first, so that nobody can see a ready process that refuses connections.
pub fn begin(readiness: &Readiness, stop: &CancellationToken) {
    readiness.drain();
    stop.cancel();
}

/// Runs a start to its end; a signal ends it before, and its name comes back.
///
/// # Errors
/// What the start fails with.
pub async fn unless_stopped<T, E>(
    signals: &mut Signals,
    start: impl Future<Output = Result<T, E>>,
) -> Result<Result<T, &'static str>, E> {
    tokio::select! {
        signal = signals.recv() => {
            tracing::info!(signal, "stopped while starting");
            Ok(Err(signal))
        }
        started = start => started.map(Ok),
        () = notify::keep_starting() => Ok(Err("nobody")),
    }
}
