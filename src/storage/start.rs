//! A start that waits says what for, and does not wait for ever (storage floor).

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    pin, select,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use super::Error;

/// Between two lines of the log.
const PERIOD: Duration = Duration::from_secs(5);

/// What the start does or waits for now.
#[derive(Debug)]
pub(super) struct Stage {
    now: Mutex<Now>,
    since: Instant,
}

/// What that is, and whether it is a wait.
#[derive(Debug, Default)]
struct Now {
    what: String,
    waits: bool,
    works: bool,
}

impl Stage {
    /// The start does this, which may take long.
    pub(super) fn is(&self, what: impl Into<String>) {
        *self.now() = Now { what: what.into(), ..Now::default() };
    }

    /// The same, which goes on until it is done: what was begun would have to begin again.
    pub(super) fn works(&self, what: impl Into<String>) {
        *self.now() = Now { what: what.into(), works: true, ..Now::default() };
    }

    /// The start waits for this. The log has it at once when the wait begins, as nobody knows how long it takes.
    pub(super) fn waits_for(&self, what: impl Into<String>) {
        let before =
            std::mem::replace(&mut *self.now(), Now { what: what.into(), waits: true, works: false });
        if !before.waits {
            self.tell();
        }
    }

    fn tell(&self) {
        let what = self.now().what.clone();
        if !what.is_empty() {
            tracing::warn!(seconds = self.since.elapsed().as_secs(), "the start waits for {what}");
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // each change is one assignment
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `start`, and logs every few seconds what it waits for; after `limit` it is given up, unless it works then.
pub(super) async fn within<T>(
    limit: Duration,
    start: impl AsyncFnOnce(&Stage) -> Result<T, Error>,
) -> Result<T, Error> {
    let stage = Stage { now: Mutex::default(), since: Instant::now() };
    let work = telling(&stage, start(&stage));
    pin!(work);
    let mut done = timeout(limit, &mut work).await;
    if done.is_err() && stage.now().works {
        done = Ok(work.await);
    }
    done.unwrap_or_else(|_| {
        let what = match stage.now().what.as_str() {
            "" => String::new(),
            what => format!(", waiting for {what}"),
        };
        Err(Error::Unreachable(format!(
            "the start took longer than database.start_timeout ({} s){what}",
            limit.as_secs_f64()
        )))
    })
}

async fn telling<T>(stage: &Stage, work: impl Future<Output = T>) -> T {
    let mut ticks = interval_at(Instant::now() + PERIOD, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pin!(work);
    loop {
        select! {
            done = &mut work => return done,
            _ = ticks.tick() => stage.tell(),
        }
    }
}
