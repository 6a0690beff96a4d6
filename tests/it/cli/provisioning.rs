//! `roster provisioning`.

use serde_json::{Value, json};

use super::Desk;

#[tokio::test]
async fn the_log_is_listed_filtered_and_shown() {
    let desk = Desk::new().await;
    desk.push("Engineering", &["ann", "bob"]).await;
    let app = &desk.harness.app;
    let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    let refused = app.scim(&token, "GET", "/Users?filter=nonsense", &[], None).await;
    assert_eq!(refused.status, 400);

    let listed = desk.text(&["provisioning", "list"]).await;
    assert!(listed.starts_with("TIME"), "{listed}");
    assert!(listed.contains("user ann@example.com") && listed.contains("1 user created"), "{listed}");
    let failed = desk.text(&["provisioning", "list", "--failed", "--since", "1h"]).await;
    assert_eq!(failed.lines().count(), 2, "{failed}");
    assert!(failed.contains("400") && failed.contains("invalidFilter: "), "{failed}");
    for (filter, count) in [
        (&["--group", "engineering"][..], 1),
        (&["--user", "BOB@example.com"], 1),
        (&["--method", "post", "--status", "201"], 3),
        (&["--until", "1h"], 0),
        (&["--external-id", "nobody"], 0),
    ] {
        let found = desk.json(&[&["provisioning", "list"], filter].concat()).await;
        assert_eq!(found["requests"].as_array().map_or(0, Vec::len), count, "{filter:?}");
    }
    let group = desk.json(&["provisioning", "list", "--group", "Engineering"]).await;
    let id = group["requests"][0]["id"].as_str().unwrap();
    let shown = desk.text(&["provisioning", "show", id]).await;
    assert!(shown.starts_with("request:        POST /scim/v2/Groups\n"), "{shown}");
    for part in ["effect:", "sent:\n{", "answered:\n{", "as curl:\ncurl "] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // by the id of the request itself as well, which other commands print
    let request_id = group["requests"][0]["requestId"].as_str().unwrap();
    assert_eq!(desk.text(&["provisioning", "show", request_id]).await, shown);
    let curl = desk.text(&["provisioning", "show", id, "--curl"]).await;
    assert!(curl.starts_with("curl ") && curl.contains("$SCIM_TOKEN") && !curl.contains(&token), "{curl}");
    assert_eq!(desk.run(&["provisioning", "show", &"0".repeat(32)]).await.code, Some(5));
}

#[tokio::test]
async fn writes_are_paused_and_resumed_and_readiness_tells() {
    let desk = Desk::new().await;
    let app = &desk.harness.app;
    let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    let user =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com" });
    let (headers, user) = (super::scim_json(), user.to_string().into_bytes());
    let push = || app.scim(&token, "POST", "/Users", &headers, Some(user.clone()));
    let paused = desk.text(&["provisioning", "pause", "we look into it"]).await;
    assert!(paused.starts_with("paused: all SCIM tokens, since "), "{paused}");
    assert!(paused.ends_with(": we look into it\n"), "{paused}");
    assert_eq!(push().await.status, 403);
    let readiness = desk.run(&["provisioning", "readiness"]).await;
    assert_eq!(readiness.code, Some(10), "{}", readiness.stderr);
    assert!(readiness.stdout.contains("provisioning-paused: "), "{}", readiness.stdout);
    assert_eq!(desk.text(&["provisioning", "resume"]).await, "resumed: all SCIM tokens\n");
    assert_eq!(push().await.status, 201);
    let readiness: Value =
        serde_json::from_str(&desk.run(&["provisioning", "readiness", "--format", "json"]).await.stdout)
            .unwrap();
    assert_eq!(readiness["pauses"], Value::Null);
    let listed = desk.json(&["scim-token", "list"]).await;
    let id = listed["scimTokens"][0]["id"].as_str().unwrap();
    let paused = desk.text(&["provisioning", "pause", "this one", "--scim-token", id]).await;
    assert!(paused.contains(id), "{paused}");
    assert_eq!(
        desk.text(&["provisioning", "resume", "--scim-token", id]).await,
        format!("resumed: the SCIM token {id}\n")
    );
}

#[tokio::test]
async fn large_removals_are_listed_and_released() {
    let desk = Desk::new().await;
    assert_eq!(desk.json(&["provisioning", "removals"]).await, json!({}));
    let table = desk.text(&["provisioning", "removals"]).await;
    assert_eq!(
        table.split_whitespace().collect::<Vec<_>>(),
        ["TIME", "STATE", "MEMBERS", "TOKEN", "REQUEST", "ID"]
    );
    assert_eq!(desk.run(&["provisioning", "release", &"0".repeat(32)]).await.code, Some(5));
    let names: Vec<_> = (0..20).map(|n| format!("user{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    desk.text(&["organization", "create", "acme"]).await;
    assert_eq!(desk.run(&["group", "map", "Team", "acme"]).await.code, Some(0));
    desk.push("Team", &names).await;
    desk.text(&["organization", "members", "acme", "--all"]).await;
    let app = &desk.harness.app;
    let group = desk.json(&["group", "list"]).await["idpGroups"][0]["id"].as_str().unwrap().to_owned();
    let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "remove", "path": "members" }],
    });
    let (team, headers) = (format!("/Groups/{group}"), super::scim_json());
    let patch = app.scim(&token, "PATCH", &team, &headers, Some(body.to_string().into()));
    assert!(patch.await.status < 300);
    let table = desk.text(&["provisioning", "removals"]).await;
    assert!(table.contains("done") && table.contains("20 of 21 in acme"), "{table}");
    let removal = desk.json(&["provisioning", "removals"]).await;
    let id = removal["largeRemovals"][0]["id"].as_str().unwrap();
    assert_eq!(desk.run(&["provisioning", "release", id]).await.code, Some(7), "it took place");
}
