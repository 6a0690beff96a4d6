//! Pushes that are under way while their user is merged: each takes effect, on the account that there is then.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures::future::join_all;
use roster::services::membership;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{account, ask};
use crate::{
    storage::{Database, as_set_up},
    support::Harness,
};

/// How many connections of the IdP push.
const LOOPS: usize = 6;
/// How many pushes come before the merge.
const BEFORE: usize = 12;

async fn pushes_in_flight_find_the_merged_account(database: Database) {
    let server = Harness::on(database).await;
    tokio::spawn(server.services.clone().look_for_changes());
    let staff = server.person("staff0").await;
    let (_, token) = server.scim_token().await;
    let json = [("content-type".to_owned(), "application/scim+json".to_owned())];
    let body = json!({ "schemas": [crate::scim::USER], "userName": "staff0@corp.com" }).to_string();
    let made = server.app.scim(&token, "POST", "/Users", &json, Some(body.into_bytes())).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let groups = [server.push_group("One", &[]).await, server.push_group("Two", &[]).await];
    let organization = server.organization(&server.admin, "acme").await;
    super::map(&server, organization, "One", 0).await;
    let message = |operation: Value| json!({ "schemas": [crate::scim::PATCH], "Operations": [operation] });
    let member = json!([{ "value": id }]);
    let pushes = [
        (format!("/Users/{id}"), message(json!({ "op": "add", "path": "title", "value": "$n" }))),
        (
            format!("/Groups/{}", groups[0]),
            message(json!({ "op": "add", "path": "members", "value": member })),
        ),
        (
            format!("/Groups/{}", groups[1]),
            message(json!({ "op": "add", "path": "members", "value": member })),
        ),
    ];
    let (stop, sent, enough) =
        (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default(), Arc::new(Notify::new()));
    let tasks = (0..LOOPS).map(|n| {
        let (stop, sent, enough) = (Arc::clone(&stop), Arc::clone(&sent), Arc::clone(&enough));
        let (path, body) = pushes[n % pushes.len()].clone();
        let (url, token) = (format!("{}/scim/v2{path}", server.app.url), token.clone());
        tokio::spawn(async move {
            let http = reqwest::Client::new();
            for round in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let body = body.to_string().replace("$n", &format!("{n}-{round}"));
                let request = http.patch(&url).bearer_auth(&token);
                let request = request.header("content-type", "application/scim+json").body(body);
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), 200, "{url}: {}", answer.text().await.unwrap());
                if sent.fetch_add(1, Ordering::Relaxed) + 1 == BEFORE {
                    enough.notify_one();
                }
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    enough.notified().await;
    ask(&server, "MergeUsers", "staff01", "staff0").await.unwrap();
    stop.store(true, Ordering::Relaxed);
    for done in join_all(tasks).await {
        done.unwrap();
    }
    assert_eq!(account(&server, "staff0").await["scimId"], id.as_str());
    assert!(membership::check(&server.services).await.unwrap().is_empty());
    assert!(server.members_of(organization).await.contains("staff0"));
    for group in groups {
        let request = json!({ "idpGroupId": group.to_string() });
        let members =
            server.ask_admin("roster.v1.IdpGroupService/ListIdpGroupMembers", request).await.unwrap();
        let members = members["members"].as_array().unwrap().clone();
        assert_eq!((members.len(), &members[0]["userId"]), (1, &json!(staff.id())), "{members:?}");
    }
    let told = server.ask_admin("roster.v1.ProvisioningService/GetReadiness", json!({})).await.unwrap();
    assert!(!told.to_string().contains("UNKNOWN_GROUP_MEMBERS"), "{told}");
}

as_set_up! {
    pushes_in_flight_find_the_merged_account;
}
