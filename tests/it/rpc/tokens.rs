//! API tokens and SCIM tokens: lifetimes, secrets, lists.

use std::time::Duration;

use prost_types::Timestamp;
use roster::{
    domain::{clock::Clock, role::ServerRole, user::UserType},
    proto::buf::alpha::registry::v1alpha1::{
        CreateScimTokenRequest, CreateTokenRequest, DeleteScimTokenRequest, GetTokenRequest,
        ListScimTokensRequest, ListTokensRequest,
    },
};
use tonic::Code;

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, field_of, manual_clock, reason_of},
};

const DAY: Duration = Duration::from_hours(24);

async fn an_api_token_lives_a_year_at_most_and_a_year_by_default(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let mut tokens = server.admin_calls().tokens();
    let now = clock.now().micros() / 1_000_000;
    let request = |expire_time| CreateTokenRequest { expire_time, note: "ci".into(), ..Default::default() };
    for seconds in [-1, 0, 367 * 86_400] {
        let end = Some(Timestamp { seconds: now + seconds, nanos: 0 });
        let status = tokens.create_token(request(end)).await.unwrap_err();
        assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "expire_time"));
    }
    let year = Some(Timestamp { seconds: now + 366 * 86_400, nanos: 0 });
    let first = tokens.create_token(request(year)).await.unwrap().into_inner().token;
    let second = tokens.create_token(request(None)).await.unwrap().into_inner().token;
    assert!(first.starts_with("roster_api_") && first != second);
    let listed = tokens.list_tokens(ListTokensRequest::default()).await.unwrap().into_inner().tokens;
    let made: Vec<_> =
        listed.iter().filter(|token| token.note == "ci").map(|token| token.expire_time).collect();
    assert_eq!(made, [year, year]);
}

async fn a_scim_token_may_live_for_ever_but_not_end_in_the_past(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let mut tokens = server.admin_calls().scim_tokens();
    let now = clock.now().micros() / 1_000_000;
    let in_ten_years = Some(Timestamp { seconds: now + 3_650 * 86_400, nanos: 5_000 });
    for expire_time in [None, in_ten_years] {
        let made = tokens.create_scim_token(CreateScimTokenRequest { expire_time }).await.unwrap();
        assert!(made.into_inner().token.starts_with("roster_scim_"));
    }
    let past = Some(Timestamp { seconds: now, nanos: 0 });
    let status = tokens.create_scim_token(CreateScimTokenRequest { expire_time: past }).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::InvalidArgument, "expire_time"));
    let listed = tokens.list_scim_tokens(ListScimTokensRequest::default()).await.unwrap().into_inner();
    let mut ends: Vec<_> = listed.tokens.iter().map(|token| token.expire_time).collect();
    ends.sort_by_key(|end| end.map(|end| end.seconds));
    assert_eq!(ends, [None, in_ten_years]);
    assert_eq!(listed.tokens[0].create_time, Some(Timestamp { seconds: now, nanos: 0 }));
}

async fn a_deleted_scim_token_is_gone(database: Database) {
    let server = Harness::on(database).await;
    let token_id = server.scim_token().await.0.to_string();
    let mut tokens = server.admin_calls().scim_tokens();
    let request = DeleteScimTokenRequest { token_id };
    tokens.delete_scim_token(request.clone()).await.unwrap();
    let status = tokens.delete_scim_token(request).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "token_id"));
}

async fn tokens_of_machines_are_made_by_server_admins_only(database: Database) {
    let server = Harness::on(database).await;
    let robot = server.account("robot", UserType::Machine, ServerRole::Member).await;
    let request = CreateTokenRequest { user_id: robot.id(), ..Default::default() };
    let status = server.calls_of(&robot).tokens().create_token(request.clone()).await.unwrap_err();
    assert_eq!(
        (status.code(), reason_of(&status).as_str()),
        (Code::PermissionDenied, "SERVER_ADMIN_REQUIRED")
    );
    server.admin_calls().tokens().create_token(request).await.unwrap();
}

async fn nobody_makes_a_token_for_a_deactivated_or_unknown_user(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.push_user("bob@example.com").await.user;
    server.push_active(&bob, false).await;
    let mut tokens = server.admin_calls().tokens();
    let request = |user_id: String| CreateTokenRequest { user_id, ..Default::default() };
    let status = tokens.create_token(request(bob.id.to_string())).await.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_str()), (Code::FailedPrecondition, "USER_DEACTIVATED"));
    let status = tokens.create_token(request("0".repeat(32))).await.unwrap_err();
    assert_eq!((status.code(), field_of(&status).as_str()), (Code::NotFound, "user_id"));
}

async fn a_token_of_someone_else_is_not_to_be_seen(database: Database) {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    let (bob, eve) = (server.person("bob").await, server.person("eve").await);
    let listed = server.calls_of(&bob).tokens().list_tokens(ListTokensRequest::default()).await.unwrap();
    let token_id = listed.into_inner().tokens[0].id.clone();
    let get = |calls: crate::support::Calls| {
        let request = GetTokenRequest { token_id: token_id.clone() };
        async move { calls.tokens().get_token(request).await }
    };
    assert_eq!(get(server.calls_of(&eve)).await.unwrap_err().code(), Code::NotFound);
    let seen = get(server.calls_of(&bob)).await.unwrap().into_inner().token.unwrap();
    let end = clock.now().plus(366 * DAY).micros() / 1_000_000;
    assert_eq!((seen.note.as_str(), seen.expire_time.unwrap().seconds), ("test", end));
}

on_both_databases! {
    an_api_token_lives_a_year_at_most_and_a_year_by_default;
    a_scim_token_may_live_for_ever_but_not_end_in_the_past;
    a_deleted_scim_token_is_gone;
    tokens_of_machines_are_made_by_server_admins_only;
    nobody_makes_a_token_for_a_deactivated_or_unknown_user;
    a_token_of_someone_else_is_not_to_be_seen;
}
