//! What the storage floor tells of itself.

use std::sync::Arc;

use roster::storage::{Error, Pools, Store};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{Database, on_both_databases};

on_both_databases! {
    pools_tell_how_they_are_used;
    who_waits_to_begin_is_counted;
}

async fn pools_tell_how_they_are_used(db: Database) {
    db.store.ping().await.unwrap();
    let pools = db.store.pools();
    let names: Vec<_> = pools.iter().map(|pool| pool.name).collect();
    let (expected, most): (&[_], _) =
        if db.url.starts_with("sqlite") { (&["read", "write"], vec![4, 1]) } else { (&["all"], vec![10]) };
    assert_eq!(names, expected);
    assert_eq!(pools.iter().map(|pool| pool.most).collect::<Vec<_>>(), most);
    assert!(
        pools.iter().all(|pool| (1..=pool.most).contains(&pool.open) && pool.idle <= pool.open),
        "{pools:?}"
    );
}

async fn who_waits_to_begin_is_counted(db: Database) {
    let store = Store::open_with(&db.url, Pools { connections: 2, ..Pools::default() }).await.unwrap();
    assert_eq!(store.waiting(), 0);
    // more than there is room for, and none goes on before it may
    let (may, mut all) = (Arc::new(Semaphore::new(0)), JoinSet::new());
    for _ in 0..3 {
        let (store, may) = (store.clone(), Arc::clone(&may));
        all.spawn(async move {
            let work = |_| async { may.acquire().await.map(drop).map_err(|_| Error::Corrupt("closed")) };
            store.transaction(work).await
        });
    }
    while store.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(store.pools().iter().any(|pool| pool.idle < pool.open), "{:?}", store.pools());
    may.add_permits(3);
    assert!(all.join_all().await.into_iter().all(|done| done.is_ok()));
    assert_eq!(store.waiting(), 0);
}
