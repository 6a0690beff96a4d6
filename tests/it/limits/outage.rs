//! A database that goes away and comes back, and one that is full.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use roster::{
    domain::scim_token::ClientProfile,
    storage::{Connection, Error, Pools},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::PATIENCE;
use crate::{
    app::{Answer, App},
    storage::{
        Database,
        cable::{Cable, State},
    },
};

async fn create(app: &App, token: &str, name: &str) -> Answer {
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
    app.scim(token, "POST", "/Users", &[], Some(user.to_string().into_bytes())).await
}

/// That an answer of SCIM says: not now, later.
fn assert_later(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.body["status"], "503");
    assert_eq!(answer.headers["retry-after"], "1");
}

/// That Connect says so as well.
async fn assert_unavailable(app: &App) {
    let url = format!("{}/buf.alpha.registry.v1alpha1.UserService/ListUsers", app.url);
    let call = reqwest::Client::new().post(url).bearer_auth(&app.admin_token).json(&json!({}));
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "unavailable");
}

async fn assert_all_there(app: &App, token: &str, names: &[String]) {
    for name in names {
        let filter = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let found = app.scim(token, "GET", &filter, &[], None).await;
        assert_eq!(found.body["totalResults"], 1, "{name} was acknowledged and is gone");
    }
}

async fn readiness(app: &App) -> u16 {
    reqwest::get(format!("{}/readyz", app.url)).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_database_that_goes_away_under_load_is_told_and_comes_back() {
    let pools = Pools { acquire_timeout: Duration::from_millis(300), ..Pools::default() };
    let (database, cable) = Cable::to_postgres(pools).await;
    let app = Arc::new(App::start(database).await);
    let token = app.scim_token(ClientProfile::Generic).await;
    assert_eq!(readiness(&app).await, 200);

    // eight clients, that push until each has seen the outage and its end
    let clients = (0..8).map(|client| {
        let (app, token) = (Arc::clone(&app), token.clone());
        tokio::spawn(async move {
            let (mut made, mut refusals) = (Vec::new(), 0);
            for number in 0.. {
                let name = format!("user-{client}-{number}@example.com");
                let answer = create(&app, &token, &name).await;
                if answer.status == 201 {
                    made.push(name);
                    if refusals > 0 {
                        break;
                    }
                } else {
                    assert_later(&answer);
                    refusals += 1;
                }
            }
            made
        })
    });
    let clients: Vec<_> = clients.collect();
    cable.set(State::Cut);
    assert_unavailable(&app).await;
    assert_eq!(readiness(&app).await, 503);
    cable.set(State::Whole);
    for client in clients {
        let made = timeout(PATIENCE, client).await.expect("recovery in time").unwrap();
        assert_all_there(&app, &token, &made).await;
    }
    assert_eq!(readiness(&app).await, 200);
}

/// Lets the SQLite file have so many pages more than it has.
async fn give_pages(database: &Database, more: u32) {
    let give = database.store.transaction(|tx| async move {
        // a limit below what there is becomes what there is (SQLite, "PRAGMA max_page_count")
        tx.execute_unprepared("PRAGMA max_page_count = 1").await.map_err(Error::from)?;
        if more > 0 {
            tx.execute_unprepared(&format!("PRAGMA max_page_count = {more}")).await.map_err(Error::from)?;
        }
        Ok::<_, Error>(())
    });
    give.await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_lost() {
    let app = App::start(Database::sqlite().await).await;
    let token = app.scim_token(ClientProfile::Generic).await;
    give_pages(app.database(), 0).await;
    let (mut made, mut refused) = (Vec::new(), 0);
    for round in 0.. {
        let names: Vec<_> = (0..8).map(|client| format!("user-{round}-{client}@example.com")).collect();
        let answers = join_all(names.iter().map(|name| create(&app, &token, name))).await;
        for (name, answer) in names.into_iter().zip(&answers) {
            if answer.status == 201 {
                made.push(name);
            } else {
                assert_later(answer);
                refused += 1;
            }
        }
        // SQLite may undo a transaction by itself then, and the next connection knows no limit
        if refused > 0 {
            break;
        }
        assert!(made.len() < 1000, "the file grows on");
    }
    assert_all_there(&app, &token, &made).await;
    give_pages(app.database(), 1_000_000).await;
    assert_eq!(create(&app, &token, "room@example.com").await.status, 201);
    assert_all_there(&app, &token, &made).await;
}
