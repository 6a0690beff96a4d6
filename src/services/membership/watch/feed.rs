//! Messages on their way to one reader, and what becomes of one who does not read (services floor).
//!
//! A transport asks for a message when it has room for one, so a stream that nobody reads is not asked any more, and
//! would never notice. Therefore a task of its own hands the messages over, one at a time, and gives up in time:
//! it frees all that the stream took, and leaves behind one message and the reason of the end.

use std::time::Duration;

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tracing::Instrument as _;

use super::{Told, Watch};
use crate::services::{Error, Kind, Reason};

/// The messages of a [`Watch`], for one reader. Who drops it ends the stream.
#[derive(Debug)]
pub struct Feed {
    told: mpsc::Receiver<Told>,
    ending: oneshot::Receiver<Error>,
}

impl Watch {
    /// Begins to hand the messages over; it ends when a message is not taken in time ([`Terms::patience`]).
    ///
    /// [`Terms::patience`]: super::Terms::patience
    #[must_use]
    pub fn feed(self) -> Feed {
        let (reader, told) = mpsc::channel(1);
        let (end, ending) = oneshot::channel();
        let feeding = async move {
            if let Some(error) = hand_over(self, &reader).await {
                // a reader who is gone needs no reason
                let _ = end.send(error);
            }
        };
        tokio::spawn(feeding.in_current_span());
        Feed { told, ending }
    }
}

impl Feed {
    /// The next message; after an error comes none.
    ///
    /// # Errors
    /// As [`Watch::next`]; and the reader was too slow, which is told after the messages that were kept.
    pub async fn next(&mut self) -> Result<Told, Error> {
        if let Some(told) = self.told.recv().await {
            return Ok(told);
        }
        let ending = (&mut self.ending).await;
        Err(ending.unwrap_or_else(|_| Error::new(Kind::Internal, Reason::Internal, "the stream broke off")))
    }
}

/// Until the stream ends, with the reason; without one when the reader is gone.
async fn hand_over(mut watch: Watch, reader: &mpsc::Sender<Told>) -> Option<Error> {
    let patience = watch.services.watching.patience;
    loop {
        let Ok(room) = timeout(patience, reader.reserve()).await else { return Some(too_slow(patience)) };
        let room = room.ok()?;
        tokio::select! {
            () = reader.closed() => return None,
            told = watch.next() => match told {
                Ok(told) => room.send(told),
                Err(error) => return Some(error),
            },
        }
    }
}

fn too_slow(patience: Duration) -> Error {
    tracing::info!(?patience, "a reader of memberships took no message in time; its stream ends");
    let message = "the reader is too slow; resume after the last revision that was read";
    Error::new(Kind::TooMuch, Reason::SlowReader, message)
}
