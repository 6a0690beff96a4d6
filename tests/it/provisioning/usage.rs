//! How SCIM tokens are used.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::Idp;
use crate::{
    app::App,
    storage::{Database, on_both_databases},
    support::manual_clock,
};

on_both_databases! {
    a_token_tells_its_last_use_and_the_last_day;
}

async fn a_token_tells_its_last_use_and_the_last_day(database: Database) {
    let clock = manual_clock();
    let idp = Idp::of(App::with_clock(database, Arc::clone(&clock) as _).await).await;
    let list =
        async || idp.app.ours("ScimTokenService/ListScimTokens", json!({})).await["scimTokens"][0].clone();
    let unused = list().await;
    assert_eq!(unused["usage"], json!({}));
    idp.user("ann").await;
    clock.advance(Duration::from_hours(2));
    idp.send("GET", "/Users/1", Value::Null).await;
    idp.send("GET", "/Users", Value::Null).await;
    let used = list().await;
    assert_eq!(
        used["usage"],
        json!({
            "lastUseTime": "2027-01-15T10:00:00Z", "lastUseAddress": "127.0.0.1", "lastUseClient": "Okta SCIM Client 1.0.0",
            "dayRequestCount": "3", "dayFailureCount": "1",
        })
    );
    let got = idp.app.ours("ScimTokenService/GetScimToken", json!({ "scimTokenId": used["id"] })).await;
    assert_eq!(got["scimToken"], used);
    // a day later the first hour is forgotten, and the last use is not
    clock.advance(Duration::from_hours(23));
    assert_eq!(list().await["usage"]["dayRequestCount"], "2");
    clock.advance(Duration::from_hours(48));
    let idle = list().await["usage"].clone();
    assert_eq!(
        (&idle["dayRequestCount"], &idle["lastUseTime"]),
        (&Value::Null, &json!("2027-01-15T10:00:00Z"))
    );
}
