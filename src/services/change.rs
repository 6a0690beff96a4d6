//! The one door to the database for whatever writes on behalf of a caller (services floor).
//!
//! A request is authenticated before its transaction begins, and access may be taken away in between. So the standing of
//! the caller is confirmed in the transaction itself, before the use case decides anything: see [`standing`].

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::Instrument;

use super::{
    Error, Services, deadline,
    provisioning::{self, tally::Tally},
    standing::{self, Relied},
};
use crate::{
    domain::{actor::Caller, clock::Timestamp, id::ScimUserId},
    storage::{self, Held, Holds, Retryable, Transaction},
};

/// What one change works with: its transaction, who asks, and one moment for all that it writes.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    pub(super) tx: Transaction,
    /// What it holds from its beginning.
    holds: Holds,
    /// Whose standing is confirmed in this transaction.
    pub(super) caller: &'a Caller,
    pub(super) now: Timestamp,
    pub(super) tally: Tally,
    /// The caller's roles in organizations that the use case decided by.
    pub(super) relied: Relied,
    /// Whether it is done in maintenance too.
    pub(super) in_maintenance: bool,
    moved: Arc<AtomicU64>,
}

impl Unit<'_> {
    /// Keeps the revision that this change makes.
    pub(super) fn note_revision(&self, revision: Option<u64>) {
        self.moved.fetch_max(revision.unwrap_or(0), Ordering::Relaxed);
    }

    /// Goes on only where the transaction holds this alone; the change is tried again otherwise, and holds it then.
    ///
    /// # Errors
    /// It does not.
    pub(super) fn require_alone(&self, held: Held) -> Result<(), Error> {
        Self::or_again(self.tx.runs_alone() || self.holds.require_alone(held))
    }

    /// The same of what the transaction holds at least together with others.
    ///
    /// # Errors
    /// It does not.
    pub(super) fn require_shared(&self, held: Held) -> Result<(), Error> {
        Self::or_again(self.tx.runs_alone() || self.holds.require_shared(held))
    }

    fn or_again(holds: bool) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(storage::Error::outdated("what the transaction must hold").into()) }
    }

    /// Whether the transaction holds the user with this SCIM resource alone.
    pub(super) fn holds_pushed(&self, user: ScimUserId) -> bool {
        self.tx.runs_alone() || self.holds.has_alone(Held::PushedUser(user))
    }

    /// The same unit, on behalf of a `caller` who is known only within the transaction.
    ///
    /// # Errors
    /// The caller has lost what the access rests on.
    pub(super) async fn acting_as<'b>(&self, caller: &'b Caller) -> Result<Unit<'b>, Error> {
        if let Some(user) = caller.user_id() {
            storage::standing::share(&*self.tx, Held::User(user)).await?;
        }
        let unit = Unit { caller, ..self.clone() };
        standing::confirm(&unit).await?;
        Ok(unit)
    }
}

/// Something that runs between the authentication of a caller and the transaction of each change: tests take access away
/// there.
#[derive(Clone)]
pub struct Interlude(Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>);

impl Interlude {
    /// Runs `work` each time.
    pub fn new<F, Fut>(work: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(work())))
    }
}

impl fmt::Debug for Interlude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interlude")
    }
}

impl Services {
    /// The same, with this before the transaction of each change.
    #[must_use]
    pub fn with_interlude(self, interlude: Interlude) -> Self {
        self.with(|shared| shared.interlude = Some(interlude))
    }

