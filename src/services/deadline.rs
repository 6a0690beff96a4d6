//! The time that a request may take, and what is said of a request that took too long (services floor).
//!
//! A request that has not begun to commit is given up, and all of it is undone. One that has begun is waited for, since
//! what it wrote may be there already; meanwhile it begins no further transaction.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    pin,
    time::{Instant, timeout, timeout_at},
};

use super::{Error, Kind, Reason};
use crate::storage::Commits;

/// How long a request that has begun to commit is waited for after its deadline.
const GRACE: Duration = Duration::from_secs(10);

/// When a client may send a request again that was given up.
const AGAIN: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// The request under way.
    static CURRENT: Deadline;
}

/// When a request is over; clones are of one request.
#[derive(Clone, Debug)]
struct Deadline {
    at: Instant,
    /// Whether a transaction was refused because of it.
    was_met: Arc<AtomicBool>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The request was given up before it began to commit: nothing was changed.
    Undone,
    /// The request had begun to commit, and did not end: it may have been done, in whole or in part.
    Unknown,
}

impl Late {
    /// What to tell the client.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Undone => "the request took too long; nothing was changed; try again",
            Self::Unknown => {
                "the request took too long, and its outcome is not known: it may have been done; look before you send it \
                 again"
            }
        }
    }
}

impl From<Late> for Error {
    fn from(late: Late) -> Self {
        match late {
            Late::Undone => Self::new(Kind::Unavailable, Reason::TooSlow, late.message()).retry_after(AGAIN),
            Late::Unknown => Self::new(Kind::Unavailable, Reason::OutcomeUnknown, late.message()),
        }
    }
}

/// Runs a request until its deadline, and on if it has begun to commit by then.
///
/// # Errors
/// The request has no answer in time.
pub async fn within<F: Future>(deadline: Instant, request: F) -> Result<F::Output, Late> {
    let (commits, was_met) = (Commits::default(), Arc::<AtomicBool>::default());
    let current = Deadline { at: deadline, was_met: Arc::clone(&was_met) };
    let request = commits.of(CURRENT.scope(current, request));
    pin!(request);
    let answer = timeout_at(deadline, &mut request).await;
    // nobody else drives the request: it begins nothing between this look and its end
    let is_undone = !commits.have_begun();
    match answer {
        Ok(_) if is_undone && was_met.load(Ordering::Acquire) => Err(Late::Undone),
        Ok(answer) => Ok(answer),
        Err(_) if is_undone => Err(Late::Undone),
        Err(_) => timeout(GRACE, request).await.map_err(|_| Late::Unknown),
    }
}

/// Lets a transaction of the request under way begin, if there is time for it.
///
/// # Errors
/// The deadline has passed.
pub(super) fn check() -> Result<(), Error> {
    let has_passed = CURRENT.try_with(|deadline| {
        let has_passed = deadline.at <= Instant::now();
        deadline.was_met.fetch_or(has_passed, Ordering::AcqRel);
        has_passed
    });
    // outside of a request there is no deadline
    if has_passed.unwrap_or(false) { Err(out_of_time()) } else { Ok(()) }
}

fn out_of_time() -> Error {
    let message =
        "there was no time left for this part of the request; nothing of it was changed; send it again";
    Error::new(Kind::Unavailable, Reason::TooSlow, message).retry_after(AGAIN)
}
