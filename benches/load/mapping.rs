//! A group of 100,000 becomes an organization's members, beside one statement that writes the same rows; and how
//! long others wait meanwhile.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::{
    check::{map, organization},
    db::Db,
    driver::{Connection, by_turns},
    process::Server,
    report::{Figures, Table, short},
    seed::{Kind, Seeded},
};

const MEMBERS: usize = 100_000;

/// Takes the rows that our server wrote last away; they are written again by one statement for each table.
const TAKE: &str = "DROP TABLE IF EXISTS copy_member; DROP TABLE IF EXISTS copy_event; \
    CREATE TABLE copy_event AS SELECT * FROM membership_event WHERE organization_id = \
    (SELECT organization_id FROM membership_event ORDER BY revision DESC LIMIT 1); \
    CREATE TABLE copy_member AS SELECT * FROM organization_member WHERE organization_id = \
    (SELECT organization_id FROM copy_event LIMIT 1); \
    DELETE FROM organization_member WHERE organization_id = (SELECT organization_id FROM copy_event LIMIT 1); \
    DELETE FROM membership_event WHERE revision >= (SELECT MIN(revision) FROM copy_event)";
const WRITE: &str = "BEGIN; INSERT INTO organization_member SELECT * FROM copy_member; \
    INSERT INTO membership_event SELECT * FROM copy_event; COMMIT";

pub(crate) async fn run(kind: Kind) -> Result<Table> {
    let seeded = Seeded::new(kind).await?;
    seeded.users(MEMBERS).await?;
    seeded.group("Everyone", 0..MEMBERS).await?;
    seeded.settle().await?;
    let server = Server::roster(&seeded.url).await?;
    let waits = RefCell::new(Vec::new());
    let ours = async |round: usize| {
        let (figures, others) = map_beside_others(&seeded, &server, round).await?;
        waits.borrow_mut().extend(others);
        Ok([figures])
    };
    // in a round, our server comes first, and the baseline has its rows
    let turns = by_turns(ours, async |_| Ok([bare(&seeded.url).await?]));
    let [(ours, bare)] = turns.await?;
    let waits = waits.into_inner();
    let longest = waits.iter().max().copied().context("nobody wrote meanwhile")?;
    let mut table = Table::new(format!("Mapping a group of {MEMBERS} ({})", kind.name()));
    table.pair(("INSERT … SELECT of the same rows", bare), ("AddOrganizationGroup", ours));
    table.note(format!("{} others wrote meanwhile; the longest wait was {}.", waits.len(), short(longest)));
    Ok(table)
}

/// Maps everybody to an organization of the round's own, and tells how long others waited meanwhile.
async fn map_beside_others(
    seeded: &Seeded,
    server: &Server,
    round: usize,
) -> Result<(Figures, Vec<Duration>)> {
    let organization = organization(server, &seeded.api, &format!("acme{round}")).await?;
    let (stop, stopped) = oneshot::channel();
    let client = Connection::open(&server.address, &seeded.scim).await?;
    let others = tokio::spawn(write_meanwhile(client, round, stopped));
    let (cpu, started) = (server.cpu(), Instant::now());
    map(server, &seeded.api, organization, "Everyone").await?;
    let (elapsed, cpu) = (started.elapsed(), server.cpu().saturating_sub(cpu));
    let _ = stop.send(());
    Ok((figures(elapsed, cpu, server.peak_memory())?, others.await??))
}

fn figures(elapsed: Duration, cpu: Duration, memory: u64) -> Result<Figures> {
    let cpu = cpu / u32::try_from(MEMBERS)?;
    Ok(Figures { requests: MEMBERS, elapsed, p50: elapsed, p99: elapsed, cpu, memory })
}

/// Creates users one after the other until it is told to stop, and tells how long each took.
async fn write_meanwhile(
    mut client: Connection,
    round: usize,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"other{round}-{}@example.com"}}"#,
            waits.len()
        );
        let started = Instant::now();
        client.send("POST", "/scim/v2/Users", body).await?;
        waits.push(started.elapsed());
    }
    Ok(waits)
}

/// Writes the rows of the last mapping again, in one transaction.
async fn bare(url: &str) -> Result<Figures> {
    let mut db = Db::durable(url).await?;
    db.run(TAKE).await?;
    let started = Instant::now();
    db.run(WRITE).await?;
    let elapsed = started.elapsed();
    figures(elapsed, elapsed, 0)
}
