//! What the log keeps no longer.

use std::{sync::Arc, time::Duration};

use roster::services::provisioning::{
    Settings,
    log::{LogSettings, prune},
};
use serde_json::{Value, json};

use super::Idp;
use crate::{
    app::App,
    storage::{Database, on_both_databases},
    support::manual_clock,
};

on_both_databases! {
    what_is_too_old_goes;
    the_oldest_of_what_is_too_much_goes;
}

async fn paths(idp: &Idp) -> Vec<String> {
    let text = |request: &Value| request["path"].as_str().unwrap().trim_start_matches("/scim/v2").to_owned();
    idp.log(json!({ "pageSize": 250 })).await.iter().map(text).collect()
}

async fn what_is_too_old_goes(database: Database) {
    let clock = manual_clock();
    let log = LogSettings { retention: Duration::from_hours(24), ..LogSettings::default() };
    let app =
        App::provisioned(database, Arc::clone(&clock) as _, Settings { log, ..Settings::default() }).await;
    let idp = Idp::of(app).await;
    idp.send("GET", "/Users/1", Value::Null).await;
    // what is written together goes together, and reading writes what waits
    assert_eq!(paths(&idp).await, ["/Users/1"]);
    clock.advance(Duration::from_hours(12));
    idp.send("GET", "/Users/2", Value::Null).await;
    assert_eq!(paths(&idp).await, ["/Users/2", "/Users/1"]);
    assert_eq!(prune(&idp.app.services).await.unwrap(), 0);
    clock.advance(Duration::from_hours(13));
    // the server's own job may have come first, so what is left counts, and not who deleted it
    prune(&idp.app.services).await.unwrap();
    assert_eq!(paths(&idp).await, ["/Users/2"]);
    // what it was about is gone with it
    assert_eq!(idp.log(json!({ "user": "1" })).await, Vec::<Value>::new());
}

async fn the_oldest_of_what_is_too_much_goes(database: Database) {
    let clock = manual_clock();
    let log = LogSettings { max_bytes: 10_000, ..LogSettings::default() };
    let app =
        App::provisioned(database, Arc::clone(&clock) as _, Settings { log, ..Settings::default() }).await;
    let idp = Idp::of(app).await;
    for n in 0..1_300 {
        idp.send("GET", &format!("/Users/{n}"), Value::Null).await;
        clock.advance(Duration::from_millis(1));
    }
    idp.log(json!({})).await;
    let deleted = prune(&idp.app.services).await.unwrap();
    let left = paths(&idp).await;
    assert_eq!(deleted + u64::try_from(left.len()).unwrap(), 1_300);
    // how many go together is up to the timer of the log, which a busy machine delays
    assert!((1..1_300).contains(&left.len()), "{}", left.len());
    let expected: Vec<_> = (0..1_300).rev().take(left.len()).map(|n| format!("/Users/{n}")).collect();
    assert_eq!(left, expected);
    assert_eq!(prune(&idp.app.services).await.unwrap(), 0);
}
