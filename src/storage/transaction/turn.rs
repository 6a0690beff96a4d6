//! Standing at the head of SQLite's line (storage floor).

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    runtime::Handle,
    sync::{OwnedMutexGuard, watch},
};

use super::{
    Error, Open, Transaction,
    session::Session,
    shared::{Line, Outcome, Savepoint, SharedWriter, given_up},
};

/// The right to write, until it is left or given up.
pub(super) struct Turn {
    place: Mutex<Option<Place>>,
    /// What becomes of the batch.
    pub(super) outcome: watch::Receiver<Outcome>,
}

/// The head of the line.
pub(super) struct Place {
    pub(super) session: Session,
    pub(super) writer: SharedWriter,
    pub(super) line: OwnedMutexGuard<Line>,
    /// Whether it opened the batch, and so sees to its commit.
    pub(super) opens: bool,
    pub(super) savepoint: Savepoint,
}

impl Turn {
    pub(super) fn new(place: Place, outcome: watch::Receiver<Outcome>) -> Self {
        Self { place: Mutex::new(Some(place)), outcome }
    }

    /// What to write with.
    pub(super) fn transaction(&self) -> Result<Transaction, Error> {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let session = place.as_ref().map(|place| place.session.clone()).ok_or_else(given_up)?;
        Ok(Transaction(Arc::new(Open::Shared(session))))
    }

    /// Keeps or undoes what was written, and lets the next one to the head of the line.
    pub(super) fn leave(&self, keep: bool) {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(place), Ok(runtime)) = (place, Handle::try_current()) {
            place.leave(keep, &runtime);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave(false);
    }
}

impl Place {
    fn leave(mut self, keep: bool, runtime: &Handle) {
        if !keep {
            runtime.spawn(self.undo());
            return;
        }
        // a work without a statement has begun nothing
        if self.session.has_begun()
            && let Some(batch) = self.line.batch.as_mut()
        {
            batch.keep(self.savepoint);
        }
        if self.opens {
            runtime.spawn(self.commit());
        }
    }

    async fn undo(mut self) {
        let Self { session, writer, line, opens, savepoint } = &mut self;
        match session.undo(savepoint.name()).await {
            Err(error) => return writer.fail(line, error).await,
            Ok(false) => {}
            Ok(true) => {
                if let Some(batch) = line.batch.as_mut() {
                    batch.forget();
                }
            }
        }
        if *opens {
            // nobody else is in it yet
            writer.end(line, false).await;
        }
    }

    /// Gets in line again, behind all who stand there now, and commits for them.
    async fn commit(self) {
        let Self { writer, line, .. } = self;
        drop(line);
        let mut line = writer.line.lock().await;
        writer.end(&mut line, true).await;
    }
}
