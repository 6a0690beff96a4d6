//! One process on a SQLite file, killed again and again in the midst of writes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use roster::storage::{Store, inspect};

use super::{instance::Instance, load::Load, secrets, soon};

/// Kills, where `ROSTER_TEST_KILLS` does not say how many.
const KILLS: usize = 20;
/// How many more steps may be done before the next kill.
const STEPS: usize = 24;
/// How often the clients may run between a step that is done and the kill.
const TURNS: usize = 400;

/// How long after its start it may be killed again, in microseconds.
const STARTING: u64 = 100_000;

/// A number from the environment.
fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[tokio::test]
async fn a_server_that_is_killed_again_and_again_under_load_loses_nothing_on_sqlite() {
    let seed = number("ROSTER_TEST_SEED").unwrap_or_else(rand::random);
    // shown when it fails
    println!("ROSTER_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("roster.db").display());
    // closed while the server is killed: SQLite mends only a file that nobody else has open
    let before = Store::open(&url).await.unwrap();
    let secrets = secrets(&before).await;
    before.close().await.unwrap();

    let mut instance = soon("the start", Instance::start(folder.path(), &url)).await;
    let over = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&over);
    let steps = (0..).take_while(move |_| !ends.load(Ordering::Relaxed));
    let load = Load::begin([&instance; 3], &secrets, steps).await;
    let mut done = 0;
    for _ in 0..number("ROSTER_TEST_KILLS").unwrap_or(KILLS) {
        done = load.reached(done + random.random_range(0..=STEPS)).await;
        for _ in 0..random.random_range(0..=TURNS) {
            tokio::task::yield_now().await;
        }
        instance.kill().await;
        // it is not even up again, every other time
        if random.random_bool(0.5) {
            instance.start_and_kill(Duration::from_micros(random.random_range(0..=STARTING))).await;
        }
        soon("the start again", instance.start_again()).await;
        load.is_there().await;
        instance.open();
    }
    over.store(true, Ordering::Relaxed);
    let after = Store::open(&url).await.unwrap();
    load.end(&after).await;
    assert_eq!(inspect::damage(after.reader()).await.unwrap(), Vec::<String>::new());
}
