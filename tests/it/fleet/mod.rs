//! Three processes on one PostgreSQL database, all of them written to and watched, one of them killed and started again:
//! what was acknowledged is there, the memberships are what the facts give, and no stream missed a change.

mod instance;
mod model;
mod reader;
mod writer;

use std::{future::Future, sync::Arc, time::Duration};

use roster::{
    domain::{clock::SystemClock, membership::EventFilter, scim_token::ClientProfile},
    services::{Services, bootstrap, membership, scim_token},
    storage::{
        Store,
        membership::{events, revision},
    },
};
use tokio::{sync::watch, time::timeout};

use self::{
    instance::Instance,
    model::{Facts, Place},
    writer::Client,
};
use crate::{
    storage::Database,
    support::{folded::table, system},
};

/// Instances; one writer pushes by SCIM through each, and another one is an admin.
const INSTANCES: usize = 3;
/// How long any wait of this test may take.
const LONG: Duration = Duration::from_secs(45);

/// What is waited for, in time.
async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    timeout(LONG, wait).await.unwrap_or_else(|_| panic!("{what}: not within {LONG:?}"))
}

/// A server admin's API token, and a SCIM token.
async fn secrets(services: &Services) -> (String, String) {
    let (_, admin) = bootstrap::bootstrap(services, "root", None, true).await.unwrap();
    let (_, idp) = scim_token::create(services, &system(), None, ClientProfile::Generic).await.unwrap();
    (admin.reveal().to_owned(), idp.reveal().to_owned())
}

#[tokio::test]
async fn three_instances_under_load_of_which_one_is_killed_lose_nothing_on_postgres() {
    let database = Database::postgres().await;
    let services = Services::new(database.store.clone(), Arc::new(SystemClock));
    let (admin, idp) = secrets(&services).await;
    let folder = tempfile::tempdir().unwrap();
    let start = || Instance::start(folder.path(), &database.url);
    let (mut first, second, third) =
        soon("the start", async { tokio::join!(start(), start(), start()) }).await;
    let steps = watch::Sender::new(0);
    let clients: Vec<_> =
        [&first, &second, &third].map(|instance| Client::new(instance, &admin, &idp, steps.clone())).into();
    let place = soon("the setup", Place::new(&clients[0])).await;

    let (tell_end, end) = watch::channel(None);
    let readers: Vec<_> =
        clients.iter().map(|client| tokio::spawn(reader::follow(client.clone(), end.clone()))).collect();
    let writers: Vec<_> = clients
        .iter()
        .enumerate()
        .map(|(n, client)| tokio::spawn(writer::work(client.clone(), place.clone(), n)))
        .collect();

    let all = INSTANCES * writer::STEPS * 2;
    let reached = async |part: usize| {
        let mut steps = steps.subscribe();
        soon("a part of the work", steps.wait_for(|done| *done >= part)).await.unwrap();
    };
    reached(all / 3).await;
    first.kill().await;
    // its writers wait now, those of the others go on
    reached(all / 2).await;
    soon("the start again", first.start_again()).await;

    let mut facts = Facts::default();
    for writer in writers {
        facts.join(soon("the end of the writers", writer).await.unwrap());
    }
    let last = revision(database.store.reader()).await.unwrap();
    tell_end.send(Some(last)).unwrap();
    let table = table(&database.store).await;
    for reader in readers {
        let told = soon("the end of the readers", reader).await.unwrap();
        assert_eq!(
            told.revisions,
            after(&database.store, told.start, last).await,
            "each change was told, and once"
        );
        assert_eq!(told.folded.roles, table, "the stream, folded, is the table");
    }
    // the one that was killed knows everything
    assert_eq!(soon("the facts", place.facts(&clients[0], &database.store)).await, facts);
    assert_eq!(membership::check(&services).await.unwrap(), [], "the table is what the facts give");
}

/// The revisions of all changes after one and up to another.
async fn after(store: &Store, start: u64, end: u64) -> Vec<u64> {
    let found = events(store.reader(), EventFilter::default(), (start, end), u32::MAX).await.unwrap();
    found.into_iter().map(|event| event.revision).collect()
}
