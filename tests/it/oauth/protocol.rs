//! What devices send wrongly, and how much of it.

use serde_json::{Value, json};

use super::{GRANT_TYPE, World, told};
use crate::storage::{Database, on_both_databases};

/// What a form holds.
type Fields<'a> = &'a [(&'a str, &'a str)];

on_both_databases! {
    registrations_from_one_address_are_bounded;
    codes_for_one_client_are_bounded;
}

#[tokio::test]
async fn a_client_is_registered_as_rfc_7591_says() {
    let world = World::start(Database::sqlite().await).await;
    let metadata = json!({ "client_name": "Büro", "redirect_uris": ["https://x.example"], "x": [1] });
    let (status, body) = world.register(metadata.to_string()).await;
    assert_eq!(status, 200);
    assert_eq!(body["client_id"].as_str().unwrap().len(), 32);
    assert_eq!(body["client_id_issued_at"], 1_800_000_000);
    assert_eq!((&body["client_name"], &body["client_secret"]), (&json!("Büro"), &Value::Null));
    assert_eq!(world.register("{}").await.0, 200);
    let long = json!({ "client_name": "x".repeat(256) }).to_string();
    let deceiving = json!({ "client_name": "a\u{202e}b" }).to_string();
    let [blank, filler, tagged] = ["\u{2800}", "\u{3164}\u{3164}", "Buf\u{e0043}"]
        .map(|name| json!({ "client_name": name }).to_string());
    for wrong in ["", "[]", "{\"client_name\":1}", &long, &deceiving, &blank, &filler, &tagged] {
        let (status, body) = world.register(wrong.to_owned()).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_client_metadata")), "{wrong}: {body}");
    }
    let (status, body) = world.register(vec![b' '; 17 << 10]).await;
    assert_eq!((status, &body["error"]), (413, &json!("invalid_request")));
}

#[tokio::test]
async fn codes_are_given_as_rfc_8628_says() {
    let world = World::start(Database::sqlite().await).await;
    let client = world.register("{}").await.1["client_id"].as_str().unwrap().to_owned();
    let (_, body) = told(world.form("/authorization", &[("client_id", &client), ("scope", "x")]).await).await;
    let uri = format!("{}/oauth2/device", world.app.url);
    assert_eq!(body["verification_uri"], *uri);
    let code = body["user_code"].as_str().unwrap();
    assert_eq!(body["verification_uri_complete"], format!("{uri}?user_code={code}"));
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-', "{code}");
    world.wait(3600);
    let (status, body) = told(world.form("/authorization", &[("client_id", &client)]).await).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn a_request_that_lacks_doubles_or_mistakes_a_parameter_is_refused() {
    let world = World::start(Database::sqlite().await).await;
    let device = world.device("x").await;
    let (client, code) = (("client_id", &*device.client), ("device_code", &*device.code));
    let grant = ("grant_type", GRANT_TYPE);
    let nobody = ("client_id", "00000000000000000000000000000000");
    let cases: [(&str, Fields, u16, &str); 10] = [
        ("/authorization", &[], 400, "invalid_request"),
        ("/authorization", &[("client_id", "")], 400, "invalid_request"),
        ("/authorization", &[client, client], 400, "invalid_request"),
        ("/authorization", &[("client_id", "x")], 401, "invalid_client"),
        ("/authorization", &[nobody], 401, "invalid_client"),
        ("/authorization", &[client, ("client_secret", "x")], 401, "invalid_client"),
        ("/token", &[client, code], 400, "invalid_request"),
        ("/token", &[client, grant], 400, "invalid_request"),
        ("/token", &[client, code, ("grant_type", "password")], 400, "unsupported_grant_type"),
        ("/token", &[client, ("device_code", "x"), grant], 400, "invalid_grant"),
    ];
    for (path, fields, status, error) in cases {
        let (got, body) = told(world.form(path, fields).await).await;
        assert_eq!((got, body["error"].as_str()), (status, Some(error)), "{path} {fields:?}: {body}");
    }
    let json = world.http.post(format!("{}/oauth2/device/token", world.app.url)).json(&json!({}));
    let (status, body) = told(json.send().await.unwrap()).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_request")));
    let get = world.http.get(format!("{}/oauth2/device/token", world.app.url)).send().await.unwrap();
    assert_eq!((get.status().as_u16(), get.headers()["allow"].to_str().unwrap()), (405, "POST"));
}

async fn registrations_from_one_address_are_bounded(database: Database) {
    let world = World::start(database).await;
    for _ in 0..100 {
        assert_eq!(world.register("{}").await.0, 200);
    }
    let (status, body) = world.register("{}").await;
    assert_eq!((status, body["error"].as_str()), (429, Some("temporarily_unavailable")));
    world.wait(600);
    assert_eq!(world.register("{}").await.0, 200);
}

async fn codes_for_one_client_are_bounded(database: Database) {
    let world = World::start(database).await;
    let device = world.device("x").await;
    let begin =
        async || world.form("/authorization", &[("client_id", &device.client)]).await.status().as_u16();
    for _ in 1..10 {
        assert_eq!(begin().await, 200);
    }
    assert_eq!(begin().await, 429);
}
