//! Server: tells systemd, if that is what started the process, that the server is ready, lives, and stops
//! (`sd_notify(3)`). Without `NOTIFY_SOCKET` nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

/// The port is open and the database is up to date.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// How often a start that takes long says so.
const PERIOD: Duration = Duration::from_secs(5);
/// For how long each of these words counts, in microseconds.
const MORE: u32 = 30_000_000;

/// Says again and again that the start takes longer (`EXTEND_TIMEOUT_USEC`), so that it is not ended by `TimeoutStartSec`: how long
/// a start may wait, the configuration says. Never ends.
pub async fn keep_starting() {
    let mut ticks = tokio::time::interval(PERIOD);
    // the first one is due at once
    ticks.tick().await;
    loop {
        ticks.tick().await;
        tell(NotifyState::ExtendTimeoutUsec(MORE));
    }
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
