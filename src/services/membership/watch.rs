//! Every change of an effective role, as it happens (services floor).
//!
//! Who watches reads the log of events at their own pace: nothing is buffered for them but one page. A change
//! made in this process wakes them at once; those of other processes on the same database are found within
//! a second. Revisions become visible in their order (`storage::membership`), so reading on after the last one
//! skips nothing.

mod feed;
mod retention;
mod standing;

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout, timeout_at},
};

pub use self::feed::Feed;
pub(in super::super) use self::retention::{forget, forget_every};
use self::{retention::require_kept, standing::Standing};
use super::explain::{find_user, see};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{Effective, EventFilter, MemberKey, MembershipEvent},
    },
    services::{Error, Kind, News, Reason, Services, access, figures::Reader, user::Ref},
    storage,
};

/// How long what another process did may wait.
const POLL: Duration = Duration::from_secs(1);
/// How often one stream asks the database at most: changes that come faster are told together.
const PACE: Duration = Duration::from_millis(20);
/// Rows that are read at once.
const ROWS: u32 = 500;
/// How long a stream waits for the database before it ends: the right to watch may be lost meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);

/// How streams are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long nothing may be told before a heartbeat.
    pub heartbeat: Duration,
    /// How long a reader may take for one message.
    pub patience: Duration,
    /// How long events are kept, and so how long a client may be away before it resumes.
    pub keep_events: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            patience: Duration::from_secs(30),
            keep_events: Duration::from_hours(7 * 24),
        }
    }
}

/// What to watch, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Only this organization.
    pub organization: Option<Ref<OrganizationId>>,
    /// Only this user.
    pub user: Option<Ref<UserId>>,
    /// All memberships first.
    pub snapshot: bool,
    /// Every change after this revision; from now on when there is none.
    pub after: Option<u64>,
}

/// One message to who watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A part of the memberships as they are.
    Snapshot {
        /// Some memberships.
        members: Vec<(MemberKey, Effective)>,
        /// After the last part: the revision from which changes follow.
        complete: Option<u64>,
    },
    /// A change.
    Change(MembershipEvent),
    /// Nothing; everything up to this revision has been told.
    Heartbeat(u64),
}

/// A stream of messages, from [`Watch::open`] until an error; [`Watch::feed`] hands them to a reader.
#[derive(Debug)]
pub struct Watch {
    services: Services,
    standing: Standing,
    filter: EventFilter,
    news: watch::Receiver<News>,
    /// Everything up to here has been read.
    revision: u64,
    snapshot: Snapshot,
    queue: VecDeque<Told>,
    _counted: Reader,
}

/// How far the snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Snapshot {
    /// Goes on after this key.
    After(Option<MemberKey>),
    Done,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// The caller may not see the organization, or all; there is no such user; the revision is none of this
    /// server, or its events are not kept any more; a snapshot and a revision are both asked for.
    pub async fn open(services: &Services, caller: Caller, wish: Wish) -> Result<Self, Error> {
        if wish.snapshot && wish.after.is_some() {
            return Err(Invalid::new("after_revision", "must not be given together with snapshot").into());
        }
        let filter = filter(services, &caller, &wish).await?;
        // before anything is read, so that no change falls between
        let news = services.news.subscribe();
        let now = services.read_revision().await?;
        let revision = wish.after.unwrap_or(now);
        if revision > now {
            let message = format!("this server is at revision {now}; take a snapshot");
            let error = Error::precondition(Reason::RevisionUnknown, message);
            return Err(error.of_field("after_revision"));
        }
        require_kept(services, revision).await?;
        let snapshot = if wish.snapshot { Snapshot::After(None) } else { Snapshot::Done };
        let queue = if wish.snapshot { VecDeque::new() } else { VecDeque::from([Told::Heartbeat(revision)]) };
        let standing = Standing::new(caller);
        let (services, counted) = (services.clone(), Reader::new(&services.figures));
        Ok(Self { services, standing, filter, news, revision, snapshot, queue, _counted: counted })
    }

    /// The next message, when there is one.
    ///
    /// # Errors
    /// The server stops, the caller may not watch any more, or the events that come next are not kept any more.
    pub async fn next(&mut self) -> Result<Told, Error> {
        let heartbeat = Instant::now() + self.services.watching.heartbeat;
        loop {
            if self.news.borrow_and_update().stopping {
                return Err(stopping());
            }
            // also of what was read before: who lost the right is told nothing more
            if self.standing.asked().elapsed() >= PACE {
                let check = self.standing.check(&self.services, self.filter.organization);
                // while nobody can say whether the caller may still watch, nothing is told
                timeout(PATIENCE, check).await.map_err(|_| silent())??;
            }
            if self.queue.is_empty() {
                timeout(PATIENCE, self.read()).await.map_err(|_| silent())??;
            }
            if self.queue.is_empty() && Instant::now() >= heartbeat {
                self.queue.push_back(Told::Heartbeat(self.revision));
            }
            if let Some(told) = self.queue.pop_front() {
                return Ok(told);
            }
            self.wait(heartbeat).await?;
        }
    }

    /// Until something changes, or may have changed elsewhere, or a heartbeat is due.
    async fn wait(&mut self, heartbeat: Instant) -> Result<(), Error> {
        let until = heartbeat.min(Instant::now() + POLL);
        if let Ok(Err(_)) = timeout_at(until, self.news.changed()).await {
            return Err(stopping());
        }
        sleep_until(self.standing.asked() + PACE).await;
        Ok(())
    }

    /// Reads the next page: of the snapshot, then of the log.
    async fn read(&mut self) -> Result<(), Error> {
        let db = self.services.store.reader();
        if let Snapshot::After(after) = self.snapshot {
            let members = storage::membership::roles_after(db, self.filter, after, ROWS).await?;
            let more = members.len() == ROWS as usize;
            let last = members.last().map(|(key, _)| *key);
            self.snapshot = if more { Snapshot::After(last) } else { Snapshot::Done };
            let complete = (!more).then_some(self.revision);
            self.queue.push_back(Told::Snapshot { members, complete });
            return Ok(());
        }
        let until = self.services.read_revision().await?;
        if until <= self.revision {
            return Ok(());
        }
        let found = storage::membership::events(db, self.filter, (self.revision, until), ROWS).await?;
        require_kept(&self.services, self.revision).await?;
        let last = found.last().filter(|_| found.len() == ROWS as usize);
        self.revision = last.map_or(until, |event| event.revision).max(self.revision);
        self.queue.extend(found.into_iter().map(Told::Change));
        Ok(())
    }
}

async fn filter(services: &Services, caller: &Caller, wish: &Wish) -> Result<EventFilter, Error> {
    let mut filter = EventFilter::default();
    match &wish.organization {
        Some(organization) => filter.organization = Some(see(services, caller, organization).await?.id),
        None => access::require_server_admin(caller)?,
    }
    if let Some(user) = &wish.user {
        filter.user = Some(find_user(services, caller, user).await?.id);
    }
    Ok(filter)
}

fn silent() -> Error {
    let message = "the database does not answer; resume after the last revision that was read";
    Error::new(Kind::Unavailable, Reason::DatabaseUnavailable, message)
}

fn stopping() -> Error {
    let message = "the server stops; resume after the last revision that was read";
    Error::new(Kind::Unavailable, Reason::ServerStopping, message)
}
