//! How often somebody may ask, told in the form of each protocol.

use http::HeaderMap;
use roster::{
    domain::scim_token::ClientProfile,
    services::rate_limit::{Rate, Rates},
};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    app::{Answer, App},
    storage::Database,
    support::{Harness, reason_of, retry_delay_of},
};

const THREE: Option<Rate> = Some(Rate { per_second: 1, burst: 3 });

async fn users(app: &App, token: &str) -> Answer {
    app.scim(token, "GET", "/Users", &[], None).await
}

/// Three at once and one a second: nothing is left, and all of it is back in three seconds.
fn tells_the_limit(headers: &HeaderMap) {
    let told =
        ["limit", "remaining", "reset"].map(|what| headers[&format!("x-ratelimit-{what}")].to_str().unwrap());
    assert_eq!(told, ["3", "0", "3"]);
}

fn retry_after(answer: &Answer) -> u64 {
    answer.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_scim_token_that_asks_too_often_is_told_when_to_come_back() {
    let app = App::start(Database::sqlite().await).await;
    app.services.rate_limits().set(Rates { token: THREE, ..Rates::default() });
    let token = app.scim_token(ClientProfile::Okta).await;
    let other = app.scim_token(ClientProfile::Okta).await;
    for _ in 0..3 {
        assert_eq!(users(&app, &token).await.status, 200);
    }
    let refused = users(&app, &token).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(refused.body["status"], "429");
    assert_eq!(retry_after(&refused), 1);
    tells_the_limit(&refused.headers);
    assert_eq!(users(&app, &other).await.status, 200, "another token has a count of its own");
}

#[tokio::test]
async fn refused_tokens_are_counted_by_address() {
    let app = App::start(Database::sqlite().await).await;
    app.services.rate_limits().set(Rates { refused: THREE, ..Rates::default() });
    for status in [401, 401, 401, 429] {
        assert_eq!(users(&app, "roster_scim_nonsense").await.status, status);
    }
    let token = app.scim_token(ClientProfile::Okta).await;
    assert_eq!(users(&app, &token).await.status, 200, "behind one address there can be many clients");
}

#[tokio::test]
async fn a_device_and_a_person_are_told_to_wait() {
    let app = App::start(Database::sqlite().await).await;
    let http = reqwest::Client::new();
    let register = async || {
        let url = format!("{}/oauth2/device/registration", app.url);
        http.post(url).json(&json!({ "client_name": "a laptop" })).send().await.unwrap()
    };
    let page = async || http.get(format!("{}/oauth2/device", app.url)).send().await.unwrap();
    app.services.rate_limits().set(Rates { anonymous: THREE, ..Rates::default() });
    for answer in [register().await, page().await, register().await] {
        assert_eq!(answer.status(), 200);
    }
    let refused = register().await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    tells_the_limit(refused.headers());
    assert_eq!(refused.json::<Value>().await.unwrap()["error"], "temporarily_unavailable");
    let refused = page().await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    tells_the_limit(refused.headers());
    assert_eq!(refused.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(refused.headers()["x-frame-options"], "DENY");
    assert!(refused.text().await.unwrap().contains("too many requests"));
}

#[tokio::test]
async fn refused_tokens_on_the_page_are_counted_as_all_others() {
    let app = App::start(Database::sqlite().await).await;
    app.services.rate_limits().set(Rates { refused: THREE, ..Rates::default() });
    let review = async |token: &str| {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("user_code", "BBBB-BBBB"), ("token", token)])
            .finish();
        let request = reqwest::Client::new().post(format!("{}/oauth2/device", app.url)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap().status().as_u16()
    };
    for status in [400, 400, 400, 429] {
        assert_eq!(review("roster_api_nonsense").await, status);
    }
    assert_eq!(users(&app, "roster_scim_nonsense").await.status, 429, "one count for all");
    assert_eq!(review(&app.admin_token).await, 400, "a good token is let in; no device shows the code");
}

#[tokio::test]
async fn the_rpcs_say_resource_exhausted_and_when_to_come_back() {
    let harness = Harness::start().await;
    harness.services.rate_limits().set(Rates { address: THREE, ..Rates::default() });
    let mut client = harness.with_token(&harness.admin.token).authn();
    let mut refused = None;
    for _ in 0..4 {
        refused = client
            .get_current_user(roster::proto::buf::alpha::registry::v1alpha1::GetCurrentUserRequest {})
            .await
            .err();
    }
    let refused = refused.unwrap();
    assert_eq!((refused.code(), reason_of(&refused).as_str()), (Code::ResourceExhausted, "RATE_LIMITED"));
    assert!(
        retry_delay_of(&refused).is_some_and(|delay| delay.seconds > 0 || delay.nanos > 0),
        "{refused:?}"
    );

    tells_the_limit(&refused.metadata().clone().into_headers());

    let url = format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", harness.app.url);
    let call = reqwest::Client::new().post(url).bearer_auth(&harness.admin.token).json(&json!({}));
    let answer = call.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    tells_the_limit(answer.headers());
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "resource_exhausted");
    let types: Vec<_> =
        body["details"].as_array().unwrap().iter().map(|detail| detail["type"].clone()).collect();
    assert_eq!(types, ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"]);
}
