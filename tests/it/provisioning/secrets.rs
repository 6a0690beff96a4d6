//! No secret is kept, in whatever form it comes, and nobody plants a command.

use serde_json::{Value, json};

use super::Idp;
use crate::{
    scim::{PATCH, SEARCH, USER},
    storage::Database,
};

const SECRET: &str = "correct-horse-battery-staple";

/// The latest request, as an admin sees it.
async fn shown(idp: &Idp) -> String {
    idp.latest().await.to_string()
}

#[tokio::test]
async fn no_form_of_a_query_or_a_path_keeps_a_secret() {
    let idp = Idp::start(Database::sqlite().await).await;
    for target in [
        "/Users?filter=userName%20eq%20%22x%22%20and%20password%20eq%20%22@%22",
        "/Users?filter=userName+eq+%22x%22+and+password+eq+%22@%22",
        "/Users?filter=pass%77ord%20eq%20%22@%22",
        "/Users?filter=pass%2577ord%2520eq%2520%2522@%2522",
        "/Users?filter=%70%61%73%73%77%6f%72%64%20eq%20%22@%22",
        "/Users?filter=emails%5Bvalue%20eq%20%22x%22%20and%20password%20eq%20%22@%22%5D",
        "/Users?filter=not%20(urn:x:y:2.0:User:clientSecret%20eq%20%22@%22)",
        "/Users?filter=password%20eq%20@",
        "/Users?filter=password%20eq%20%22a%26@%22",
        "/Users?filter=password%20eq%20%22a&@%22",
        "/Users?newPassword=@&count=1",
        "/Users?passwords=@",
        "/Users?apiToken=@",
        "/Users?pwd=@",
        "/Users?x-api-key=@",
        "/Users?api%5Fkey=@",
        "/Users?api%255Fkey=@",
        "/Users?secrets=@",
        "/Users?%5Cu0070assword=@",
        "/Users?x=password%3D@",
        "/Users?password%3D@",
        "/Users?x=%7B%22apiKey%22:%22@%22%7D",
        "/Users;password=@",
        "/Users/token=@",
        "/token/@",
        "/Users/password%20eq%20@",
        "/Users/pass%77ord%3D@?count=2",
    ] {
        let target = target.replace('@', SECRET);
        idp.send("GET", &target, Value::Null).await;
        let shown = shown(&idp).await;
        assert!(!shown.contains(SECRET) && shown.contains("[redacted]"), "{target}: {shown}");
    }
    idp.send("GET", "/Users?password=x&count=2&startIndex=1", Value::Null).await;
    let found = idp.latest().await;
    assert_eq!(found["request"]["query"], "password=[redacted]&count=2&startIndex=1", "the rest stays");
    let plain = "/Users?filter=userName%20eq%20%22password-reset@example.com%22&attributes=emails";
    idp.send("GET", plain, Value::Null).await;
    let found = idp.latest().await;
    assert_eq!(
        found["request"]["query"],
        plain.split_once('?').unwrap().1,
        "what is compared with is no name"
    );
}

