//! Server: tells systemd, if that is what started the process, that the server is ready, lives, and stops
//! (`sd_notify(3)`). Without `NOTIFY_SOCKET` nothing happens.

use sd_notify::NotifyState;

/// The port is open and the database is up to date.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// The server ends the requests in flight.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Says that the server lives, twice in each period of the unit's `WatchdogSec`; ends at once without one.
///
/// A database that is away is no reason to be started anew, so it is not asked.
pub async fn keep_alive() {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval(period / 2);
    loop {
        ticks.tick().await;
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd was not told");
    }
}
