//! Transactions that run at the same time: on SQLite they share a commit, and must not share a fate.

use std::{sync::Arc, time::Duration};

use roster::storage::{self, Error, Store, owner_name};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Database, on_both_databases};

on_both_databases! {
    what_fails_undoes_itself_alone;
    what_is_given_up_undoes_itself_alone;
    what_is_acknowledged_is_there;
    what_did_nothing_undoes_nobody;
}

/// A read, to which the database says twice that it met a transaction (SQLSTATE 40001), or was in a circle with one
/// (40P01); the count of a sequence outlives what is undone.
#[tokio::test]
async fn a_read_that_meets_a_transaction_is_tried_again_on_postgres() {
    let db = Database::postgres().await;
    let pool = sqlx::PgPool::connect(&db.url).await.unwrap();
    for sql in [
        "CREATE SEQUENCE tries",
        "CREATE FUNCTION meet(text, bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('tries') <= $2 THEN RAISE EXCEPTION 'met another one' USING ERRCODE = $1; END IF; \
         RETURN currval('tries'); END $$",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let read = async |code: &str, times: i64| {
        let sql = format!("SELECT meet('{code}', {times})");
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = db.store.reader().query_one_raw(statement).await?;
        row.unwrap().try_get_by_index::<i64>(0)
    };
    assert_eq!(read("40001", 2).await.unwrap(), 3);
    assert_eq!(read("40P01", 5).await.unwrap(), 6);
    assert!(read("22023", 1_000).await.is_err(), "another failure is told at once");
    assert_eq!(read("40001", 0).await.unwrap(), 8);
    assert!(read("40001", 1_000_000).await.is_err(), "not for ever");
}

/// Takes `name`, as one transaction.
async fn take(store: &Store, name: &str) -> Result<bool, Error> {
    store.transaction(|tx| async move { owner_name::take(&*tx, name, Uuid::now_v7()).await }).await
}

async fn is_free(store: &Store, name: &str) -> bool {
    take(store, name).await.unwrap()
}

async fn what_fails_undoes_itself_alone(db: Database) {
    let store = &db.store;
    let tasks = (0..24).map(|index| async move {
        let name = &format!("name-{index}");
        let write = store.transaction(|tx| async move {
            owner_name::take(&*tx, name, Uuid::now_v7()).await?;
            if index % 2 == 0 { Ok(()) } else { Err(storage::Error::Corrupt("test")) }
        });
        write.await.is_ok()
    });
    let kept: Vec<bool> = futures::future::join_all(tasks).await;
    for (index, kept) in kept.into_iter().enumerate() {
        assert_eq!(kept, index % 2 == 0, "{index}");
        assert_eq!(is_free(store, &format!("name-{index}")).await, !kept, "{index}");
    }
}

async fn what_is_given_up_undoes_itself_alone(db: Database) {
    let written = Arc::new(Notify::new());
    let given_up = tokio::spawn({
        let (store, written) = (db.store.clone(), written.clone());
        async move {
            let write = store.transaction(|tx| {
                let written = written.clone();
                async move {
                    owner_name::take(&*tx, "given-up", Uuid::now_v7()).await?;
                    written.notify_one();
                    std::future::pending::<Result<(), Error>>().await
                }
            });
            write.await
        }
    });
    written.notified().await;
    let others = ["one", "two", "three"].map(|name| {
        let store = db.store.clone();
        tokio::spawn(async move { take(&store, name).await })
    });
    given_up.abort();
    for other in others {
        assert!(other.await.unwrap().unwrap());
    }
    let again = Store::open(&db.url).await.unwrap();
    for name in ["one", "two", "three"] {
        assert!(!is_free(&again, name).await, "{name}");
    }
    assert!(is_free(&again, "given-up").await);
}

/// Callers that lose patience at any moment, in the middle of anything.
async fn what_is_acknowledged_is_there(db: Database) {
    let store = &db.store;
    let tasks = (0..300_u64).map(|index| async move {
        let name = format!("name-{index}");
        // every eighth stays to the end
        let patience = Duration::from_micros(if index % 8 == 0 { 60_000_000 } else { index * 997 % 300_000 });
        tokio::time::timeout(patience, take(store, &name))
            .await
            .is_ok_and(|done| done.unwrap())
            .then_some(name)
    });
    let acknowledged: Vec<String> = futures::future::join_all(tasks).await.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 38, "{acknowledged:?}");
    let again = Store::open(&db.url).await.unwrap();
    for name in acknowledged {
        assert!(!is_free(&again, &name).await, "{name} was acknowledged and is gone");
    }
}

/// Works without a statement, that fail, and that are given up before their first: among others, and alone.
async fn what_did_nothing_undoes_nobody(db: Database) {
    let store = &db.store;
    store.transaction(|_| async { Ok::<_, Error>(()) }).await.unwrap();
    let nothing = store.transaction(|_| async { Err::<(), _>(Error::Corrupt("test")) }).await;
    assert!(nothing.is_err());
    let tasks = (0..48_u64).map(|index| async move {
        let name = &format!("name-{index}");
        let write = store.transaction(|tx| async move {
            match index % 6 {
                0 => return Ok(()),
                1 => return Err(Error::Corrupt("test")),
                2 => std::future::pending::<()>().await,
                // undone with all that it did, though it was done
                3 => {
                    owner_name::take(&*tx, name, Uuid::now_v7()).await?;
                    tx.execute_unprepared("SELECT nothing").await?;
                }
                _ => drop(owner_name::take(&*tx, name, Uuid::now_v7()).await?),
            }
            Ok(())
        });
        let patience = Duration::from_millis(if index % 6 == 2 { 5 } else { 60_000 });
        (index, tokio::time::timeout(patience, write).await)
    });
    for (index, done) in futures::future::join_all(tasks).await {
        let is_kept = index % 6 > 3;
        assert_eq!(matches!(done, Ok(Ok(()))), is_kept || index % 6 == 0, "{index}: {done:?}");
        assert_eq!(is_free(store, &format!("name-{index}")).await, !is_kept, "{index}");
    }
}
