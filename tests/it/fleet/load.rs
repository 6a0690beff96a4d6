//! Three IdPs, three admins and three readers at one or more instances, and what must be so when all have ended.

use roster::{
    domain::membership::EventFilter,
    services::membership,
    storage::{
        Store,
        membership::{events, revision},
    },
};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    WRITERS,
    instance::Instance,
    model::{Acknowledged, Place},
    reader::{self, Told},
    services, soon,
    writer::{self, Client},
};
use crate::support::folded::table;

/// All who write and read, under way.
pub(super) struct Load {
    /// One at each instance; questions go to the first.
    client: Client,
    place: Place,
    acknowledged: watch::Sender<Acknowledged>,
    writers: Vec<JoinHandle<()>>,
    readers: Vec<JoinHandle<Told>>,
    tell_end: watch::Sender<Option<u64>>,
}

impl Load {
    /// Each writer does these steps.
    pub(super) async fn begin(
        instances: [&Instance; WRITERS],
        secrets: &(String, String),
        steps: impl Iterator<Item = usize> + Clone + Send + Sync + 'static,
    ) -> Self {
        let acknowledged = watch::Sender::default();
        let clients = instances.map(|instance| Client::new(instance, secrets, &acknowledged));
        let place = soon("the setup", Place::new(&clients[0])).await;
        let (tell_end, end) = watch::channel(None);
        let readers =
            clients.iter().map(|client| tokio::spawn(reader::follow(client.clone(), end.clone()))).collect();
        let work = |(n, client): (usize, &Client)| {
            tokio::spawn(writer::work(client.clone(), place.clone(), n, steps.clone()))
        };
        let writers = clients.iter().enumerate().map(work).collect();
        let [client, ..] = clients;
        Self { client, place, acknowledged, writers, readers, tell_end }
    }

    /// Waits until the writers have done so many steps, all together; how many it is then.
    pub(super) async fn reached(&self, steps: usize) -> usize {
        let mut acknowledged = self.acknowledged.subscribe();
        let done = acknowledged.wait_for(|acknowledged| acknowledged.steps >= steps);
        soon("a part of the work", done).await.unwrap().steps
    }

    /// Asks the first instance, while all others still wait for it, whether everything acknowledged is there.
    pub(super) async fn is_there(&self) {
        let told = soon("the facts", self.place.told(&self.client.ahead())).await;
        self.acknowledged.borrow().facts.are_in(&told);
    }

    /// Waits for the writers and readers; holds the facts, the memberships and what was told against each other.
    pub(super) async fn end(self, store: &Store) {
        for writer in self.writers {
            soon("the end of the writers", writer).await.unwrap();
        }
        let last = revision(store.reader()).await.unwrap();
        self.tell_end.send(Some(last)).unwrap();
        let table = table(store).await;
        for reader in self.readers {
            let told = soon("the end of the readers", reader).await.unwrap();
            let expected = after(store, told.start, last).await;
            assert_eq!(told.revisions, expected, "each change was told, and once");
            assert_eq!(told.folded.roles, table, "the stream, folded, is the table");
        }
        let facts = soon("the facts", self.place.facts(&self.client, store)).await;
        assert_eq!(facts, self.acknowledged.borrow().facts);
        assert_eq!(
            membership::check(&services(store)).await.unwrap(),
            [],
            "the table is what the facts give"
        );
    }
}

/// The revisions of all changes after one and up to another.
async fn after(store: &Store, start: u64, end: u64) -> Vec<u64> {
    let found = events(store.reader(), EventFilter::default(), (start, end), u32::MAX).await.unwrap();
    found.into_iter().map(|event| event.revision).collect()
}