#[tokio::test]
async fn no_form_of_a_body_keeps_a_secret() {
    let idp = Idp::start(Database::sqlite().await).await;
    let user = idp.user("ann").await;
    let resource = format!("/Users/{user}");
    let search = |filter: &str| {
        ("POST", "/Users/.search".to_owned(), json!({ "schemas": [SEARCH], "filter": filter }))
    };
    let patch = |operation: Value| {
        ("PATCH", resource.clone(), json!({ "schemas": [PATCH], "Operations": [operation] }))
    };
    let with =
        |key: &str| ("PUT", resource.clone(), json!({ "schemas": [USER], "userName": "ann", (key): SECRET }));
    let mut requests = vec![
        search(&format!("password eq \"{SECRET}\"")),
        search(&format!("password eq {SECRET}")),
        search(&format!("pass%77ord eq \"{SECRET}\"")),
        search(&format!("userName eq \"x\" and (secrets eq \"{SECRET}\"")),
        search(&format!("emails[value eq \"x\" and password eq \"{SECRET}\"]")),
        patch(
            json!({ "op": "replace", "path": format!("emails[value eq \"x\" and password eq \"{SECRET}\"].value"), "value": "y" }),
        ),
        patch(json!({ "op": "replace", "path": "name.newPassword", "value": SECRET })),
        patch(json!({ "op": "replace", "path": "urn:x:y:2.0:User:apiToken", "value": { "a": [SECRET] } })),
        patch(json!({ "op": "add", "value": { "api_key": SECRET, "name": { "pwd": SECRET } } })),
        (
            "POST",
            "/Bulk".to_owned(),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [
                    { "method": "PATCH", "path": format!("/Users/{user}?pwd={SECRET}"), "data": { "Operations": [{ "op": "replace", "path": "passphrase", "value": SECRET }] } },
                    { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "schemas": [USER], "userName": "x", "newPassword": SECRET } },
                ],
            }),
        ),
    ];
    for key in [
        "password",
        "passwords",
        "newPassword",
        "pwd",
        "passwd",
        "passphrase",
        "secret",
        "secrets",
        "token",
        "tokens",
        "apiToken",
        "x-api-key",
        "api_key",
        "apiKey",
        "api%5Fkey",
        "authorization",
        "credential",
        "credentials",
        "privateKey",
        "private_key",
        "otp",
        "pin",
        "PIN",
        "clientSecret",
        "urn:x:y:2.0:User:password",
        "pass word",
        "pass_word",
        "p.a.s.s.w.o.r.d",
        "userPass",
        "user-pw",
        "oneTimeCode",
        "PASSWORD_2",
        "Set-Cookie",
        "bearerToken",
    ] {
        requests.push(with(key));
    }
    for (method, target, body) in requests {
        idp.send(method, &target, body.clone()).await;
        let shown = shown(&idp).await;
        assert!(!shown.contains(SECRET) && shown.contains("[redacted]"), "{method} {target} {body}: {shown}");
    }
}

#[tokio::test]
async fn an_escaped_key_is_the_key_and_what_is_no_json_is_not_kept() {
    let idp = Idp::start(Database::sqlite().await).await;
    let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
    for body in [
        format!(r#"{{"schemas":["{USER}"],"userName":"x","\u0070assword":"{SECRET}"}}"#),
        format!(r#"{{"schemas":["{SEARCH}"],"filter":"\u0070assword eq \"{SECRET}\""}}"#),
        format!(r#"{{"schemas":["{SEARCH}"],"filter":"password eq \"{SECRET}\""#),
        format!("password={SECRET}"),
    ] {
        for path in ["/Users", "/Users/.search", "/.search"] {
            idp.app.scim(&idp.token, "POST", path, &headers, Some(body.clone().into_bytes())).await;
            let shown = shown(&idp).await;
            assert!(!shown.contains(SECRET), "{path} {body}: {shown}");
        }
    }
    let agent = [("user-agent".to_owned(), format!("script (apiToken={SECRET})"))];
    idp.app.scim(&idp.token, "GET", "/Users", &agent, None).await;
    assert!(!shown(&idp).await.contains(SECRET));
}

#[tokio::test]
async fn nobody_without_a_token_plants_a_command() {
    let idp = Idp::start(Database::sqlite().await).await;
    let user = idp.user("ann").await;
    idp.send_as("not-a-token", "DELETE", &format!("/Users/{user}"), Value::Null).await;
    let found = idp.latest().await;
    assert_eq!((&found["request"]["status"], &found["requestBody"]), (&json!(401), &Value::Null));
    assert_eq!(found["curl"], "# no command: the request had no valid token");
    idp.send("GET", "/Users?filter=userName%20eq%20%22x%22", Value::Null).await;
    assert!(idp.latest().await["curl"].as_str().unwrap().starts_with("curl -sSg --path-as-is "));
}

#[tokio::test]
async fn what_the_client_calls_a_request_is_kept_beside_our_own_id() {
    let idp = Idp::start(Database::sqlite().await).await;
    let headers = [("x-request-id".to_owned(), "okta-17".to_owned())];
    let answers = [
        idp.app.scim(&idp.token, "GET", "/Users", &headers, None).await,
        idp.app.scim(&idp.token, "GET", "/Groups", &headers, None).await,
    ];
    let ids = answers.map(|answer| answer.headers["x-request-id"].to_str().unwrap().to_owned());
    assert!(ids[0] != ids[1] && !ids.contains(&"okta-17".to_owned()));
    let found = idp.log(json!({ "requestId": "okta-17" })).await;
    let told: Vec<_> =
        found.iter().map(|request| (&request["requestId"], &request["clientRequestId"])).collect();
    let client = json!("okta-17");
    assert_eq!(told, [(&json!(ids[1]), &client), (&json!(ids[0]), &client)]);
    assert_eq!(idp.log(json!({ "requestId": ids[0] })).await.len(), 1);
}
