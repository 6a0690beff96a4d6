//! The same loads with few users and with many: how much slower the middle request becomes, how long the server takes to
//! start, and how much memory it has.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::{
    check::{Asked, People, map, organization},
    creates::body,
    driver::{Load, by_turns, drive_http},
    members::add_and_remove,
    process::Server,
    reads::{by_id, by_name},
    report::{Figures, Table, short},
    seed::{Kind, Seeded},
};

/// How many users the small side has.
const FEW: usize = 10_000;

const READS: Load = Load { connections: 8, requests: 4_000 };
const PAGES: Load = Load { connections: 1, requests: 40 };
/// Users on a page.
const PAGE: usize = 100;
const CREATES: Load = Load { connections: 8, requests: 1_000 };
const MEMBERS: Load = Load { connections: 1, requests: 300 };
const CHECKS: Load = Load { connections: 8, requests: 4_000 };
/// Every one of so many as the small side has, once.
const BATCHES: Load = Load { connections: 1, requests: FEW / 1_000 };

/// What is measured, in the order of [`Side::turn`].
const NAMES: [&str; 10] = [
    "GET /Users/{id}",
    "GET /Users?filter=userName eq",
    "GET /Users?startIndex=, 100 a page, from the middle on",
    "POST /Users",
    "CheckMembership",
    "CheckMembership, again",
    "PATCH: add a member",
    "PATCH: remove a member",
    "BatchCheckMemberships of 1,000",
    "BatchCheckMemberships of 1,000, again",
];

/// A server over so many users, all of whom are members of an organization by a group, and half of whom are in a group that
/// is mapped nowhere.
struct Side {
    users: usize,
    seeded: Seeded,
    server: Server,
    starting: Duration,
    half: String,
    /// The most memory while everybody was mapped.
    mapping: u64,
}

impl Side {
    async fn new(kind: Kind, users: usize) -> Result<Self> {
        let seeded = Seeded::new(kind).await?;
        seeded.users(users).await?;
        seeded.group("Everyone", 0..users).await?;
        let half = seeded.group("Half", 0..users / 2).await?;
        seeded.settle().await?;
        let server = Server::roster(&seeded.url).await?;
        let organization = organization(&server, &seeded.api, "acme").await?;
        map(&server, &seeded.api, organization, "Everyone").await?;
        let mapping = server.peak_memory();
        server.stop().await?;
        seeded.settle().await?;
        let (server, starting) = start(&seeded).await?;
        Ok(Self { users, seeded, server, starting, half, mapping })
    }

    /// Every load once, about other users in each round. Whatever is written makes the server forget what it was asked, and
    /// both sides are asked about as many: so both remember nobody at first, and everybody when they are asked again.
    async fn turn(&self, round: usize) -> Result<[Figures; 10]> {
        let step = self.users / FEW;
        let people = People { count: FEW, step, first: round % step };
        let asked = Asked { server: &self.server, people, token: &self.seeded.api };
        let read = [self.read(round, by_id).await?, self.read(round, by_name).await?];
        let page = self.pages().await?;
        let create = self.create(round).await?;
        let check = [asked.one(CHECKS, 0).await?, asked.one(CHECKS, 0).await?];
        let [add, remove] = self.members().await?;
        let batch = [asked.batch(BATCHES, 0).await?, asked.batch(BATCHES, 0).await?];
        Ok([read[0], read[1], page, create, check[0], check[1], add, remove, batch[0], batch[1]])
    }

    async fn read(&self, round: usize, path: fn(usize) -> String) -> Result<Figures> {
        let users = self.users;
        let user = move |number| ((round * READS.requests + number) * 7_919) % users;
        let request = move |number| ("GET", path(user(number)), String::new());
        drive_http(&self.server, READS, &self.seeded.scim, request).await
    }

    /// One page after the other, as a client does that reads all.
    async fn pages(&self) -> Result<Figures> {
        let first = self.users / 2 + 1;
        let path = move |number| format!("/scim/v2/Users?startIndex={}&count={PAGE}", first + number * PAGE);
        let request = move |number| ("GET", path(number), String::new());
        drive_http(&self.server, PAGES, &self.seeded.scim, request).await
    }

    async fn create(&self, round: usize) -> Result<Figures> {
        let new = move |number| body(&format!("new{round}-{number}"));
        let request = move |number| ("POST", "/scim/v2/Users".to_owned(), new(number));
        drive_http(&self.server, CREATES, &self.seeded.scim, request).await
    }

    async fn members(&self) -> Result<[Figures; 2]> {
        add_and_remove(&self.server, &self.seeded.scim, (&self.half, self.users / 2), MEMBERS).await
    }
}

/// Starts a server, after three others whose middle time counts.
async fn start(seeded: &Seeded) -> Result<(Server, Duration)> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let server = Server::roster(&seeded.url).await?;
        times.push(server.starting);
        server.stop().await?;
    }
    times.sort_unstable();
    Ok((Server::roster(&seeded.url).await?, times.get(1).copied().context("no start")?))
}

pub(crate) async fn run(kind: Kind, users: usize) -> Result<Table> {
    let (few, many) = (Side::new(kind, FEW).await?, Side::new(kind, users).await?);
    let turns = by_turns(async |round| few.turn(round).await, async |round| many.turn(round).await).await?;
    let mut table = Table::new(format!("From {FEW} to {users} users ({})", kind.name()));
    for (name, (small, large)) in NAMES.into_iter().zip(turns) {
        table.growth((&format!("{name}: {FEW}"), small), (&format!("{name}: {users}"), large));
    }
    let (small, large) = (few.starting, many.starting);
    table.note(format!("The start took {} with {FEW} users, {} with {users}.", short(small), short(large)));
    let (small, large) = (few.server.peak_memory(), many.server.peak_memory());
    table.note(format!(
        "The most memory of these loads was {small} MiB and {large} MiB; of mapping everybody, {} MiB and {} MiB.",
        few.mapping, many.mapping
    ));
    Ok(table)
}
