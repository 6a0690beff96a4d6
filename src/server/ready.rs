//! Server: the readiness latch behind `/readyz` and gRPC health.

use std::time::Duration;

use tokio::sync::watch;
use tonic_health::server::HealthReporter;

use crate::{gateway::rpc, services::Services};

/// Where the process is in its life; it only ever moves forward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Phase {
    Starting,
    Ready,
    Leaving,
    Draining,
}

/// Tells whether the process should be sent requests; clones share one state.
///
/// It is a latch: once draining, a process is never ready again, whoever says so.
#[derive(Clone, Debug)]
pub struct Readiness(watch::Sender<Phase>);

impl Default for Readiness {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Starting))
    }
}

impl Readiness {
    /// Start-up is over: migrations have run and the listener is bound.
    pub fn mark_ready(&self) {
        self.advance(Phase::Ready);
    }

    /// Requests are still taken, but better sent elsewhere.
    pub fn leave(&self) {
        self.advance(Phase::Leaving);
    }

    /// No new requests, please; those in flight go on.
    pub fn drain(&self) {
        self.advance(Phase::Draining);
    }

    /// True between [`mark_ready`](Self::mark_ready) and [`leave`](Self::leave) or [`drain`](Self::drain).
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.0.borrow() == Phase::Ready
    }

    fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let moves = *current < phase;
            *current = phase.max(*current);
            moves
        });
    }

    /// Sets the gRPC health of the server and of each service to what `/readyz` says, and tells the phase.
    pub(super) async fn report(&self, reporter: &HealthReporter, services: &Services) -> Phase {
        let phase = *self.0.borrow();
        let serving = phase == Phase::Ready && services.check_ready().await.is_ok();
        rpc::report_health(reporter, serving).await;
        phase
    }

    /// Ends the streams that watch when the server drains: they would outlast it.
    pub(super) async fn stop_watching(self, services: Services) {
        // an error would mean that nobody can begin the drain any more
        if self.0.subscribe().wait_for(|phase| *phase == Phase::Draining).await.is_ok() {
            services.stop_watching();
        }
    }

    /// Keeps the gRPC health of the server and of each service equal to what `/readyz` says: this latch and the
    /// database, asked again every `period`. Ends when the server drains.
    pub async fn publish(self, reporter: HealthReporter, services: Services, period: Duration) {
        let mut phases = self.0.subscribe();
        loop {
            phases.mark_unchanged();
            if self.report(&reporter, &services).await == Phase::Draining {
                return;
            }
            // a change, or the end of the period, which is no error
            if let Ok(Err(_)) = tokio::time::timeout(period, phases.changed()).await {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draining_process_is_never_ready_again() {
        let readiness = Readiness::default();
        assert!(!readiness.is_ready());
        readiness.mark_ready();
        assert!(readiness.clone().is_ready());
        readiness.drain();
        readiness.mark_ready();
        assert!(!readiness.is_ready());
    }
}
