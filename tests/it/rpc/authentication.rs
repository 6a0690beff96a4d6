//! Who gets in: kinds of tokens, their ends, and the forms of the header.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use roster::{
    domain::user::UserType,
    proto::buf::alpha::registry::v1alpha1::{
        DeactivateUserRequest, DeleteTokenRequest, GetCurrentUserRequest, GetCurrentUserSubjectRequest,
        ListTokensRequest,
    },
};
use tonic::{Code, Status};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, manual_clock, reason_of},
};

/// Who the server takes the sender of this header for.
async fn whoami(server: &Harness, authorization: Option<String>) -> Result<String, Status> {
    let calls = server.with_authorization(authorization);
    let answer = calls.authn().get_current_user(GetCurrentUserRequest {}).await?;
    Ok(answer.into_inner().user.unwrap().username)
}

async fn refused(server: &Harness, authorization: Option<String>) {
    let status = whoami(server, authorization.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated, "{authorization:?}");
    assert_eq!(reason_of(&status), "TOKEN_INVALID");
}

async fn bearer_and_basic_are_accepted_in_any_case_of_the_scheme(database: Database) {
    let server = Harness::on(database).await;
    let token = server.admin.token.clone();
    let basic = BASE64_STANDARD.encode(format!("someone:{token}"));
    for form in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("BEARER  {token}"),
        format!("Basic {basic}"),
        format!("basic {basic}"),
    ] {
        assert_eq!(whoami(&server, Some(form.clone())).await.unwrap(), "root", "{form}");
    }
}

async fn everything_else_is_unauthenticated(database: Database) {
    let server = Harness::on(database).await;
    let token = server.admin.token.clone();
    let mut mistyped = token.clone();
    mistyped.replace_range(20..21, if &token[20..21] == "0" { "1" } else { "0" });
    let token_as_name = BASE64_STANDARD.encode(format!("{token}:"));
    let scim = server.scim_token().await.1;
    for form in [
        None,
        Some(String::new()),
        Some(token.clone()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Token {token}")),
        Some(format!("Bearer {mistyped}")),
        Some(format!("Bearer {}", token.to_uppercase())),
        Some(format!("Bearer {scim}")),
        Some(format!("Basic {token}")),
        Some(format!("Bearer Bearer {token}")),
        Some(format!("Basic {token_as_name}")),
    ] {
        refused(&server, form).await;
    }
}

async fn the_subject_is_the_id(database: Database) {
    let server = Harness::on(database).await;
    let answer = server.admin_calls().authn().get_current_user_subject(GetCurrentUserSubjectRequest {}).await;
    assert_eq!(answer.unwrap().into_inner().subject, server.admin.id());
}

async fn a_token_ends_at_its_expire_time(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let token = server.token_of(server.admin.user.id, Some(Duration::from_mins(1))).await;
    let form = Some(format!("Bearer {token}"));
    clock.advance(Duration::from_secs(59));
    assert!(whoami(&server, form.clone()).await.is_ok());
    clock.advance(Duration::from_secs(1));
    refused(&server, form).await;
}

async fn a_deleted_token_opens_nothing_at_once(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let calls = server.calls_of(&bob);
    let listed = calls.tokens().list_tokens(ListTokensRequest::default()).await.unwrap().into_inner();
    let token_id = listed.tokens[0].id.clone();
    calls.tokens().delete_token(DeleteTokenRequest { token_id }).await.unwrap();
    refused(&server, Some(format!("Bearer {}", bob.token))).await;
}

async fn the_tokens_of_a_deactivated_user_open_nothing_even_after_reactivation(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let form = Some(format!("Bearer {}", bob.token));
    server.admin_calls().users().deactivate_user(DeactivateUserRequest { id: bob.id() }).await.unwrap();
    refused(&server, form.clone()).await;
    server.push_active(&bob.user, true).await;
    refused(&server, form).await;
}

async fn a_machine_user_signs_in_like_a_person(database: Database) {
    let server = Harness::on(database).await;
    let robot = server.account("robot", UserType::Machine, roster::domain::role::ServerRole::Member).await;
    assert_eq!(whoami(&server, Some(format!("Bearer {}", robot.token))).await.unwrap(), "robot");
}

on_both_databases! {
    bearer_and_basic_are_accepted_in_any_case_of_the_scheme;
    everything_else_is_unauthenticated;
    the_subject_is_the_id;
    a_token_ends_at_its_expire_time;
    a_deleted_token_opens_nothing_at_once;
    the_tokens_of_a_deactivated_user_open_nothing_even_after_reactivation;
    a_machine_user_signs_in_like_a_person;
}
