//! The contract of the storage floor: one suite, run on SQLite and on PostgreSQL.

pub(crate) mod cable;
mod connections;
mod contract;
mod figures;
mod plans;
mod predicates;
mod together;

use roster::storage::{Pools, Store};
use tempfile::TempDir;

/// A fresh, empty database of one kind.
pub(crate) struct Database {
    pub(crate) store: Store,
    /// Where it can be opened again.
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("roster.db").display());
        Self { store: Store::open(&url).await.unwrap(), url, _folder: Some(folder) }
    }

    /// The database that is at `url`.
    pub(crate) async fn at(url: String, pools: Pools) -> Self {
        Self { store: Store::open_with(&url, pools).await.unwrap(), url, _folder: None }
    }

    /// A database of its own in the cluster that the test command starts.
    pub(crate) async fn postgres() -> Self {
        let url = Self::empty_postgres().await;
        Self { store: Store::open(&url).await.unwrap(), url, _folder: None }
    }

    /// As [`Self::postgres`], with every transaction SERIALIZABLE: as distributed databases that speak PostgreSQL are.
    pub(crate) async fn serializable_postgres() -> Self {
        let url = Self::empty_postgres().await;
        set(&url, "default_transaction_isolation = 'serializable'").await;
        Self { store: Store::open(&url).await.unwrap(), url, _folder: None }
    }

    /// The same database, opened once more; it must not outlive the first.
    pub(crate) async fn again(&self) -> Self {
        Self { store: Store::open(&self.url).await.unwrap(), url: self.url.clone(), _folder: None }
    }

    /// A database of its own on the primary of the standbys that the test command starts.
    pub(crate) async fn primary() -> Self {
        let url = empty_in(&cluster("ROSTER_TEST_PRIMARY")).await;
        Self { store: Store::open(&url).await.unwrap(), url, _folder: None }
    }

    /// Where a database is that has no tables yet.
    pub(crate) async fn empty_postgres() -> String {
        empty_in(&cluster("ROSTER_TEST_POSTGRES")).await
    }
}

/// The URL of a cluster that the test command starts.
pub(crate) fn cluster(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests with scripts/test, which starts the clusters")
    })
}

/// Where a new database is in the cluster at this URL.
pub(crate) async fn empty_in(cluster: &str) -> String {
    let name = format!("roster_{}", uuid::Uuid::now_v7().simple());
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(cluster).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::Executor::execute(&mut admin, create).await.unwrap();
    cluster.replace("/postgres", &format!("/{name}"))
}

/// Sets an option for all later connections to the PostgreSQL database at `url`.
async fn set(url: &str, option: &str) {
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
    let name = url.rsplit_once('/').unwrap().1;
    let alter = sqlx::AssertSqlSafe(format!("ALTER DATABASE {name} SET {option}"));
    sqlx::Executor::execute(&mut admin, alter).await.unwrap();
}

/// Runs each named function of a module on both databases; on PostgreSQL also where every transaction is SERIALIZABLE.
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* $name:ident;)*) => {
        crate::storage::as_set_up! { $($(#[$meta])* $name;)* }
        mod on_serializable_postgres {
            $($(#[$meta])* #[tokio::test] async fn $name() {
                super::$name(crate::storage::Database::serializable_postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both_databases;

/// Runs each named function of a module on both databases, as they are without settings.
macro_rules! as_set_up {
    ($($(#[$meta:meta])* $name:ident;)*) => {
        mod on_sqlite {
            $($(#[$meta])* #[tokio::test] async fn $name() {
                super::$name(crate::storage::Database::sqlite().await).await;
            })*
        }
        mod on_postgres {
            $($(#[$meta])* #[tokio::test] async fn $name() {
                super::$name(crate::storage::Database::postgres().await).await;
            })*
        }
    };
}
pub(crate) use as_set_up;
