//! Several instances on one database: each tells the others of its changes (services floor).
//!
//! What one says may go unheard, so nobody relies on it: streams and reads look into the database as well, within a
//! second. Hearing only makes them faster.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{Error, News, Services, chain};
use crate::storage::{self, Listener};

/// How often an instance speaks at most: changes that come faster are told together.
const PACE: Duration = Duration::from_millis(20);
/// How long it waits before it listens again after its connection was lost.
const AGAIN: Duration = Duration::from_secs(1);

/// Listens and speaks until the server stops; not on SQLite, which one process serves.
pub async fn run(services: Services) {
    // a name of this run alone
    let name = format!("{:032x}", rand::random::<u128>());
    loop {
        match services.store.listen().await {
            Ok(None) => return,
            Ok(Some(listener)) => {
                // what was said before was not heard
                services.hear();
                match follow(&services, listener, &name).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(error = chain(&error), "no word from the other instances"),
                }
            }
            // a standby, which looks for changes alone until it becomes the primary
            Err(storage::Error::ReadOnly) => {}
            Err(error) => tracing::warn!(error = chain(&error), "no word from the other instances"),
        }
        let mut news = services.news.subscribe();
        if timeout(AGAIN, news.wait_for(|news| news.stopping)).await.is_ok() {
            return;
        }
    }
}

/// Until the server stops, or the connection is lost.
async fn follow(services: &Services, mut listener: Listener, name: &str) -> Result<(), Error> {
    let mut news = services.news.subscribe();
    let mut told = news.borrow().changes;
    loop {
        tokio::select! {
            heard = listener.hear() => {
                if heard? != name {
                    services.hear();
                }
            }
            next = next_change(&mut news, told) => {
                let Some(count) = next else { return Ok(()) };
                told = count;
                services.store.notify(name).await?;
                sleep(PACE).await;
            }
        }
    }
}

/// How many changes there were after the next one; none when the server stops.
async fn next_change(news: &mut watch::Receiver<News>, told: u64) -> Option<u64> {
    let changed = news.wait_for(|news| news.stopping || news.changes != told).await.ok()?;
    (!changed.stopping).then_some(changed.changes)
}

impl Services {
    /// Wakes whoever waits in this process for a change of another one.
    fn hear(&self) {
        self.memory.begin_epoch();
        self.news.send_modify(|news| news.heard += 1);
    }
}
