//! Revisions become visible in their order, whatever order transactions commit in.

use std::sync::Arc;

use roster::{
    domain::{
        actor::Caller,
        clock::Timestamp,
        id::{OrganizationId, UserId},
        membership::{Effective, MembershipChange},
        role::{OrganizationRole, RoleSource},
    },
    storage::{Error, Store, membership},
};
use tokio::sync::Notify;

use crate::storage::Database;

/// Writes an event, tells so, and commits when it may.
async fn write(store: Store, wrote: Arc<Notify>, may_commit: Arc<Notify>) {
    let now = Timestamp::from_micros(1_800_000_000_000_000);
    let held = Effective { role: OrganizationRole::Member, source: RoleSource::Direct };
    let key = (OrganizationId::generate(now), UserId::generate(now));
    let change = MembershipChange { key, before: Some(held), after: None };
    let done = store.transaction(|tx| {
        let (wrote, may_commit) = (Arc::clone(&wrote), Arc::clone(&may_commit));
        async move {
            membership::apply(&*tx, &[change], &Caller::system("test"), now).await?;
            wrote.notify_one();
            may_commit.notified().await;
            Ok::<_, Error>(())
        }
    });
    done.await.unwrap();
}

#[tokio::test]
async fn a_later_revision_waits_for_an_earlier_one_on_postgres() {
    let database = Database::postgres().await;
    let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
    let (wrote, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = tokio::spawn(write(database.store.clone(), Arc::clone(&wrote), Arc::clone(&go)));
    wrote.notified().await;
    let free = Arc::new(Notify::new());
    free.notify_one();
    let second = tokio::spawn(write(database.store.clone(), Arc::default(), free));
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = \
                   (SELECT oid FROM pg_database WHERE datname = current_database())";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 0 {
        assert!(!second.is_finished(), "the later revision is visible before the earlier one");
    }
    go.notify_one();
    first.await.unwrap();
    second.await.unwrap();
}
