//! Schema and data: A1 to A26.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a1_schemas_name_what_the_resource_is_made_of() {
    let client = Client::start().await;
    for schemas in [json!([]), json!([GROUP]), json!("x"), json!([5])] {
        let answer = client.post("/Users", json!({ "schemas": schemas, "userName": "a" })).await;
        assert!([Some("invalidValue"), Some("invalidSyntax")].contains(&answer.body["scimType"].as_str()));
        assert_eq!(answer.status, 400, "{schemas}");
    }
    refused(&client.post("/Users", json!({ "userName": "a" })).await, 400, Some("invalidValue"));
    let twice = client.user("twice", json!({ "schemas": [USER, USER] })).await;
    assert_eq!(twice["schemas"], json!([USER]));
    let extended =
        client.user("more", json!({ "schemas": [USER], ENTERPRISE: { "department": "IT" } })).await;
    assert_eq!(extended["schemas"], json!([USER, ENTERPRISE]));
    let foreign = json!({ "schemas": [USER, "urn:unknown"], "userName": "b" });
    let made = client.post("/Users", foreign.clone()).await;
    assert_eq!((made.status, &made.body["schemas"]), (201, &json!([USER])), "left out, and told in the log");
    let strict = client.with_profile(ClientProfile::Strict).await;
    refused(&strict.post("/Users", foreign).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn a2_a4_the_server_makes_id_and_meta() {
    let client = Client::start().await;
    let sent = json!({ "id": "mine", "meta": { "resourceType": "Group", "version": "9", "created": "x" } });
    let made = client.user("a", sent).await;
    let id = made["id"].as_str().unwrap();
    assert!(id != "mine" && !id.contains("bulkId"));
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(made["meta"]["created"], made["meta"]["lastModified"]);
    assert_eq!(made["meta"]["location"], format!("{}/scim/v2/Users/{id}", client.app.url));
    let read = client.get(&path_of(&made)).await;
    assert_eq!(read.headers["etag"].to_str().unwrap(), made["meta"]["version"].as_str().unwrap());
    assert_eq!(read.body, made);
    assert_eq!(client.get(&format!("/Users/{}", id.to_uppercase())).await.status, 404, "ids are case-exact");
    assert_eq!(client.get(&format!("/Groups/{id}")).await.status, 404, "unique over all resources");
    client.delete(&path_of(&made)).await;
    assert_ne!(client.user("a", json!({})).await["id"], made["id"], "never used again");
}

#[tokio::test]
async fn a3_external_ids_are_kept_case_exact() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "externalId": "00uAbC" })).await;
    assert_eq!(made["externalId"], "00uAbC");
    assert_eq!(client.names(r#"/Users?filter=externalId eq "00uAbC""#).await, ["a"]);
    assert!(client.names(r#"/Users?filter=externalId eq "00uabc""#).await.is_empty());
    let group = json!({ "schemas": [GROUP], "displayName": "g", "externalId": "Ext-G" });
    assert_eq!(client.post("/Groups", group).await.body["externalId"], "Ext-G");
    assert_eq!(client.names(r#"/Groups?filter=externalId eq "Ext-G""#).await, ["g"]);
}

#[tokio::test]
async fn a5_times_have_date_time_and_offset() {
    let client = Client::start().await;
    let made = client.user("a", json!({})).await;
    for name in ["created", "lastModified"] {
        let time = made["meta"][name].as_str().unwrap();
        assert!(time.contains('T') && time.ends_with('Z'), "{time}");
    }
}

#[tokio::test]
async fn a6_a7_a25_values_are_of_their_type() {
    let client = Client::start().await;
    let bad = [
        json!({ "active": "yes" }),
        json!({ "active": 1 }),
        json!({ "title": 5 }),
        json!({ "title": { "value": "x" } }),
        json!({ "name": "x" }),
        json!({ "name": { "givenName": { "value": "x" } } }),
        json!({ "emails": [{ "value": 1 }] }),
        json!({ "emails": [{ "value": "a@x", "primary": "x" }] }),
        json!({ "profileUrl": "not a uri" }),
        json!({ "x509Certificates": [{ "value": "§§" }] }),
        json!({ "externalId": 5 }),
        json!({ ENTERPRISE: "x" }),
        json!({ ENTERPRISE: { "manager": { "value": 5 } } }),
    ];
    for attributes in bad {
        let answer = client.post("/Users", user("bad", attributes.clone())).await;
        assert_eq!(answer.status, 400, "{attributes}: {}", answer.body);
        refused(&answer, 400, Some("invalidValue"));
    }
    // what can mean only one thing is understood, and to the letter refused
    let strict = client.with_profile(ClientProfile::Strict).await;
    let mut forms = [json!("a@x"), json!({ "value": "a@x" }), json!(["a@x"])]
        .map(|emails| json!({ "emails": emails }))
        .to_vec();
    forms.extend([json!({ "title": ["x"] }), json!({ "active": "true" })]);
    for attributes in forms {
        refused(&strict.post("/Users", user("bad", attributes)).await, 400, Some("invalidValue"));
    }
}

#[tokio::test]
async fn a8_names_have_no_case() {
    let client = Client::start().await;
    let body = json!({
        "SCHEMAS": [USER.to_uppercase()], "USERNAME": "a", "Name": { "GIVENNAME": "G" },
        ENTERPRISE.to_uppercase(): { "DEPARTMENT": "IT" },
    });
    let made = client.post("/Users", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!((&made.body["userName"], &made.body["name"]["givenName"]), (&json!("a"), &json!("G")));
    assert_eq!(made.body[ENTERPRISE]["department"], "IT");
    assert_eq!(client.names(r#"/Users?filter=NAME.GivenName EQ "g""#).await, ["a"]);
    let shown = client.get(&format!("{}?attributes=NAME.givenname", path_of(&made.body))).await.body;
    assert_eq!(shown["name"], json!({ "givenName": "G" }));
    let changed = client
        .patch(&path_of(&made.body), json!([{ "op": "replace", "path": "NAME.GIVENNAME", "value": "H" }]))
        .await;
    assert_eq!(changed.body["name"]["givenName"], "H");
}

#[tokio::test]
async fn a9_null_and_empty_mean_unassigned() {
    let client = Client::start().await;
    let made = client.user(
        "a",
        json!({ "title": null, "emails": [], "nickName": "N", "phoneNumbers": [{ "value": "1" }] }),
    );
    let made = made.await;
    assert!(made.get("title").is_none() && made.get("emails").is_none());
    let path = path_of(&made);
    let changed = client.put(&path, user("a", json!({ "nickName": null, "phoneNumbers": [] }))).await.body;
    assert!(changed.get("nickName").is_none() && changed.get("phoneNumbers").is_none(), "{changed}");
    let patched = client.patch(&path, json!([{ "op": "add", "value": { "title": "T" } }])).await.body;
    assert_eq!(patched["title"], "T");
    let cleared =
        client.patch(&path, json!([{ "op": "replace", "path": "title", "value": null }])).await.body;
    assert!(cleared.get("title").is_none(), "{cleared}");
}

#[tokio::test]
async fn a10_a11_one_primary_and_no_value_twice() {
    let client = Client::start().await;
    let two = json!({ "emails": [{ "value": "a@x", "primary": true }, { "value": "b@x", "primary": true }] });
    refused(&client.post("/Users", user("a", two)).await, 400, Some("invalidValue"));
    let twice = json!({ "emails": [{ "value": "a@x", "type": "work" }, { "value": "a@x", "type": "work" }] });
    assert_eq!(client.user("a", twice).await["emails"], json!([{ "value": "a@x", "type": "work" }]));
}

#[tokio::test]
async fn a12_a13_user_names_are_unique_without_case_and_prepared() {
    let client = Client::start().await;
    for missing in [json!({ "schemas": [USER] }), user("", json!({})), user(" ", json!({}))] {
        refused(&client.post("/Users", missing).await, 400, Some("invalidValue"));
    }
    let made = client.user("Ada@Example.com", json!({})).await;
    assert_eq!(made["userName"], "Ada@Example.com");
    for same in ["ada@example.com", "ADA@EXAMPLE.COM", "ａda@example.com"] {
        refused(&client.post("/Users", user(same, json!({}))).await, 409, Some("uniqueness"));
        assert_eq!(
            client.names(&format!(r#"/Users?filter=userName eq "{same}""#)).await,
            ["Ada@Example.com"]
        );
    }
    refused(&client.post("/Users", user("a\u{7}b", json!({}))).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn a14_passwords_never_come_back() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "password": "t1meMa$heen" })).await;
    assert!(!made.to_string().contains("t1meMa$heen"));
    let path = path_of(&made);
    let asked = client.get(&format!("{path}?attributes=password")).await;
    assert!(asked.status == 200 && asked.body.get("password").is_none());
    let changed = client.patch(&path, json!([{ "op": "replace", "path": "password", "value": "n3w" }])).await;
    assert!([200, 204].contains(&changed.status) && !changed.body.to_string().contains("n3w"));
    refused(&client.get(r#"/Users?filter=password sw "t""#).await, 400, Some("invalidFilter"));
}

#[tokio::test]
async fn a15_groups_of_a_user_are_computed() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "groups": [{ "value": "x" }] })).await;
    let group = client.group("G", &[&made]).await;
    let groups = client.get(&path_of(&made)).await.body["groups"].clone();
    let expected = json!([{ "value": group["id"], "$ref": group["meta"]["location"], "display": "G", "type": "direct" }]);
    assert_eq!(groups, expected);
    let write = client
        .patch(&path_of(&made), json!([{ "op": "add", "path": "groups", "value": [{ "value": "x" }] }]))
        .await;
    refused(&write, 400, Some("mutability"));
}

#[tokio::test]
async fn a16_groups_have_a_name_and_members_with_references() {
    let client = Client::start().await;
    refused(&client.post("/Groups", json!({ "schemas": [GROUP] })).await, 400, Some("invalidValue"));
    let made = client.user("a", json!({ "displayName": "Ada" })).await;
    let group = client.group("G", &[&made]).await;
    let member = &group["members"][0];
    assert_eq!(
        (&member["value"], &member["$ref"], &member["type"]),
        (&made["id"], &made["meta"]["location"], &json!("User"))
    );
    let wrong = json!({ "schemas": [GROUP], "displayName": "H", "members": [{ "type": "User" }] });
    refused(&client.post("/Groups", wrong).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn a17_enterprise_attributes_stand_under_their_uri() {
    let client = Client::start().await;
    let extension = json!({
        "employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios", "division": "Theme Park",
        "department": "Tour Operations", "manager": { "value": "26118915", "$ref": "../Users/26118915" },
    });
    let made = client.user("a", json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: extension })).await;
    assert_eq!(made[ENTERPRISE], extension);
    let named = json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x" }]);
    refused(&client.patch(&path_of(&made), named).await, 400, Some("mutability"));
}

#[tokio::test]
async fn a19_case_exact_values_keep_and_compare_their_case() {
    let client = Client::start().await;
    let made = client.user("a", json!({ "profileUrl": "https://x.example/Ab", "title": "Boss" })).await;
    assert_eq!(made["profileUrl"], "https://x.example/Ab");
    assert!(client.names(r#"/Users?filter=profileUrl eq "https://x.example/aB""#).await.is_empty());
    assert_eq!(client.names(r#"/Users?filter=title eq "bOSS""#).await, ["a"]);
}

#[tokio::test]
async fn a20_read_only_is_ignored_in_bodies_and_refused_in_patches() {
    let client = Client::start().await;
    let made = client.user("a", json!({})).await;
    let path = path_of(&made);
    let put = client
        .put(&path, user("a", json!({ "id": "other", "meta": { "created": "1999-01-01T00:00:00Z" } })))
        .await;
    assert_eq!(
        (put.status, &put.body["id"], &put.body["meta"]["created"]),
        (200, &made["id"], &made["meta"]["created"])
    );
    for target in ["id", "meta", "meta.created", "groups"] {
        let operations = json!([{ "op": "replace", "path": target, "value": "x" }]);
        refused(&client.patch(&path, operations).await, 400, Some("mutability"));
    }
}

#[tokio::test]
async fn a23_a24_values_outside_the_canonical_ones_stay_as_sent() {
    let client = Client::start().await;
    let sent = json!({
        "emails": [{ "value": "a@x.example", "type": "alumni" }],
        "phoneNumbers": [{ "value": "+1 (555) 0100 ext. 7", "type": "satellite" }],
        "addresses": [{ "country": "United Kingdom", "type": "boat" }],
    });
    let made = client.user("a", sent.clone()).await;
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&made[name], value);
    }
}

#[tokio::test]
async fn a26_order_never_matters() {
    let client = Client::start().await;
    let made =
        client.user("a", json!({ "schemas": [ENTERPRISE, USER], ENTERPRISE: { "department": "IT" } })).await;
    let path = path_of(&made);
    let sent = json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "department": "IT" } });
    let put = client.put(&path, user("a", sent)).await.body;
    assert_eq!(put["meta"]["version"], made["meta"]["version"], "nothing changed");
}
