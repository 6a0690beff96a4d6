//! Processes that are written to and watched while they are killed and started again: what was acknowledged is there, the
//! memberships are what the facts give, and no stream missed a change. Three on one PostgreSQL database here, and one on
//! SQLite in `killed`.

mod instance;
mod killed;
mod load;
mod model;
mod reader;
mod writer;

use std::{future::Future, sync::Arc, time::Duration};

use roster::{
    domain::{clock::SystemClock, scim_token::ClientProfile},
    services::{Services, bootstrap, scim_token},
    storage::Store,
};
use tokio::time::timeout;

use self::{instance::Instance, load::Load};
use crate::{storage::Database, support::system};

/// How many IdPs push, each beside an admin.
const WRITERS: usize = 3;
/// What each of the three instances' writers does; half of those of an IdP make or change users.
const STEPS: usize = 64;
/// How long any wait may take.
const LONG: Duration = Duration::from_secs(45);

/// What is waited for, in time.
async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    timeout(LONG, wait).await.unwrap_or_else(|_| panic!("{what}: not within {LONG:?}"))
}

/// The test's own services.
fn services(store: &Store) -> Services {
    Services::new(store.clone(), Arc::new(SystemClock))
}

/// A server admin's API token, and a SCIM token.
async fn secrets(store: &Store) -> (String, String) {
    let services = services(store);
    let (_, admin) = bootstrap::bootstrap(&services, "root", None, true).await.unwrap();
    let (_, idp) = scim_token::create(&services, &system(), None, ClientProfile::Generic).await.unwrap();
    (admin.reveal().to_owned(), idp.reveal().to_owned())
}

#[tokio::test]
async fn three_instances_under_load_of_which_one_is_killed_lose_nothing_on_postgres() {
    let database = Database::postgres().await;
    let secrets = secrets(&database.store).await;
    let folder = tempfile::tempdir().unwrap();
    let start = || Instance::start(folder.path(), &database.url);
    let (mut first, second, third) =
        soon("the start", async { tokio::join!(start(), start(), start()) }).await;
    let load = Load::begin([&first, &second, &third], &secrets, 0..STEPS).await;

    let all = WRITERS * STEPS * 2;
    load.reached(all / 3).await;
    first.kill().await;
    // its writers wait now, those of the others go on
    load.reached(all / 2).await;
    soon("the start again", first.start_again()).await;
    first.open();
    // the one that was killed is asked, and knows everything
    load.end(&database.store).await;
}
