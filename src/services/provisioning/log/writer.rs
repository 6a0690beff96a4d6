//! Writes the log in batches, beside the requests (services floor).
//!
//! A bounded queue stands between. When it is full, a request waits a second for room before it is counted as lost; the
//! count is kept with the next request that is written, so that no gap is silent. Nothing that was taken into the queue is
//! lost at a clean stop: the queue is emptied before the database is closed. On a standby nothing can be written, and what
//! comes is counted as skipped.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::lag::Lag;
use crate::{
    domain::provisioning::LoggedRequest,
    services::chain,
    storage::{self, Store, provisioning::log as stored},
};

/// Requests that may wait to be written.
const QUEUE: usize = 1_000;
/// Requests that are written at once.
const BATCH: usize = 200;
/// How long the first request of a batch waits for others: one transaction then serves many.
const LINGER: Duration = Duration::from_millis(200);
/// How long a request waits for room in the queue.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long is waited for the queue to be written.
const FLUSH: Duration = Duration::from_secs(15);
/// How often a batch is tried, and the first pause between two tries, which doubles.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What is in the queue.
#[derive(Debug)]
enum Item {
    Request(Box<LoggedRequest>),
    /// Answered when everything before it is written.
    Flush(oneshot::Sender<()>),
}

/// The way into the log; clones share one queue. Its writer starts with the first request.
#[derive(Clone, Debug, Default)]
pub(in crate::services) struct Journal {
    queue: Arc<OnceLock<mpsc::Sender<Item>>>,
    lost: Arc<AtomicU64>,
    lag: Lag,
}

impl Journal {
    /// How far the writer is behind.
    pub(in crate::services) fn lag(&self) -> &Lag {
        &self.lag
    }

    pub(super) async fn push(&self, store: &Store, request: LoggedRequest) {
        self.lag.enter();
        let item = Item::Request(Box::new(request));
        if !matches!(timeout(PATIENCE, self.queue(store).send(item)).await, Ok(Ok(()))) {
            self.lag.withdraw();
            self.lose(1);
        }
    }

    pub(super) fn push_now(&self, store: &Store, request: LoggedRequest) {
        self.lag.enter();
        if self.queue(store).try_send(Item::Request(Box::new(request))).is_err() {
            self.lag.withdraw();
            self.lose(1);
        }
    }

    pub(super) fn lose(&self, count: u64) {
        self.lag.lose(count);
        self.lost.fetch_add(count, Ordering::Relaxed);
    }

    /// Waits until everything that is in the queue now is written; not for long when the database does not answer.
    pub(in crate::services) async fn flush(&self) {
        let Some(queue) = self.queue.get() else { return };
        let (done, written) = oneshot::channel();
        let flushed = async {
            // an error would mean that the writer is gone, and then there is nothing to wait for
            if queue.send(Item::Flush(done)).await.is_ok() {
                let _ = written.await;
            }
        };
        if timeout(FLUSH, flushed).await.is_err() {
            tracing::warn!("the provisioning log is behind: requests still wait to be written");
        }
    }

    fn queue(&self, store: &Store) -> &mpsc::Sender<Item> {
        self.queue.get_or_init(|| {
            let (queue, items) = mpsc::channel(QUEUE);
            let (store, lost) = (store.clone(), Arc::clone(&self.lost));
            let writer = Writer { store, items, lost, lag: self.lag.clone() };
            tokio::spawn(writer.run());
            queue
        })
    }
}

struct Writer {
    store: Store,
    items: mpsc::Receiver<Item>,
    lost: Arc<AtomicU64>,
    lag: Lag,
}

impl Writer {
    /// Ends when nobody can record any more.
    async fn run(mut self) {
        while let Some(first) = self.items.recv().await {
            let (batch, waiting) = self.gather(first).await;
            let count = batch.len();
            self.write(batch).await;
            self.lag.leave(count);
            for done in waiting {
                // who waited may have gone away
                let _ = done.send(());
            }
        }
    }

    /// The requests of one batch, and who waits for them.
    async fn gather(&mut self, first: Item) -> (Vec<LoggedRequest>, Vec<oneshot::Sender<()>>) {
        let (mut batch, mut waiting) = (Vec::new(), Vec::new());
        let end = Instant::now() + LINGER;
        let mut next = Some(first);
        while let Some(item) = next {
            match item {
                Item::Request(request) => batch.push(*request),
                Item::Flush(done) => waiting.push(done),
            }
            let is_due = !waiting.is_empty() || batch.len() >= BATCH;
            next = if is_due { None } else { timeout_at(end, self.items.recv()).await.ok().flatten() };
        }
        (batch, waiting)
    }

    async fn write(&self, mut batch: Vec<LoggedRequest>) {
        let Some(first) = batch.first_mut() else { return };
        let lost = self.lost.swap(0, Ordering::Relaxed);
        first.lost_before = lost;
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            match self.insert(&batch).await {
                Ok(()) => return,
                Err(storage::Error::ReadOnly) => return self.skip(&batch, lost),
                Err(error) => {
                    tracing::warn!(
                        error = chain(&error),
                        attempt,
                        "the provisioning log could not be written"
                    );
                }
            }
            if attempt < ATTEMPTS {
                sleep(pause).await;
                pause *= 2;
            }
        }
        let count = lost + length(&batch);
        tracing::error!(count, "requests are missing from the provisioning log");
        self.lag.lose(count - lost);
        self.lost.fetch_add(count, Ordering::Relaxed);
    }

    /// Gives a batch up that a standby cannot keep; what was lost before is told once something is kept.
    fn skip(&self, batch: &[LoggedRequest], lost: u64) {
        self.lag.skip(length(batch));
        self.lost.fetch_add(lost, Ordering::Relaxed);
    }

    async fn insert(&self, batch: &[LoggedRequest]) -> Result<(), storage::Error> {
        // before it is compressed
        if self.store.only_reads().await? {
            return Err(storage::Error::ReadOnly);
        }
        let batch = &stored::Batch::of(batch)?;
        self.store.transaction(|tx| async move { batch.insert(&*tx).await }).await
    }
}

fn length(batch: &[LoggedRequest]) -> u64 {
    u64::try_from(batch.len()).unwrap_or(u64::MAX)
}
