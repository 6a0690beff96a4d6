//! A first sync: an identity provider finds nobody, makes everybody, and pushes its groups; the same again with more of
//! everything.

mod entra;
mod okta;
mod report;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use roster::domain::scim_token::ClientProfile;
use serde_json::Value;

use crate::{
    driver::{AsyncStep, Connection, Load, drive},
    process::Server,
    report::Figures,
    seed::{Kind, Seeded},
};

pub(crate) use report::Table;

/// How much is synced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) groups: usize,
    /// Of each group.
    pub(crate) members: usize,
}

impl Size {
    fn times(self, factor: usize) -> Self {
        Self { users: self.users * factor, groups: self.groups * factor, members: self.members }
    }
}

/// What a run is without a word about it.
const DEFAULT: Size = Size { users: 2_000, groups: 20, members: 100 };
/// Connections of a client; each takes the next user or the next group when it is done with the last one.
const CONNECTIONS: usize = 4;

/// Whose requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Okta,
    Entra,
}

impl Client {
    pub(crate) const ALL: [Self; 2] = [Self::Okta, Self::Entra];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
    }

    fn profile(self) -> ClientProfile {
        match self {
            Self::Okta => ClientProfile::Okta,
            Self::Entra => ClientProfile::Entra,
        }
    }

    fn user_agent(self) -> Option<&'static str> {
        (self == Self::Okta).then_some("Okta SCIM Client 1.0.0")
    }
}

/// A connection, and how long each request over it took.
struct Session {
    connection: Connection,
    times: Arc<Mutex<Vec<Duration>>>,
}

impl Session {
    /// What is answered, as JSON; null where there is no body.
    async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let started = Instant::now();
        let answer = self.connection.send(method, path, body).await?;
        self.times.lock().unwrap_or_else(PoisonError::into_inner).push(started.elapsed());
        if answer.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&answer)?) }
    }
}

fn id_of(resource: &Value) -> Result<String> {
    Ok(resource.get("id").and_then(Value::as_str).context("a resource without an id")?.to_owned())
}

/// The ids that the server gave the users, by their numbers.
type Ids = Arc<Vec<OnceLock<String>>>;

/// Finds no user, and makes it.
struct Users(Client, Ids);

impl AsyncStep<Session> for Users {
    async fn step(&self, session: &mut Session, number: usize) -> Result<()> {
        let id = match self.0 {
            Client::Okta => okta::user(session, number).await?,
            Client::Entra => entra::user(session, number).await?,
        };
        let _ = self.1.get(number).context("one user too many")?.set(id);
        Ok(())
    }
}

/// Finds no group, makes it, and pushes its members.
struct Groups(Client, Ids, Size);

impl AsyncStep<Session> for Groups {
    async fn step(&self, session: &mut Session, number: usize) -> Result<()> {
        let Self(client, ids, size) = self;
        let places = (0..size.members.min(size.users)).map(|place| number * size.members + place);
        let member = |place: usize| ids.get(place % size.users.max(1)).and_then(|id| id.get().cloned());
        let members: Vec<String> = places.filter_map(member).collect();
        match client {
            Client::Okta => okta::group(session, number, &members).await,
            Client::Entra => entra::group(session, number, &members).await,
        }
    }
}

/// What a sync took.
struct Run {
    size: Size,
    users: Figures,
    groups: Figures,
}

pub(crate) async fn run(kind: Kind, clients: &[Client], size: Option<Size>) -> Result<Table> {
    let sizes = match size {
        Some(size) => vec![Size { users: size.users / 10, groups: size.groups / 10, ..size }, size],
        None => vec![DEFAULT, DEFAULT.times(2), DEFAULT.times(4)],
    };
    let mut table = Table::new(format!("A first sync, {CONNECTIONS} connections ({})", kind.name()));
    for client in clients {
        let mut runs = Vec::new();
        for size in &sizes {
            runs.push(sync(kind, *client, *size).await?);
        }
        table.add(*client, &runs);
    }
    Ok(table)
}

async fn sync(kind: Kind, client: Client, size: Size) -> Result<Run> {
    let seeded = Seeded::new(kind).await?;
    let token = seeded.scim_token(client.profile()).await?;
    let server = Server::roster(&seeded.url).await?;
    let ids: Ids = Arc::new((0..size.users).map(|_| OnceLock::new()).collect());
    let users = phase(&server, (client, &token), size.users, Users(client, ids.clone())).await?;
    let groups = phase(&server, (client, &token), size.groups, Groups(client, ids, size)).await?;
    Ok(Run { size, users, groups })
}

/// One after the other over each connection; the figures are of single requests.
async fn phase(
    server: &Server,
    (client, token): (Client, &str),
    count: usize,
    step: impl AsyncStep<Session>,
) -> Result<Figures> {
    let times = Arc::<Mutex<Vec<Duration>>>::default();
    let open = || async {
        let connection = Connection::open(&server.address, token).await?.named(client.user_agent());
        Ok(Session { connection, times: times.clone() })
    };
    let load = Load { connections: CONNECTIONS, requests: count };
    let whole = drive(server, load, open, step).await?;
    let times = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    Figures::of(times, whole.elapsed, whole.cpu * u32::try_from(count)?, whole.memory)
}
