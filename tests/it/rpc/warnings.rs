//! The warning that a token ends soon, which `buf` prints under each command.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use reqwest::header::HeaderMap;
use roster::proto::buf::alpha::registry::v1alpha1::GetCurrentUserRequest;
use tonic::Code;

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, manual_clock},
};

const DAY: Duration = Duration::from_hours(24);
const CURRENT: &str = "buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser";
const ADMINS_ONLY: &str = "buf.alpha.registry.v1alpha1.SCIMTokenService/ListSCIMTokens";

fn warning(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("buf-warning-bin")?;
    Some(String::from_utf8(BASE64_STANDARD_NO_PAD.decode(value).unwrap()).unwrap())
}

/// The warning with the answer to a call of this content type.
async fn warned(server: &Harness, token: &str, method: &str, content_type: &str) -> Option<String> {
    let body = if content_type == "application/json" { b"{}".to_vec() } else { vec![0; 5] };
    let call = reqwest::Client::new().post(format!("{}/{method}", server.app.url)).bearer_auth(token);
    let answer = call.header("content-type", content_type).body(body).send().await.unwrap();
    warning(answer.headers())
}

async fn a_token_that_ends_within_two_weeks_is_warned_of_in_every_answer(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let bob = server.person("bob").await;
    let token = server.token_of(bob.user.id, Some(15 * DAY)).await;
    let protocols = ["application/json", "application/grpc-web+proto", "application/grpc+proto"];
    for content_type in protocols {
        assert_eq!(warned(&server, &token, CURRENT, content_type).await, None, "{content_type}");
    }
    clock.advance(DAY);
    for content_type in protocols {
        for method in [CURRENT, ADMINS_ONLY] {
            let text = warned(&server, &token, method, content_type).await.expect(content_type);
            assert!(text.starts_with("Your token expires at 2027-01-30T08:00:00Z."), "{text}");
        }
    }
    let answer = server.with_token(&token).authn().get_current_user(GetCurrentUserRequest {}).await.unwrap();
    let bytes = answer.metadata().get_bin("buf-warning-bin").unwrap().to_bytes().unwrap();
    assert!(bytes.starts_with(b"Your token expires"));
    assert_eq!(warned(&server, &bob.token, CURRENT, "application/json").await, None);
}

async fn a_token_that_has_ended_is_refused_and_not_warned_of(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let token = server.token_of(server.admin.user.id, Some(DAY)).await;
    clock.advance(DAY);
    let refusal =
        server.with_token(&token).authn().get_current_user(GetCurrentUserRequest {}).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Unauthenticated);
    assert_eq!(warned(&server, &token, CURRENT, "application/json").await, None);
}

on_both_databases! {
    a_token_that_ends_within_two_weeks_is_warned_of_in_every_answer;
    a_token_that_has_ended_is_refused_and_not_warned_of;
}
