//! Telling a database that is slow from one that is not there (storage floor).
//!
//! A statement may take long, and the connection of one that is frozen takes for ever: the other end of it acknowledges what it
//! gets and answers nothing. So whoever has waited for a while, and sees that nobody else is answered either, asks by another
//! connection whether anybody is there.

use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{DbErr, RuntimeErr};
use tokio::{sync, time::timeout};

use super::link::Target;

/// When the database answered last, for all who use the same connections.
#[derive(Debug)]
pub(super) struct Heard {
    last: Mutex<Instant>,
    /// Whoever asks whether anybody is there holds this: when that began the last time, and what was found.
    asking: sync::Mutex<Option<(Instant, bool)>>,
}

impl Default for Heard {
    fn default() -> Self {
        Self { last: Mutex::new(Instant::now()), asking: sync::Mutex::default() }
    }
}

impl Heard {
    /// The answer of a statement; an error when the database does not answer anybody for `patience`. A file always does.
    pub(super) async fn answer<T>(
        &self,
        target: &Target,
        patience: Duration,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let Target::Postgres(_) = target else { return answer.await };
        let half = patience / 2;
        let mut answer = pin!(answer);
        loop {
            if let Ok(answer) = timeout(half, &mut answer).await {
                self.note();
                return answer;
            }
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                there = self.is_there(target, half) => {
                    if !there {
                        return Err(silent());
                    }
                }
            }
        }
    }

    /// Whether the database answers within `patience`, be it that it takes no more connections; one asks for all.
    async fn is_there(&self, target: &Target, patience: Duration) -> bool {
        let asked = Instant::now();
        let mut asking = self.asking.lock().await;
        if self.last() + patience > asked {
            return true;
        }
        if let Some((began, there)) = *asking
            && began + patience > asked
        {
            return there;
        }
        let began = Instant::now();
        let there = match timeout(patience, target.connect()).await {
            Ok(Ok(link)) => {
                // one of ours, which nobody needs
                drop(timeout(patience, link.close()).await);
                true
            }
            Ok(Err(error)) => matches!(error, sqlx::Error::Database(_)),
            Err(_) => false,
        };
        if there {
            self.note();
        }
        *asking = Some((began, there));
        there
    }

    fn note(&self) {
        // each change is one assignment
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn silent() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database does not answer".to_owned()))
}
