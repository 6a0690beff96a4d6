//! An open transaction on PostgreSQL, which has a connection of its own (storage floor).

use std::sync::{MutexGuard, PoisonError};

use sea_orm::{DbErr, ExecResult, Statement};
use tokio::sync::{Mutex, OwnedSemaphorePermit};

use super::along::together;
use crate::storage::{
    Holds,
    connections::{Connections, Held},
    fingerprint::{Own, OwnOne},
    statement::{Answer, Wanted},
};

/// At this level, whatever the server's default is: what waits for a lock sees what was committed while it waited.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Returns the id of the transaction, which begins in the same round trip.
const OWN_ID: &str = "SELECT pg_current_xact_id()::text";

/// Most values of statements that go along with another one: PostgreSQL takes 65,535 at once.
const VALUES: usize = 1_000;

/// The transaction; undone if it does not end.
#[derive(Debug)]
pub(super) struct Alone {
    held: Mutex<Held>,
    /// It among our own, where the database tells ids.
    own: Option<OwnOne>,
    /// What goes along with the next statement.
    ahead: std::sync::Mutex<Vec<Statement>>,
}

impl Alone {
    /// Begins one that `holds` something, and is among our `own` before it ends. It gives its share back with its connection.
    pub(super) async fn begin(
        connections: &Connections,
        own: Option<&Own>,
        holds: &Holds,
        share: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, DbErr> {
        let mut held = connections.take().await?.of_share(share);
        let locks = holds.statements();
        let Some(own) = own else {
            held.begin(&format!("{BEGIN}; {locks}")).await?;
            return Ok(Self::over(held, None));
        };
        let row = held.begin(&format!("{BEGIN}; {locks} {OWN_ID}")).await?.pop();
        let id: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        let own = id.and_then(|id| id.parse().ok()).map(|id| own.add(id));
        Ok(Self::over(held, own))
    }

    fn over(held: Held, own: Option<OwnOne>) -> Self {
        Self { held: Mutex::new(held), own, ahead: std::sync::Mutex::default() }
    }

    /// Lets a statement go along with the next one, which neither reads nor changes what it does.
    pub(super) async fn along(&self, statement: Statement) -> Result<(), DbErr> {
        if count(&statement) > VALUES {
            return self.run(&statement, Wanted::Count).await.map(drop);
        }
        self.waiting().push(statement);
        Ok(())
    }

    pub(super) async fn run(&self, statement: &Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        let mut held = self.held.lock().await;
        let ahead = std::mem::take(&mut *self.waiting());
        let together = match &*ahead {
            [] => None,
            _ if ahead.iter().chain([statement]).map(count).sum::<usize>() > VALUES => None,
            _ => together(&ahead, statement),
        };
        if let Some(together) = together {
            return held.run(&together, wanted).await;
        }
        for before in &ahead {
            held.run(before, Wanted::Count).await?;
        }
        held.run(statement, wanted).await
    }

    pub(super) async fn run_text(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.flush().await?;
        self.held.lock().await.run_text(sql).await
    }

    /// Sends what is still to be sent.
    pub(super) async fn flush(&self) -> Result<(), DbErr> {
        let last = self.waiting().pop();
        match last {
            Some(last) => self.run(&last, Wanted::Count).await.map(drop),
            None => Ok(()),
        }
    }

    /// Keeps or undoes what it did.
    pub(super) async fn end(self, keep: bool) -> Result<(), DbErr> {
        if keep {
            self.flush().await?;
        }
        self.held.into_inner().end(keep).await?;
        if let Some(own) = self.own {
            own.end();
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Statement>> {
        // each change is one insertion or removal
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(statement: &Statement) -> usize {
    statement.values.as_ref().map_or(0, |values| values.0.len())
}
