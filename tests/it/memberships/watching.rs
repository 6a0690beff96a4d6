//! Whoever watches misses nothing: the stream folded over the snapshot is the table, with writers at once and
//! with readers that break off and resume.

use std::{collections::BTreeMap, sync::Arc};

use roster::{
    domain::{
        id::UserId,
        membership::MemberKey,
        page::PageRequest,
        role::OrganizationRole::{self, Admin, Machine, Member},
    },
    services::{
        membership::{
            self,
            watch::{Told, Watch, Wish},
        },
        organization::member::{self, DirectRole},
    },
};

use super::World;
use crate::storage::{Database, on_both_databases};

/// Changes of each writer.
const ROUNDS: usize = 31;
/// After so many messages a reader breaks off.
const BREAK: usize = 7;

type Folded = BTreeMap<MemberKey, OrganizationRole>;

/// Gives and takes the role of one user, again and again.
async fn write(world: Arc<World>, user: UserId) {
    for round in 0..ROUNDS {
        for &organization_id in &world.organizations {
            let direct = |role| DirectRole { organization_id, user_id: user, role };
            let (services, admin) = (&world.services, &world.admin);
            let done = match round % 3 {
                0 => member::add(services, admin, direct(Member)).await,
                1 => member::update(services, admin, direct(Machine)).await,
                _ => member::remove(services, admin, organization_id, user).await,
            };
            done.unwrap();
        }
    }
}

/// Folds until the last revision is told, and resumes after every few messages.
async fn read(world: Arc<World>, snapshot: Wish, mut last: tokio::sync::oneshot::Receiver<u64>) -> Folded {
    let (mut folded, mut wish) = (Folded::new(), snapshot);
    let (mut seen, mut end) = (0, None);
    loop {
        let mut watch = Watch::open(&world.services, world.admin.clone(), wish.clone()).await.unwrap();
        for _ in 0..BREAK {
            match watch.next().await.unwrap() {
                Told::Snapshot { members, complete } => {
                    folded.extend(members.into_iter().map(|(key, held)| (key, held.role)));
                    seen = complete.unwrap();
                }
                Told::Change(event) => {
                    assert!(event.revision > seen, "in order");
                    seen = event.revision;
                    match event.change.after {
                        Some(held) => folded.insert(event.change.key, held.role),
                        None => folded.remove(&event.change.key),
                    };
                }
                Told::Heartbeat(revision) => assert!(revision >= seen),
            }
            end = end.or_else(|| last.try_recv().ok());
            if end.is_some_and(|end| seen >= end) {
                return folded;
            }
        }
        wish = Wish { after: Some(seen), ..Wish::default() };
    }
}

async fn table(world: &World) -> Folded {
    let page = PageRequest::new(250, "", false).unwrap();
    let mut table = Folded::new();
    for &id in &world.organizations {
        let listed = membership::list_of_organization(&world.services, &world.admin, id, &page).await;
        table.extend(listed.unwrap().items.into_iter().map(|held| ((id, held.user.id), held.effective.role)));
    }
    table
}

async fn nothing_is_missed(database: Database) {
    let world = Arc::new(World::new(database.store).await);
    let (tell, last) = tokio::sync::oneshot::channel();
    let wish = Wish { snapshot: true, ..Wish::default() };
    let reader = tokio::spawn(read(Arc::clone(&world), wish, last));
    let users: Vec<_> = world.users.iter().map(|(_, user)| *user).collect();
    let writers: Vec<_> =
        users.into_iter().map(|user| tokio::spawn(write(Arc::clone(&world), user))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    // a last change, which a reader of all before it waits for
    let (organization_id, user_id) = (world.organizations[0], world.users[0].1);
    let direct = DirectRole { organization_id, user_id, role: Admin };
    member::update(&world.services, &world.admin, direct).await.unwrap();
    let question = membership::Question {
        user: roster::services::user::Ref::Id(user_id),
        organization: roster::services::user::Ref::Id(organization_id),
        least: None,
    };
    let end = membership::ask(&world.services, &world.admin, &[question]).await.unwrap().revision;
    tell.send(end).unwrap();
    assert_eq!(reader.await.unwrap(), table(&world).await);
}

on_both_databases! {
    nothing_is_missed;
}
