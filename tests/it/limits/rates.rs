//! How often somebody may ask, told in the form of each protocol.

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

    let url = format!("{}/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser", harness.app.url);
    let call = reqwest::Client::new().post(url).bearer_auth(&harness.admin.token).json(&json!({}));
    let answer = call.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "resource_exhausted");
    let types: Vec<_> =
        body["details"].as_array().unwrap().iter().map(|detail| detail["type"].clone()).collect();
    assert_eq!(types, ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"]);
}
