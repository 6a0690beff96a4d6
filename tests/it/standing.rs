//! Access that is taken away while requests are in flight: what was let in a moment ago writes nothing any more.
//!
//! Every RPC that writes is walked in `rpc::permissions::taken_away`.

mod deadlocks;
mod device;
mod flight;
mod last_admin;
mod late;
mod scim;

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use roster::{
    services::Interlude,
    storage::{Connection, Store},
};
use sea_orm::Statement;

type Work = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What happens once, between the authentication of the next request that writes and its transaction.
#[derive(Clone, Default)]
pub(crate) struct Between(Arc<Mutex<Option<Work>>>);

impl Between {
    pub(crate) fn interlude(&self) -> Interlude {
        let slot = Arc::clone(&self.0);
        Interlude::new(move || {
            let work = slot.lock().unwrap().take();
            async move {
                if let Some(work) = work {
                    work().await;
                }
            }
        })
    }

    /// Lets this happen, and returns what is written in `store` right after it.
    pub(crate) fn put<Fut: Future<Output = ()> + Send + 'static>(
        &self,
        store: &Store,
        work: impl FnOnce() -> Fut + Send + 'static,
    ) -> Afterwards {
        let (afterwards, store) = (Afterwards::default(), store.clone());
        let kept = afterwards.clone();
        let work: Work = Box::new(move || {
            Box::pin(async move {
                work().await;
                let written = written(&store).await;
                *kept.0.lock().unwrap() = Some(written);
            })
        });
        *self.0.lock().unwrap() = Some(work);
        afterwards
    }
}

/// What was written when the access was gone.
#[derive(Clone, Default)]
pub(crate) struct Afterwards(Arc<Mutex<Option<Vec<i64>>>>);

impl Afterwards {
    /// Whether the access was taken away, and nothing was written since then.
    pub(crate) async fn nothing_came(&self, store: &Store) -> bool {
        let then = self.0.lock().unwrap().clone();
        then == Some(written(store).await)
    }
}

/// Tables that requests write to.
const TABLES: [&str; 12] = [
    "audit_event",
    "membership_event",
    "\"user\"",
    "token",
    "scim_token",
    "organization",
    "organization_role",
    "organization_group",
    "idp_group",
    "idp_group_member",
    "jit_organization",
    "scim_resource",
];

/// How many rows each of the tables has, and how often users have changed: what a write changes.
pub(crate) async fn written(store: &Store) -> Vec<i64> {
    let counts = TABLES.map(|table| format!("(SELECT COUNT(*) FROM {table})")).join(", ");
    let sql = format!(r#"SELECT {counts}, (SELECT CAST(SUM(version) AS bigint) FROM "user")"#);
    let reader = store.reader();
    let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await;
    let row = row.unwrap().unwrap();
    (0..=TABLES.len()).map(|column| row.try_get_by_index(column).unwrap()).collect()
}
