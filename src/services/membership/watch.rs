//! Every change of an effective role, as it happens (services floor).
//!
//! Who watches reads the log of events at their own pace: nothing is buffered for them but one page. A change
//! made in this process wakes them at once; those of other processes on the same database are found within
//! a second. Revisions become visible in their order (`storage::membership`), so reading on after the last one
//! skips nothing.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::explain::{find_user, see};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        id::{OrganizationId, UserId},
        membership::{Effective, EventFilter, MemberKey, MembershipEvent},
        role::ServerRole,
        user::UserState,
    },
    services::{Error, Kind, News, Reason, Services, access, user::Ref},
    storage,
};

/// How long changes of other processes may wait.
const POLL: Duration = Duration::from_secs(1);
/// How long nothing may be told, and how often it is asked whether the caller still may watch.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a reader may take for one message.
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows that are read at once.
const ROWS: u32 = 500;

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

/// A stream of messages, from [`Watch::open`] until an error.
#[derive(Debug)]
pub struct Watch {
    services: Services,
    caller: Caller,
    filter: EventFilter,
    news: watch::Receiver<News>,
    /// Everything up to here has been read.
    revision: u64,
    snapshot: Snapshot,
    queue: VecDeque<Told>,
    /// When the last message was handed over.
    handed: Instant,
    /// When the caller was last let in.
    let_in: Instant,
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
    /// server; a snapshot and a revision are both asked for.
    pub async fn open(services: &Services, caller: Caller, wish: Wish) -> Result<Self, Error> {
        if wish.snapshot && wish.after.is_some() {
            return Err(Invalid::new("after_revision", "must not be given together with snapshot").into());
        }
        let filter = filter(services, &caller, &wish).await?;
        // before anything is read, so that no change falls between
        let news = services.news.subscribe();
        let now = storage::membership::revision(services.store.reader()).await?;
        let revision = wish.after.unwrap_or(now);
        if revision > now {
            let message = format!("this server is at revision {now}; take a snapshot");
            let error = Error::precondition(Reason::RevisionUnknown, message);
            return Err(error.of_field("after_revision"));
        }
        let snapshot = if wish.snapshot { Snapshot::After(None) } else { Snapshot::Done };
        let queue = if wish.snapshot { VecDeque::new() } else { VecDeque::from([Told::Heartbeat(revision)]) };
        let (services, handed) = (services.clone(), Instant::now());
        Ok(Self { services, caller, filter, news, revision, snapshot, queue, handed, let_in: handed })
    }

    /// The next message, when there is one.
    ///
    /// # Errors
    /// The server stops, the reader was too slow, or the caller may not watch any more.
    pub async fn next(&mut self) -> Result<Told, Error> {
        if self.handed.elapsed() > PATIENCE {
            let message = "the reader is too slow; resume after the last revision that was read";
            return Err(Error::new(Kind::TooMuch, Reason::SlowReader, message));
        }
        let heartbeat = Instant::now() + HEARTBEAT;
        while self.queue.is_empty() {
            if self.news.borrow_and_update().stopping {
                return Err(stopping());
            }
            self.check_caller().await?;
            self.read().await?;
            if !self.queue.is_empty() {
                break;
            }
            if Instant::now() >= heartbeat {
                self.queue.push_back(Told::Heartbeat(self.revision));
                break;
            }
            self.wait(heartbeat).await?;
        }
        self.handed = Instant::now();
        self.queue.pop_front().ok_or_else(stopping)
    }

    /// Until something changes, or may have changed elsewhere, or a heartbeat is due.
    async fn wait(&mut self, heartbeat: Instant) -> Result<(), Error> {
        let until = heartbeat.min(Instant::now() + POLL);
        match timeout_at(until, self.news.changed()).await {
            Ok(Err(_)) => Err(stopping()),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
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
        let until = storage::membership::revision(db).await?;
        let found = storage::membership::events(db, self.filter, (self.revision, until), ROWS).await?;
        let last = found.last().filter(|_| found.len() == ROWS as usize);
        self.revision = last.map_or(until, |event| event.revision).max(self.revision);
        self.queue.extend(found.into_iter().map(Told::Change));
        Ok(())
    }

    /// Who may not see the organization any more, was switched off or is no server admin any more is told
    /// nothing more, within [`HEARTBEAT`]; who left the organization at once.
    async fn check_caller(&mut self) -> Result<(), Error> {
        let db = self.services.store.reader();
        if let Some(organization) = self.filter.organization {
            let role = access::role_in(db, &self.caller, organization).await?;
            role.ok_or_else(|| Error::not_found("organization", organization))?;
        }
        if self.let_in.elapsed() < HEARTBEAT {
            return Ok(());
        }
        self.let_in = Instant::now();
        let Some(id) = self.caller.user_id() else { return Ok(()) };
        let user = storage::user::find(db, id).await?;
        let rank = user.filter(|user| user.state == UserState::Active).map(|user| user.server_role);
        let admin = self.caller.actor.is_server_admin();
        match rank {
            Some(role) if role == ServerRole::Admin || !admin => Ok(()),
            _ => Err(Error::unauthenticated()),
        }
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

fn stopping() -> Error {
    let message = "the server stops; resume after the last revision that was read";
    Error::new(Kind::Unavailable, Reason::ServerStopping, message)
}
