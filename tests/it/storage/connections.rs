//! Connections of our own: what is given up half way leaves nothing behind, and what others change is told from what we do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use roster::storage::{Error, Fingerprint, Pools, Store, Transaction, owner_name};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};
use uuid::Uuid;

use super::{
    Database,
    cable::{Cable, State},
    on_both_databases,
};

on_both_databases! {
    a_read_that_is_given_up_leaves_its_answer_to_nobody;
    a_transaction_that_is_given_up_frees_its_connection;
    changes_of_others_are_told_from_our_own;
    a_change_whose_commit_nobody_heard_of_is_told_like_that_of_others;
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

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        tokio::task::yield_now().await;
    }
}

async fn is_taken(store: &Store, name: &str) -> bool {
    !owner_name::taken(store.reader(), &[name.to_owned()]).await.unwrap().is_empty()
}

async fn a_change_whose_commit_nobody_heard_of_is_told_like_that_of_others(db: Database) {
    let before = match db.store.reader().get_database_backend() {
        DbBackend::Postgres => given_up_in_a_slow_commit(&db).await,
        _ => given_up_in_line_for_the_commit(&db).await,
    };
    until("it is there in the end", async || is_taken(&db.store, "unheard").await).await;
    until("and shows", async || !db.store.is_as(&db.store.fingerprint().await.unwrap(), &before)).await;
}

/// A transaction that says when it is under way, and stays until it is let go.
#[derive(Default)]
struct Gate {
    reached: Notify,
    free: Notify,
}

impl Gate {
    /// Runs `sql` there, in a task of its own.
    fn enter(self: &Arc<Self>, store: &Store, sql: &'static str) -> JoinHandle<Result<(), Error>> {
        let (store, gate) = (store.clone(), Arc::clone(self));
        let stay = async move {
            let gate = &gate;
            let work = async |tx: Transaction| {
                tx.execute_unprepared(sql).await?;
                gate.reached.notify_one();
                gate.free.notified().await;
                Ok::<_, Error>(())
            };
            store.transaction(work).await
        };
        tokio::spawn(stay)
    }
}

async fn given_up<T: std::fmt::Debug>(task: JoinHandle<T>) {
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

const TAKE: &str = "INSERT INTO owner_name VALUES ('unheard', '019ab000-0000-7000-8000-000000000001')";

/// On PostgreSQL: the commit waits for somebody else.
async fn given_up_in_a_slow_commit(db: &Database) -> Fingerprint {
    let other = Store::open(&db.url).await.unwrap();
    for sql in [
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON owner_name DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION slow()",
    ] {
        other.reader().execute_unprepared(sql).await.unwrap();
    }
    let (blocking, writing) = (Arc::<Gate>::default(), Arc::<Gate>::default());
    // ours as well, or its own end would show
    let blocker = blocking.enter(&db.store, "SELECT pg_advisory_xact_lock(7)");
    blocking.reached.notified().await;
    let writer = writing.enter(&db.store, TAKE);
    writing.free.notify_one();
    let waits = Statement::from_string(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' \
         AND wait_event_type = 'Lock'",
    );
    let waits = async || other.reader().query_one_raw(waits.clone()).await.unwrap().is_some();
    until("the commit waits", waits).await;
    given_up(writer).await;
    let before = db.store.fingerprint().await.unwrap();
    blocking.free.notify_one();
    blocker.await.unwrap().unwrap();
    before
}

/// On SQLite: the commit waits for the next one in its batch.
async fn given_up_in_line_for_the_commit(db: &Database) -> Fingerprint {
    let before = db.store.fingerprint().await.unwrap();
    let (first, second) = (Arc::<Gate>::default(), Arc::<Gate>::default());
    let writer = first.enter(&db.store, TAKE);
    first.reached.notified().await;
    let next = second.enter(&db.store, "SELECT 1");
    until("the second one waits", async || db.store.waiting() == 1).await;
    first.free.notify_one();
    second.reached.notified().await;
    given_up(writer).await;
    second.free.notify_one();
    next.await.unwrap().unwrap();
    before
}

#[tokio::test]
async fn a_database_that_is_away_for_a_while_is_waited_for() {
    let (db, cable) = Cable::to_postgres(Pools::default()).await;
    db.store.ping().await.unwrap();
    cable.set(State::Cut);
    // the connection that was there
    assert!(db.store.ping().await.is_err());
    let waiting = tokio::spawn({
        let store = db.store.clone();
        async move { store.ping().await }
    });
    let tried = cable.refused();
    until("it is tried again and again", async || cable.refused() > tried + 2).await;
    assert!(!waiting.is_finished());
    cable.set(State::Whole);
    timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_database_that_falls_silent_holds_up_nobody_for_ever() {
    let pools = Pools { connections: 1, acquire_timeout: Duration::from_millis(200), ..Pools::default() };
    let (db, cable) = Cable::to_postgres(pools).await;
    db.store.ping().await.unwrap();
    assert_eq!(db.store.pools()[0].open, 1);
    cable.set(State::Silent);
    assert!(timeout(Duration::from_millis(50), db.store.ping()).await.is_err(), "nobody answers");
    // the only connection is being cleaned for a while, and then given up
    until("the connection is given up", async || db.store.pools()[0].open == 0).await;
    cable.set(State::Whole);
    db.store.ping().await.unwrap();
}

/// As from an instance that stands still: nobody waits for it longer than that.
#[tokio::test]
async fn a_transaction_that_stands_still_holds_up_the_others_for_a_moment() {
    let db = Database::postgres().await;
    let pools = Pools { stall_timeout: Duration::from_millis(300), ..Pools::default() };
    let (frozen, other) = (Store::open_with(&db.url, pools).await.unwrap(), db.again().await);
    let (held, thawed) = (Arc::<Notify>::default(), Arc::<Notify>::default());
    let standing = tokio::spawn({
        let (held, thawed) = (Arc::clone(&held), Arc::clone(&thawed));
        async move {
            let (held, thawed) = (&held, &thawed);
            let work = frozen.transaction(|tx| async move {
                owner_name::take(&*tx, "acme", Uuid::now_v7()).await?;
                held.notify_one();
                thawed.notified().await;
                owner_name::take(&*tx, "other", Uuid::now_v7()).await
            });
            work.await
        }
    });
    held.notified().await;
    let took = other.store.transaction(async |tx| owner_name::take(&*tx, "acme", Uuid::now_v7()).await);
    assert!(timeout(Duration::from_secs(10), took).await.unwrap().unwrap(), "the name is free again");
    thawed.notify_one();
    assert!(matches!(standing.await.unwrap(), Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_statement_on_a_silent_connection_fails_after_a_while() {
    let pools = Pools { acquire_timeout: Duration::from_millis(200), ..Pools::default() };
    let (db, cable) = Cable::to_postgres(pools).await;
    db.store.ping().await.unwrap();
    cable.set(State::Silent);
    let failed = timeout(Duration::from_secs(5), db.store.ping()).await.expect("it ends by itself");
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
    cable.set(State::Whole);
    db.store.ping().await.unwrap();
}

/// It takes longer than one waits for a connection, and the database is there.
#[tokio::test]
async fn a_slow_statement_is_waited_for() {
    let db = Database::postgres().await;
    let pools = Pools { acquire_timeout: Duration::from_millis(100), ..Pools::default() };
    let store = Store::open_with(&db.url, pools).await.unwrap();
    let row = store.reader().query_one_raw(slow(DbBackend::Postgres)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), 7);
}
