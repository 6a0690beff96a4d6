//! Answers that are given again while nothing changes: they end with a change, and each time they are recorded.

use std::time::{Duration, Instant};

use roster::{domain::scim_token::ClientProfile, storage::Pools};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Idp, pause::first_token};
use crate::{
    app::{Answer, App},
    storage::{
        Database,
        cable::{Cable, State},
        on_both_databases,
    },
};

on_both_databases! {
    a_change_here_is_told_at_once;
    a_change_elsewhere_is_told_within_a_second;
    another_instance_tells_of_a_change_at_once;
    what_nobody_told_us_of_counts_at_once_on_postgres;
    a_token_that_is_remembered_ends_at_once;
    a_pause_that_is_remembered_counts_at_once;
    each_time_is_in_the_log;
    a_walk_by_index_goes_by_what_is_there;
}

/// Longer than it takes until answers are remembered.
const A_WHILE: Duration = Duration::from_millis(300);

/// Asks again and again for a while, so that the answer is remembered; the last one.
async fn often(idp: &Idp, path: &str) -> Answer {
    let started = Instant::now();
    loop {
        let answer = idp.send("GET", path, Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        if started.elapsed() >= A_WHILE {
            return answer;
        }
    }
}

async fn rename(idp: &Idp, id: &str, title: &str) {
    let done =
        idp.patch(&format!("/Users/{id}"), json!({ "op": "replace", "path": "title", "value": title })).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

/// By its id and by a filter.
fn paths(id: &str) -> [String; 2] {
    [format!("/Users/{id}"), "/Users?filter=userName%20eq%20%22ann%22".to_owned()]
}

fn title(answer: &Answer) -> &Value {
    let listed = &answer.body["Resources"][0]["title"];
    if listed.is_null() { &answer.body["title"] } else { listed }
}

async fn a_change_here_is_told_at_once(database: Database) {
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    for (turn, path) in paths(&ann).iter().enumerate() {
        let before = often(&idp, path).await;
        let new = format!("Title {turn}");
        rename(&idp, &ann, &new).await;
        let after = idp.send("GET", path, Value::Null).await;
        assert_eq!(title(&after), &json!(new));
        assert_ne!(title(&before), &json!(new));
    }
    // the version of what is remembered is known to those who have it
    let [path, _] = paths(&ann);
    let known = often(&idp, &path).await;
    let version = known.headers["etag"].to_str().unwrap().to_owned();
    let asked = [("if-none-match".to_owned(), version)];
    assert_eq!(idp.app.scim(&idp.token, "GET", &path, &asked, None).await.status, 304);
    assert_eq!(known.headers["content-type"], "application/scim+json");
    idp.send("DELETE", &path, Value::Null).await;
    assert_eq!(idp.send("GET", &path, Value::Null).await.status, 404);
}

async fn a_change_elsewhere_is_told_within_a_second(database: Database) {
    let other = database.again().await;
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    let elsewhere = Idp { app: idp.app.beside(other).await, token: idp.token.clone() };
    for (turn, path) in paths(&ann).iter().enumerate() {
        often(&idp, path).await;
        let new = json!(format!("Title {turn}"));
        rename(&elsewhere, &ann, new.as_str().unwrap()).await;
        let started = Instant::now();
        while title(&idp.send("GET", path, Value::Null).await) != &new {
            assert!(started.elapsed() < Duration::from_secs(1), "the old answer lived on");
        }
    }
}

/// On PostgreSQL, behind a load balancer; SQLite has one server.
async fn another_instance_tells_of_a_change_at_once(database: Database) {
    if database.url.starts_with("sqlite") {
        return assert!(database.store.has_one_server());
    }
    let other = database.again().await;
    let idp = Idp::start(database).await;
    let elsewhere = Idp { app: idp.app.beside(other).await, token: idp.token.clone() };
    for turn in 0..2 {
        let name = format!("ann-{turn}");
        let look = format!("/Users?filter=userName%20eq%20%22{name}%22");
        // nobody is there, for so long that it could be remembered
        assert_eq!(often(&elsewhere, &look).await.body["totalResults"], 0);
        idp.user(&name).await;
        assert_eq!(elsewhere.send("GET", &look, Value::Null).await.body["totalResults"], 1);
    }
}

/// The ids of a page of two, and how many there are in all.
async fn two(idp: &Idp, start: usize) -> (Vec<Value>, Value) {
    let page = idp.send("GET", &format!("/Users?startIndex={start}&count=2"), Value::Null).await.body;
    let ids = page["Resources"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    (ids, page["totalResults"].clone())
}

async fn a_walk_by_index_goes_by_what_is_there(database: Database) {
    let idp = Idp::start(database).await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(json!(idp.user(&format!("user-{number}")).await));
    }
    ids.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    // for so long that it is remembered
    often(&idp, "/Users?count=1").await;
    for start in [1, 3, 5] {
        assert_eq!(two(&idp, start).await, (ids[start - 1..=start].to_vec(), json!(7)));
    }
    // between two pages
    let gone = ids.remove(1);
    idp.send("DELETE", &format!("/Users/{}", gone.as_str().unwrap()), Value::Null).await;
    assert_eq!(two(&idp, 5).await, (ids[4..6].to_vec(), json!(6)));
    assert_eq!(two(&idp, 7).await, (Vec::new(), json!(6)));
    let half = idp.send("GET", "/Users?filter=userName%20co%20%22-6%22&count=1", Value::Null).await;
    assert_eq!(half.body["totalResults"], 1);
}

/// A change that is no instance's, so that no word of it comes: it is looked for. SQLite looks ten times a second.
async fn what_nobody_told_us_of_counts_at_once_on_postgres(database: Database) {
    if database.url.starts_with("sqlite") {
        return assert!(database.store.has_one_server());
    }
    let other = database.again().await;
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    let [path, _] = paths(&ann);
    for _ in 0..3 {
        let before = often(&idp, &path).await;
        let change = other.store.transaction(|tx| async move {
            tx.execute_unprepared(r#"UPDATE "user" SET version = version + 1"#).await?;
            Ok::<_, roster::storage::Error>(())
        });
        change.await.unwrap();
        let after = idp.send("GET", &path, Value::Null).await;
        assert_ne!(after.headers["etag"], before.headers["etag"]);
    }
}

async fn a_token_that_is_remembered_ends_at_once(database: Database) {
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    let [path, _] = paths(&ann);
    let id = first_token(&idp).await;
    often(&idp, &path).await;
    let described = json!({ "scimTokenId": id, "description": "another one" });
    idp.app.ours("ScimTokenService/UpdateScimToken", described).await;
    often(&idp, &path).await;
    idp.app.ours("ScimTokenService/DeleteScimToken", json!({ "scimTokenId": id })).await;
    assert_eq!(idp.send("GET", &path, Value::Null).await.status, 401);
}

async fn a_pause_that_is_remembered_counts_at_once(database: Database) {
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    let [path, _] = paths(&ann);
    for turn in 0..2 {
        often(&idp, &path).await;
        // nobody stops it, which is remembered
        rename(&idp, &ann, &format!("Title {turn}")).await;
        idp.app.ours("ProvisioningService/PauseProvisioning", json!({ "reason": "a while" })).await;
        let change = json!({ "op": "replace", "path": "title", "value": "Late" });
        assert_eq!(idp.patch(&format!("/Users/{ann}"), change).await.status, 403);
        idp.app.ours("ProvisioningService/ResumeProvisioning", json!({})).await;
    }
}

#[tokio::test]
async fn a_database_that_falls_silent_is_not_looked_at_for_long() {
    let (database, cable) = Cable::to_postgres(Pools::default()).await;
    let idp = Idp::start(database).await;
    let ann = idp.user("ann").await;
    often(&idp, &paths(&ann)[0]).await;
    let services = &idp.app.services;
    let started = Instant::now();
    let epoch = loop {
        assert!(started.elapsed() < Duration::from_secs(5), "nothing is remembered");
        match services.epoch() {
            Some(epoch) if services.is_still(epoch).await => break epoch,
            _ => tokio::task::yield_now().await,
        }
    };
    cable.set(State::Silent);
    let looked = timeout(Duration::from_secs(5), services.is_still(epoch)).await;
    assert!(!looked.expect("the look ends"), "nobody knows");
}

async fn each_time_is_in_the_log(database: Database) {
    let idp = Idp::of(App::start(database).await).await;
    let ann = idp.user("ann").await;
    let [path, _] = paths(&ann);
    let answer = often(&idp, &path).await;
    let other = idp.app.scim_token(ClientProfile::Okta).await;
    for token in [&idp.token, &other] {
        idp.send_as(token, "GET", &path, Value::Null).await;
        let latest = idp.latest().await;
        assert_eq!(latest["request"]["path"], format!("/scim/v2{path}"));
        assert_eq!(latest["request"]["resource"]["name"], "ann", "{latest}");
        let text = latest["responseBody"]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), answer.body);
    }
    // whoever has no token is told nothing of what is remembered
    assert_eq!(idp.send_as("roster_scim_nothing", "GET", &path, Value::Null).await.status, 401);
}
