//! What the log keeps of bodies: no secret, and not all of a long one.

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};
use sqlx::Row as _;

use super::Idp;
use crate::{
    scim::USER,
    storage::{Database, on_both_databases},
};

on_both_databases! {
    a_long_body_is_cut;
}

const SECRET: &str = "correct-horse-battery-staple";

/// Everything that the log has in its table, as text.
async fn stored(url: &str) -> String {
    let pool = sqlx::SqlitePool::connect(url.strip_prefix("sqlite:").unwrap()).await.unwrap();
    let rows = sqlx::query("SELECT packed FROM provisioning_segment ORDER BY last_id");
    let rows = rows.fetch_all(&pool).await.unwrap();
    let unpacked = rows.iter().map(|row| zstd::stream::decode_all(row.get::<&[u8], _>(0)).unwrap());
    unpacked.map(|text| String::from_utf8(text).unwrap() + "\n").collect()
}

#[tokio::test]
async fn no_secret_is_kept() {
    let database = Database::sqlite().await;
    let url = database.url.clone();
    let idp = Idp::start(database).await;
    let entra = idp.app.scim_token(ClientProfile::Entra).await;
    let user = json!({ "schemas": [USER], "userName": "ann", "password": SECRET });
    let made = idp.send("POST", "/Users", user.clone()).await;
    assert_eq!(made.status, 201);
    let ann = format!("/Users/{}", made.body["id"].as_str().unwrap());
    idp.patch(&ann, json!({ "op": "replace", "path": "password", "value": SECRET })).await;
    idp.patch(&ann, json!({ "op": "replace", "value": { "password": SECRET } })).await;
    idp.patch(&ann, json!({ "op": "add", "path": "password", "value": [SECRET] })).await;
    idp.send_as(&entra, "PUT", &ann, user.clone()).await;
    idp.send("GET", &format!("/Users?filter=password%20eq%20%22{SECRET}%22"), Value::Null).await;
    let search = json!({ "schemas": [crate::scim::SEARCH], "filter": format!("password eq \"{SECRET}\"") });
    idp.send("POST", "/.search", search).await;
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "b", "data": user }],
    });
    idp.send("POST", "/Bulk", bulk).await;
    idp.send_as("not-a-token", "POST", "/Users", json!({ "password": SECRET })).await;
    assert_eq!(idp.log(json!({ "pageSize": 50 })).await.len(), 9);
    let stored = stored(&url).await;
    assert!(!stored.contains(SECRET), "{stored}");
    assert!(!stored.contains("roster_scim_") && !stored.contains("not-a-token"), "{stored}");
    assert!(stored.matches("[redacted]").count() >= 7, "{stored}");
}

async fn a_long_body_is_cut(database: Database) {
    let idp = Idp::start(database).await;
    let members: Vec<_> = (0..5_000).map(|n| json!({ "value": format!("nobody-{n}") })).collect();
    let body = json!({ "schemas": [crate::scim::GROUP], "displayName": "Team", "members": members });
    assert_eq!(idp.send("POST", "/Groups", body).await.status, 201);
    let found = idp.latest().await;
    let sent = &found["requestBody"];
    assert_eq!(sent["truncated"], true);
    assert!((1..=8_192).contains(&sent["text"].as_str().unwrap().len()));
    assert!(found["curl"].as_str().unwrap().contains("# the body was too long"), "{}", found["curl"]);
    assert_eq!(found["request"]["unknownMembers"].as_array().unwrap().len(), 20);
    assert_eq!(found["responseBody"]["truncated"], Value::Null);
}
