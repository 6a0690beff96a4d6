//! Who may do what: every RPC, by every kind of caller, as `permissions/table.txt` says.

mod echoes;
mod enums;
mod places;
mod taken_away;
mod world;

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, MethodDescriptor, prost_types::method_options::IdempotencyLevel};
use roster::{gateway::rpc::SERVICES, proto::DESCRIPTOR, services::maintenance};

use crate::{
    standby::Pair,
    storage::{Database, on_both_databases},
    support::{Harness, system},
};
use world::{CALLERS, World};

const TABLE: &str = include_str!("permissions/table.txt");

/// A line of the table.
struct Row {
    /// The method; a note may follow in the table.
    method: &'static str,
    note: &'static str,
    cells: &'static str,
    request: &'static str,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let [name, cells, request] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
            let (method, note) = name.trim_end().split_once(' ').unwrap_or((name.trim_end(), ""));
            Row { method, note, cells, request }
        })
        .collect()
}

/// Every RPC of ours and of the compatible packages, whether it is served or not.
fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(DESCRIPTOR).unwrap();
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

fn path(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

#[test]
fn every_rpc_has_a_row_for_every_caller() {
    let described: BTreeSet<_> = methods().iter().map(path).collect();
    let tabled: BTreeSet<_> = rows().iter().map(|row| row.method.to_owned()).collect();
    assert_eq!(described, tabled);
    for row in rows() {
        assert_eq!(row.cells.split(' ').count(), CALLERS, "{} {}", row.method, row.note);
    }
    let services: BTreeSet<_> =
        methods().iter().map(|method| method.parent_service().full_name().to_owned()).collect();
    assert_eq!(services, SERVICES.iter().map(|&name| name.to_owned()).collect());
}

fn only_reads(method: &MethodDescriptor) -> bool {
    let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
    options.idempotency_level() == IdempotencyLevel::NoSideEffects
}

/// What came back, as the table writes it.
fn letter(code: &str) -> &str {
    match code {
        "" => ".",
        "unauthenticated" => "U",
        "permission_denied" => "P",
        "not_found" => "N",
        "failed_precondition" => "F",
        "unimplemented" => "X",
        other => other,
    }
}

async fn every_rpc_lets_in_whom_the_table_says(database: Database) {
    let server = Harness::on(database).await;
    let mut world = World::new(&server).await;
    let methods = methods();
    let mut wrong = Vec::new();
    for row in rows() {
        let method = methods.iter().find(|method| path(method) == row.method).unwrap();
        let mut seen = Vec::new();
        for caller in 0..CALLERS {
            let code = world.call(method, row.request, caller).await;
            seen.push(letter(&code).to_owned());
            if code.is_empty() && !only_reads(method) {
                world.renew(&server, caller).await;
            }
        }
        if seen.join(" ") != row.cells {
            wrong.push(format!("{} {}: {} and not {}", row.method, row.note, seen.join(" "), row.cells));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

on_both_databases! {
    every_rpc_lets_in_whom_the_table_says;
}

/// By a server admin, whom every RPC lets in.
#[tokio::test]
async fn in_maintenance_every_rpc_that_reads_is_answered_and_every_other_refused() {
    let server = Harness::start().await;
    let world = World::new(&server).await;
    let methods = methods();
    let mut wrong = Vec::new();
    maintenance::begin(&server.services, &system(), "an upgrade").await.unwrap();
    for row in rows() {
        let method = methods.iter().find(|method| path(method) == row.method).unwrap();
        let usual = row.cells.rsplit(' ').next().unwrap();
        let is_its_own = method.parent_service().name() == "MaintenanceService";
        let reads = only_reads(method) || method.is_server_streaming() || usual == "X" || is_its_own;
        // what is not there is not changed either
        let expected = if reads || usual == "N" { usual } else { "unavailable" };
        let code = world.call(method, row.request, CALLERS - 1).await;
        if letter(&code) != expected && (usual != "N" || code != "unavailable") {
            wrong.push(format!("{} {}: {} and not {expected}", row.method, row.note, letter(&code)));
        }
        // one of them has ended it
        maintenance::begin(&server.services, &system(), "an upgrade").await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// By a server admin, whom every RPC lets in.
#[tokio::test]
async fn a_standby_answers_every_rpc_that_reads_and_refuses_every_other() {
    let pair = Pair::new().await;
    let world = World::new(&pair.primary).await.at(&pair.standby.app.url);
    pair.follow().await;
    let methods = methods();
    let mut wrong = Vec::new();
    for row in rows() {
        let method = methods.iter().find(|method| path(method) == row.method).unwrap();
        let usual = row.cells.rsplit(' ').next().unwrap();
        // a stream reads as well, but nothing that reads by GET can stream, which that level allows
        let reads = only_reads(method) || method.is_server_streaming() || usual == "X";
        let expected = if reads { usual } else { "unavailable" };
        let code = world.call(method, row.request, CALLERS - 1).await;
        if letter(&code) != expected {
            wrong.push(format!("{} {}: {} and not {expected}", row.method, row.note, letter(&code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