    /// Runs `work` in one transaction, again where it met another one.
    pub(super) async fn change<'a, T, E, F, Fut>(&self, caller: &'a Caller, work: F) -> Result<T, E>
    where
        F: Fn(Unit<'a>) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        self.change_holding(caller, Holds::nothing(), work).await
    }

    /// The same, for what begins and ends the maintenance mode: beside no other change.
    pub(super) async fn change_in_maintenance<'a, T, F, Fut>(
        &self,
        caller: &'a Caller,
        work: F,
    ) -> Result<T, Error>
    where
        F: Fn(Unit<'a>) -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        self.carry_out(caller, (Holds::nothing().alone([Held::Changes]), true), work).await
    }

    /// The same, in a transaction that holds more than what the caller's access rests on: that of others, which it takes away.
    pub(super) async fn change_holding<'a, T, E, F, Fut>(
        &self,
        caller: &'a Caller,
        holds: Holds,
        work: F,
    ) -> Result<T, E>
    where
        F: Fn(Unit<'a>) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        self.carry_out(caller, (holds, false), work).await
    }

    async fn carry_out<'a, T, E, F, Fut>(
        &self,
        caller: &'a Caller,
        (holds, in_maintenance): (Holds, bool),
        work: F,
    ) -> Result<T, E>
    where
        F: Fn(Unit<'a>) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<Error> + Retryable,
    {
        if let Some(Interlude(run)) = &self.interlude {
            run().await;
        }
        deadline::check()?;
        let now = self.now();
        let changed = self.memory.new_epoch_after();
        let (work, tally, moved) = (&work, Tally::default(), Arc::new(AtomicU64::new(0)));
        let holds = standing::holds(caller, holds);
        let done = self.store.transaction_that(holds.clone(), |tx| {
            // a try before, which met another transaction, changed nothing
            tally.clear();
            moved.store(0, Ordering::Relaxed);
            let (relied, tally, moved) = (Relied::default(), tally.clone(), Arc::clone(&moved));
            let unit = Unit { tx, holds: holds.clone(), caller, now, tally, relied, in_maintenance, moved };
            // boxed: the work of a use case is large, and every future above would be as large
            let work = Box::pin(async move {
                standing::confirm(&unit).await?;
                let done = work(unit.clone()).await?;
                provisioning::removal::check(self, &unit).await?;
                standing::confirm_roles(&unit).await?;
                Ok::<_, E>(done)
            });
            async move { work.await.map_err(Carried) }
        });
        let done = match done.instrument(tracing::debug_span!("change")).await {
            Ok(done) => done,
            Err(Carried(error)) => {
                self.keep_refused(caller, &tally).await?;
                return Err(error);
            }
        };
        self.figures.committed(&tally.read());
        if let Some(observer) = &self.observer {
            observer.add(&tally);
        }
        // before the revision is told: whoever asks for it must not be answered from before
        drop(changed);
        self.tell_change(Some(moved.load(Ordering::Relaxed)).filter(|moved| *moved > 0)).await;
        Ok(done)
    }

    /// Keeps what a change was refused for, when it was because of its size. The transaction of the change was undone, so
    /// this is one of its own, with the same caller.
    async fn keep_refused(&self, caller: &Caller, tally: &Tally) -> Result<(), Error> {
        let Some(held) = &tally.take_refused() else { return Ok(()) };
        let now = self.now();
        let holds = &standing::holds(caller, Holds::nothing());
        let write = self.store.transaction_that(holds.clone(), |tx| async move {
            let (tally, relied, moved) = (Tally::default(), Relied::default(), Arc::default());
            let (holds, in_maintenance) = (holds.clone(), false);
            let unit = Unit { tx, holds, caller, now, tally, relied, in_maintenance, moved };
            standing::confirm(&unit).await?;
            provisioning::removal::keep(&unit, held).await
        });
        let id = write.await?;
        self.figures.held();
        if let Some(observer) = &self.observer {
            observer.hold(held.clone().organizations(), id);
        }
        Ok(())
    }
}

/// An error of the caller's own type on its way through the storage floor.
struct Carried<E>(E);

impl<E: From<Error>> From<storage::Error> for Carried<E> {
    fn from(error: storage::Error) -> Self {
        Self(Error::from(error).into())
    }
}

impl<E: Retryable> Retryable for Carried<E> {
    fn is_conflict(&self) -> bool {
        self.0.is_conflict()
    }
}
