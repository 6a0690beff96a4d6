//! What those who run a server do: back up, restore, look for what is wrong, move, upgrade.

mod backup;
mod copy;
mod doctor;
mod links;
mod pooled;
mod read_only;
mod start;
mod upgrade;

use std::{path::Path, sync::Arc};

use roster::{
    domain::{actor::Caller, clock::SystemClock, role::ServerRole, user::UserType},
    services::{Services, user},
    storage::Store,
};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::process::{Ended, run};

/// Writes SQL behind Roster's back.
async fn meddle(folder: &Path, sql: &str) {
    meddle_in(folder, "roster.db", sql).await;
}

/// The same in another file.
async fn meddle_in(folder: &Path, file: &str, sql: &str) {
    let options =
        SqliteConnectOptions::new().filename(folder.join(file)).create_if_missing(true).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// A database with a server admin in it.
async fn bootstrapped(folder: &Path) {
    done(&run(folder, &["bootstrap"]).await);
}

async fn add_user(folder: &Path, name: &str) {
    let store = Store::open(&format!("sqlite:{}", folder.join("roster.db").display())).await.unwrap();
    let services = Services::new(store, Arc::new(SystemClock));
    let new = user::NewUser {
        username: name.to_owned(),
        email: None,
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    user::create(&services, &Caller::system("test"), &new).await.unwrap();
    services.close().await.unwrap();
}

fn done(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
