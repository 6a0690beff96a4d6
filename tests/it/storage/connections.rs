//! Connections of our own: what is given up half way leaves nothing behind, and what others change is told from what we do.

use std::time::{Duration, Instant};

use roster::storage::{Error, Pools, Store, owner_name};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::time::timeout;
use uuid::Uuid;

use super::{Database, on_both_databases};

on_both_databases! {
    a_read_that_is_given_up_leaves_its_answer_to_nobody;
    a_transaction_that_is_given_up_frees_its_connection;
    changes_of_others_are_told_from_our_own;
}

/// A statement that takes a while.
fn slow(backend: DbBackend) -> Statement {
    let sql = match backend {
        DbBackend::Postgres => "SELECT 7 FROM pg_sleep(0.3)",
        _ => {
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) \
             SELECT 7 FROM n WHERE i = 2000000"
        }
    };
    Statement::from_string(backend, sql)
}

/// A store with one connection to PostgreSQL, or one that reads a SQLite file.
async fn with_one(db: &Database) -> Store {
    let pools = Pools { connections: 1, readers: 1, ..Pools::default() };
    Store::open_with(&db.url, pools).await.unwrap()
}

async fn a_read_that_is_given_up_leaves_its_answer_to_nobody(db: Database) {
    let store = with_one(&db).await;
    let reader = store.reader();
    let backend = reader.get_database_backend();
    assert!(timeout(Duration::from_millis(20), reader.query_one_raw(slow(backend))).await.is_err());
    let next = Statement::from_string(backend, "SELECT 8");
    let row = reader.query_one_raw(next).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), 8);
    // the same connection, not one more
    assert!(store.pools().iter().all(|pool| pool.open <= 1), "{:?}", store.pools());
}

async fn a_transaction_that_is_given_up_frees_its_connection(db: Database) {
    let store = with_one(&db).await;
    let work = store.transaction(|tx| async move {
        owner_name::take(&*tx, "half", Uuid::now_v7()).await?;
        tx.query_one_raw(slow(tx.get_database_backend())).await?;
        Ok::<_, Error>(())
    });
    assert!(timeout(Duration::from_millis(60), work).await.is_err());
    let names = vec!["half".to_owned()];
    let taken = store.transaction(|tx| {
        let names = names.clone();
        async move { owner_name::taken(&*tx, &names).await }
    });
    assert!(taken.await.unwrap().is_empty(), "it was undone");
}

/// Takes a name, as a transaction of this store.
async fn change(store: &Store) {
    let name = &Uuid::now_v7().to_string();
    let taken = store.transaction(|tx| async move { owner_name::take(&*tx, name, Uuid::now_v7()).await });
    assert!(taken.await.unwrap());
}

async fn changes_of_others_are_told_from_our_own(db: Database) {
    let (store, other) = (&db.store, Store::open(&db.url).await.unwrap());
    let before = store.fingerprint().await.unwrap();
    change(&other).await;
    assert!(!store.is_as(&store.fingerprint().await.unwrap(), &before));
    // on PostgreSQL the tests beside this one change something as well, in databases of their own, but not all the time
    let started = Instant::now();
    loop {
        let before = store.fingerprint().await.unwrap();
        change(store).await;
        let after = store.fingerprint().await.unwrap();
        if store.is_as(&after, &before) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "our own: {before:?}, then {after:?}");
    }
}
