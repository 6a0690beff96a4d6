//! Names that are not free to everyone.

use std::{collections::BTreeSet, fs, path::Path};

use roster::{
    domain::{name, role::ServerRole, user::UserType},
    gateway::rpc::SERVICES,
    services::{
        jit,
        organization::{self, NewOrganization},
        user::Ref,
    },
};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Person, caller_of, system},
};

async fn create(services: &roster::services::Services, who: &Person, name: &str) -> Result<(), String> {
    let caller = caller_of(services, &who.token).await;
    let new = NewOrganization { name: name.to_owned(), ..NewOrganization::default() };
    let made = organization::create(services, &caller, &[new]).await;
    made.map(drop).map_err(|error| error.reason.word().to_owned())
}

async fn names_that_something_waits_for_are_for_server_admins(database: Database) {
    let server = Harness::on(database).await;
    let everyone = roster::domain::role::OrganizationRole::Member;
    let wanted =
        jit::Configuration { organizations: vec![("crowd".to_owned(), everyone)], admin_emails: vec![] };
    let services = server.services.clone().with_jit(wanted);
    let person = server.person("ann").await;
    let acme = server.organization(&server.admin, "acme").await;
    let admin = caller_of(&services, &server.admin.token).await;
    roster::services::organization_group::add(&services, &admin, acme, "Waiting", None).await.unwrap();
    for name in ["crowd", "waiting", "studio", "root", "support", "admin", "everyone", "security"] {
        assert_eq!(create(&services, &person, name).await.unwrap_err(), "NAME_RESERVED", "{name}");
        if name != "root" {
            create(&services, &server.admin, name).await.unwrap();
        }
    }
    for name in ["console", "login", "scim", "oauth2", "api", "metrics", "static", "roster"] {
        for who in [&person, &server.admin] {
            assert_eq!(create(&services, who, name).await.unwrap_err(), "INVALID_FIELD", "{name}");
        }
    }
    create(&services, &person, "studios").await.unwrap();
}

async fn a_pushed_user_gets_another_name_than_a_reserved_one(database: Database) {
    let server = Harness::on(database).await;
    for (email, username) in [
        ("support@example.com", "support1"),
        ("Studio@example.com", "studio1"),
        ("login@example.com", "login1"),
        ("root@example.com", "root1"),
        ("studio@example.org", "studio2"),
    ] {
        assert_eq!(server.push_user(email).await.user.username, username, "{email}");
    }
    // the Kelvin sign is no `k`
    let pushed = server.push_made("kelvin@example.com", "\u{212a}ing@example.com").await;
    assert_eq!(pushed.username, "ing");
}

async fn the_name_of_a_deleted_organization_is_not_free_to_others(database: Database) {
    let store = database.store.clone();
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    let owner = caller_of(&server.services, &ann.token).await;
    organization::delete(&server.services, &owner, &[Ref::Id(acme)]).await.unwrap();
    assert_eq!(create(&server.services, &bob, "acme").await.unwrap_err(), "TAKEN");
    // the owner who deleted it takes it again, and nobody after a server admin deleted it
    create(&server.services, &ann, "acme").await.unwrap();
    assert_eq!(create(&server.services, &ann, "acme").await.unwrap_err(), "TAKEN");
    organization::delete(&server.services, &system(), &[Ref::Name("acme".to_owned())]).await.unwrap();
    for who in [&ann, &bob] {
        assert_eq!(create(&server.services, who, "acme").await.unwrap_err(), "TAKEN");
    }
    assert_eq!(server.push_user("acme@example.com").await.user.username, "acme1");
    create(&server.services, &server.admin, "acme").await.unwrap();
    assert_eq!(create(&server.services, &ann, "acme").await.unwrap_err(), "TAKEN");
    assert_eq!(create(&server.services, &server.admin, "acme").await.unwrap_err(), "TAKEN");
    // and a second time, as the name of an account
    organization::delete(&server.services, &system(), &[Ref::Name("acme".to_owned())]).await.unwrap();
    server.account("acme", UserType::Machine, ServerRole::Member).await;
    server.organization(&server.admin, "gone").await;
    organization::delete(&server.services, &system(), &[Ref::Name("gone".to_owned())]).await.unwrap();
    assert_eq!(roster::storage::inspect::orphans(store.reader()).await.unwrap(), []);
}

on_both_databases! {
    names_that_something_waits_for_are_for_server_admins;
    a_pushed_user_gets_another_name_than_a_reserved_one;
    the_name_of_a_deleted_organization_is_not_free_to_others;
}

/// The first segments of the paths in `.route("/…"` of the gateways and the server, and those of the services of RPC.
fn segments() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // what stands below `/scim/v2` has no first segments of its own
            let is_nested =
                path.ends_with("gateway/scim/mod.rs") || path.ends_with("gateway/scim/endpoint.rs");
            let text = fs::read_to_string(&path).unwrap();
            for part in text.split(".route(").chain(text.split(".nest(")).skip(1) {
                let quoted = part.trim_start().strip_prefix("\"/").unwrap_or_default();
                let segment: String = quoted.chars().take_while(char::is_ascii_alphanumeric).collect();
                if !segment.is_empty() && (!is_nested || segment == "scim") {
                    found.insert(segment);
                }
            }
        }
    }
    // health and reflection
    found.insert("grpc".to_owned());
    found.extend(SERVICES.iter().filter_map(|service| Some(service.split('.').next()?.to_owned())));
    found
}

#[test]
fn every_first_segment_that_is_served_is_a_reserved_name() {
    let served = segments();
    for known in ["scim", "oauth2", "healthz", "metrics", "buf", "roster"] {
        assert!(served.contains(known), "{known} is not found: {served:?}");
    }
    let free: Vec<_> = served.iter().filter(|segment| name::check_name("name", segment).is_ok()).collect();
    assert!(free.is_empty(), "anybody could be called {free:?}");
}
