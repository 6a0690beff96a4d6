//! A mapping reaches a large group in steps, and whatever happens between them, memberships follow the facts.

use std::{sync::Arc, time::Duration};

use roster::{
    domain::{
        idp_group::MemberChange,
        membership::EventFilter,
        organization::{OrganizationGroup, Rollout},
        role::OrganizationRole,
    },
    services::{Services, job, membership, organization_group},
    storage::{self, Store, organization_group::rollout as stored},
};

use super::World;
use crate::{
    storage::{Database, on_both_databases},
    support::manual_clock,
};

on_both_databases! {
    all_members_are_reached_and_told_of_once;
    what_was_interrupted_is_true_and_goes_on;
    what_was_interrupted_goes_on_by_itself;
    mapping_it_again_finishes_it;
    an_unmapped_group_is_reached_no_further;
}

/// A world whose first group has all users.
async fn full(store: &Store) -> World {
    let world = World::new(store.clone()).await;
    let all = world.users.iter().map(|(id, _)| id.to_string()).collect();
    world.members(0, MemberChange::Add(all)).await.unwrap();
    world
}

async fn map(world: &World) {
    let (services, organization) = (&world.services, world.organizations[0]);
    organization_group::add(services, &world.admin, organization, "group 0", Some(OrganizationRole::Machine))
        .await
        .unwrap();
}

async fn mapping(world: &World, store: &Store) -> OrganizationGroup {
    let found = storage::organization_group::find(store.reader(), world.organizations[0], "group 0").await;
    found.unwrap().unwrap()
}

/// As if the instance had gone away when the first two members were reached.
async fn interrupt(world: &World, store: &Store) {
    let id = mapping(world, store).await.id;
    let mut members: Vec<_> = world.users.iter().map(|(_, user)| *user).collect();
    members.sort();
    let (reached, caller) = (members[1], &world.admin);
    let now = world.services.now();
    let rollout = Rollout::new(id, caller);
    store.transaction(async |tx| stored::put(&*tx, &rollout, reached, now).await).await.unwrap();
    let gone = membership::check(&world.services).await.unwrap();
    assert_eq!(gone.len(), 2, "{gone:?}");
    let changes = &gone;
    store.transaction(async |tx| storage::membership::apply(&*tx, changes, caller, now).await).await.unwrap();
}

/// The members through the group; everything derived agrees with the facts.
async fn reached(world: &World, store: &Store) -> usize {
    assert_eq!(membership::check(&world.services).await.unwrap(), []);
    let organization = world.organizations[0];
    // one more is the admin who made it
    storage::membership::list_user_ids(store.reader(), organization).await.unwrap().len() - 1
}

/// The new members of organizations that are counted for whoever watches the server.
fn added(world: &World) -> u64 {
    let [(_, added), ..] = world.services.figures().membership_changes;
    added
}

async fn all_members_are_reached_and_told_of_once(database: Database) {
    let store = database.store;
    let world = full(&store).await;
    let before = storage::membership::revision(store.reader()).await.unwrap();
    let counted = added(&world);
    map(&world).await;
    assert_eq!(reached(&world, &store).await, 4);
    let after = storage::membership::revision(store.reader()).await.unwrap();
    let events = storage::membership::events(store.reader(), EventFilter::default(), (before, after), 100)
        .await
        .unwrap();
    assert_eq!(events.len(), 4);
    let request = &world.admin.request_id;
    assert!(events.iter().all(|event| event.change.before.is_none() && event.request_id == *request));
    assert_eq!(stored::find(store.reader(), mapping(&world, &store).await.id).await.unwrap(), None);
    assert_eq!(added(&world), counted + 4);
}

async fn what_was_interrupted_is_true_and_goes_on(database: Database) {
    let store = database.store;
    let mut world = full(&store).await;
    let clock = manual_clock();
    world.services = Services::new(store.clone(), Arc::clone(&clock) as _).with_rollout_step(1);
    map(&world).await;
    interrupt(&world, &store).await;
    assert_eq!(reached(&world, &store).await, 2);
    // pushed meanwhile, and not reached yet
    let last = world.users.iter().max_by_key(|(_, user)| *user).unwrap().0.to_string();
    for change in [MemberChange::Remove(vec![last.clone()]), MemberChange::Add(vec![last])] {
        world.members(0, change).await.unwrap();
        assert_eq!(reached(&world, &store).await, 2);
    }
    organization_group::resume(&world.services).await.unwrap();
    assert_eq!(reached(&world, &store).await, 2, "somebody may still be at it");
    clock.advance(Duration::from_secs(31));
    organization_group::resume(&world.services).await.unwrap();
    assert_eq!(reached(&world, &store).await, 4);
}

/// By any instance that runs, without anybody's asking.
async fn what_was_interrupted_goes_on_by_itself(database: Database) {
    let store = database.store;
    let world = full(&store).await;
    map(&world).await;
    interrupt(&world, &store).await;
    let running = tokio::spawn(job::resume_rollouts(world.services.clone()));
    let id = mapping(&world, &store).await.id;
    while stored::find(store.reader(), id).await.unwrap().is_some() {
        assert!(!running.is_finished());
    }
    running.abort();
    assert_eq!(reached(&world, &store).await, 4);
}

async fn mapping_it_again_finishes_it(database: Database) {
    let store = database.store;
    let world = full(&store).await;
    map(&world).await;
    interrupt(&world, &store).await;
    map(&world).await;
    assert_eq!(reached(&world, &store).await, 4);
}

async fn an_unmapped_group_is_reached_no_further(database: Database) {
    let store = database.store;
    let world = full(&store).await;
    map(&world).await;
    interrupt(&world, &store).await;
    let id = mapping(&world, &store).await.id;
    let (services, organization) = (&world.services, world.organizations[0]);
    organization_group::remove(services, &world.admin, organization, "group 0").await.unwrap();
    assert_eq!(reached(&world, &store).await, 0);
    assert_eq!(stored::find(store.reader(), id).await.unwrap(), None);
}
