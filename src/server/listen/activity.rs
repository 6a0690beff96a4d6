//! What a connection is doing, as its watch and those who look for a place see it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Limits;
use super::offers::Offers;
use crate::services::rate_limit::Recognized;

/// What a connection is worth where there is no place for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// The server waits for somebody who is not known.
    Silent,
    /// Somebody who is not known has been waiting for the server, or not taking its answer, for long.
    Lingering,
    /// The server waits for somebody who is known.
    KnownAndIdle,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    /// When the server began to wait for the client, in milliseconds after the start.
    since: AtomicU64,
    /// Requests that are not answered yet.
    in_flight: AtomicUsize,
    /// Those of them whose bodies are not there yet.
    arriving: AtomicUsize,
    /// Since when there has been a request in flight, in milliseconds after the start.
    busy: AtomicU64,
    /// Whether anybody on it was known by a token.
    pub(super) recognized: Recognized,
    /// The parts of answers that the client has not taken yet.
    pub(super) offers: Offers,
    /// Whether a request came.
    used: AtomicBool,
    /// Whether it speaks HTTP/2, where frames come and go without a request.
    multiplexed: AtomicBool,
    /// Whether bytes came since the last request ended.
    begun: AtomicBool,
    /// Wakes the watch.
    changed: Notify,
    /// Takes its place away.
    pub(super) evicted: CancellationToken,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            since: AtomicU64::default(),
            in_flight: AtomicUsize::default(),
            arriving: AtomicUsize::default(),
            busy: AtomicU64::default(),
            recognized: Recognized::default(),
            offers: Offers::default(),
            used: AtomicBool::default(),
            multiplexed: AtomicBool::default(),
            begun: AtomicBool::default(),
            changed: Notify::default(),
            evicted: CancellationToken::new(),
        }
    }

    /// A request came.
    pub(super) fn begin(&self, multiplexed: bool, has_body: bool) {
        self.used.store(true, Relaxed);
        self.multiplexed.store(multiplexed, Relaxed);
        self.begun.store(false, Relaxed);
        if self.in_flight.fetch_add(1, Relaxed) == 0 {
            self.busy.store(self.now(), Relaxed);
        }
        if has_body {
            self.arriving.fetch_add(1, Relaxed);
            self.wait_from_now();
        }
    }

    /// A body is there, or is not read on.
    pub(super) fn arrived(&self) {
        self.arriving.fetch_sub(1, Relaxed);
    }

    /// An answer was sent, or given up.
    pub(super) fn end(&self) {
        self.begun.store(false, Relaxed);
        self.wait_from_now();
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// Bytes came.
    pub(super) fn received(&self) {
        let between = self.in_flight.load(Relaxed) == 0 && !self.multiplexed.load(Relaxed);
        if between && !self.begun.swap(true, Relaxed) && self.used.load(Relaxed) {
            self.wait_from_now();
            self.changed.notify_one();
        }
    }

    fn wait_from_now(&self) {
        self.since.store(self.now(), Relaxed);
    }

    /// In milliseconds after the start.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How easily the connection is given up, the least first, and since when: one that waits for nobody, one on which a
    /// stranger has been busy for as long as `linger`, one that is known and idle. `None` of any other.
    pub(super) fn expendable(&self, linger: Duration) -> Option<(Worth, Instant)> {
        let busy = self.start + Duration::from_millis(self.busy.load(Relaxed));
        match (self.recognized.is_so(), self.waiting_since()) {
            (false, Some(since)) => Some((Worth::Silent, since)),
            (false, None) => (busy.elapsed() >= linger).then_some((Worth::Lingering, busy)),
            (true, waiting) => waiting.map(|since| (Worth::KnownAndIdle, since)),
        }
    }

    /// Ends when the client has taken nothing of an answer for as long as `patience`.
    pub(super) async fn untaken(&self, patience: Duration) {
        let pause = (patience / 4).max(Duration::from_millis(1));
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        while !self.offers.are_stalled(self.now(), patience) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Since when the server has been waiting for the client; `None` while the client waits for the server.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let waits = self.in_flight.load(Relaxed) <= self.arriving.load(Relaxed);
        waits.then(|| self.start + Duration::from_millis(self.since.load(Relaxed)))
    }

    /// Ends when no request came in time.
    pub(super) async fn overdue(&self, limits: Limits) {
        loop {
            let limit = self.limit(limits);
            let now = Instant::now();
            let is_free = self.in_flight.load(Relaxed) == 0;
            let since = self.start + Duration::from_millis(self.since.load(Relaxed));
            // while requests are in flight, the wait cannot begin before now
            let deadline = if is_free { since + limit } else { now + limit };
            if is_free && deadline <= now {
                return;
            }
            let _ = tokio::time::timeout_at(deadline, self.changed.notified()).await;
        }
    }

    fn limit(&self, limits: Limits) -> Duration {
        if self.is_idle() { limits.idle } else { limits.head }
    }

    /// Whether it is between two requests, and not at the head of one.
    pub(super) fn is_idle(&self) -> bool {
        self.used.load(Relaxed) && !self.begun.load(Relaxed)
    }
}
