//! `buf.registry.owner.v1.UserService`: batches, states, lists and their rules.

use std::time::Duration;

use roster::domain::{
    role::{OrganizationRole as Rank, ServerRole},
    user::UserType,
};
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Refusal, each, manual_clock},
};

const GET: &str = "buf.registry.owner.v1.UserService/GetUsers";
const LIST: &str = "buf.registry.owner.v1.UserService/ListUsers";
const CREATE: &str = "buf.registry.owner.v1.UserService/CreateUsers";
const UPDATE: &str = "buf.registry.owner.v1.UserService/UpdateUsers";
const DELETE: &str = "buf.registry.owner.v1.UserService/DeleteUsers";
const CURRENT: &str = "buf.registry.owner.v1.UserService/GetCurrentUser";
const ORGANIZATION: &str = "buf.alpha.registry.v1alpha1.OrganizationService/GetOrganization";

#[track_caller]
fn refused(outcome: Result<Value, Refusal>, code: &str, field: &str) {
    let refusal = outcome.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.field().as_str()), (code, field), "{refusal:?}");
    let violations = if code == "invalid_argument" { vec![field.to_owned()] } else { Vec::new() };
    assert_eq!(refusal.violations(), violations, "{refusal:?}");
}

fn values(values: &Value) -> Value {
    json!({ "values": values })
}

async fn a_batch_is_made_whole_and_answered_in_order(database: Database) {
    let server = Harness::on(database).await;
    let new = json!([
        { "name": "zoe", "description": "one", "url": "https://example.com" },
        { "name": "robot", "type": "USER_TYPE_BOT", "verificationStatus": "USER_VERIFICATION_STATUS_OFFICIAL" },
        { "name": "ann", "type": "USER_TYPE_STANDARD" },
    ]);
    let made = server.ask_admin(CREATE, values(&new)).await.unwrap();
    let users = made["users"].as_array().unwrap();
    assert_eq!(each(users, "name"), ["zoe", "robot", "ann"]);
    assert_eq!(each(users, "type"), ["USER_TYPE_STANDARD", "USER_TYPE_BOT", "USER_TYPE_STANDARD"]);
    assert_eq!(
        each(users, "verificationStatus"),
        [
            "USER_VERIFICATION_STATUS_UNVERIFIED",
            "USER_VERIFICATION_STATUS_OFFICIAL",
            "USER_VERIFICATION_STATUS_UNVERIFIED"
        ]
    );
    assert_eq!((&users[0]["description"], &users[0]["url"]), (&json!("one"), &json!("https://example.com")));
    assert_eq!(each(users, "state"), ["USER_STATE_ACTIVE"; 3]);
    assert_eq!(each(users, "userInstanceRole"), ["USER_INSTANCE_ROLE_MEMBER"; 3]);
    let refs = json!({ "userRefs": [{ "name": "ann" }, { "id": users[0]["id"] }, { "name": "ann" }] });
    let found = server.ask_admin(GET, refs).await.unwrap();
    assert_eq!(each(found["users"].as_array().unwrap(), "name"), ["ann", "zoe", "ann"]);
}

async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_made(database: Database) {
    let server = Harness::on(database).await;
    let long = |length: usize| "d".repeat(length);
    for (value, field) in [
        (json!({}), "name"),
        (json!({ "name": "Bob" }), "name"),
        (json!({ "name": "b-" }), "name"),
        (json!({ "name": long(33) }), "name"),
        (json!({ "name": "scim" }), "name"),
        (json!({ "name": "bob", "description": long(351) }), "description"),
        (json!({ "name": "bob", "url": "example.com" }), "url"),
        (json!({ "name": "bob", "url": format!("https://example.com/{}", long(240)) }), "url"),
        (json!({ "name": "bob", "type": "USER_TYPE_SYSTEM" }), "type"),
        (json!({ "name": "bob", "type": 9 }), "type"),
        (json!({ "name": "bob", "verificationStatus": 9 }), "verification_status"),
    ] {
        let outcome = server.ask_admin(CREATE, values(&json!([{ "name": "ann" }, value]))).await;
        refused(outcome, "invalid_argument", &format!("values[1].{field}"));
    }
    let twice = json!([{ "name": "ann" }, { "name": "ann" }]);
    refused(server.ask_admin(CREATE, values(&twice)).await, "already_exists", "values[1].name");
    refused(server.ask_admin(CREATE, json!({})).await, "invalid_argument", "values");
    let many: Vec<_> = (0..251).map(|n| json!({ "name": format!("user-{n}") })).collect();
    refused(server.ask_admin(CREATE, values(&many.into())).await, "invalid_argument", "values");
    refused(
        server.ask_admin(GET, json!({ "userRefs": [{ "name": "ann" }] })).await,
        "not_found",
        "user_refs[0]",
    );
    for (refs, field) in [
        (json!([]), "user_refs"),
        (json!([{ "name": "root" }, {}]), "user_refs[1]"),
        (json!([{ "id": "ANN" }]), "user_refs[0].id"),
    ] {
        refused(server.ask_admin(GET, json!({ "userRefs": refs })).await, "invalid_argument", field);
    }
}

async fn an_update_changes_what_is_set_in_all_or_none(database: Database) {
    let server = Harness::on(database).await;
    let (bob, _) = (server.person("bob").await, server.person("eve").await);
    let both = json!([
        { "userRef": { "name": "eve" }, "description": "late", "url": "https://example.com" },
        { "userRef": { "id": bob.id() }, "verificationStatus": "USER_VERIFICATION_STATUS_VERIFIED" },
    ]);
    let changed = server.ask_admin(UPDATE, values(&both)).await.unwrap();
    assert_eq!(each(changed["users"].as_array().unwrap(), "name"), ["eve", "bob"]);
    assert_eq!(changed["users"][0]["description"], "late");
    assert_eq!(changed["users"][1]["verificationStatus"], "USER_VERIFICATION_STATUS_VERIFIED");
    let emptied = json!([{ "userRef": { "name": "eve" }, "description": "" }]);
    let changed = server.ask_admin(UPDATE, values(&emptied)).await.unwrap();
    assert_eq!(changed["users"][0].get("description"), None);
    assert_eq!(changed["users"][0]["url"], "https://example.com");
    for (value, code, field) in [
        (json!({ "userRef": { "name": "bob" }, "url": "nowhere" }), "invalid_argument", "values[1].url"),
        (json!({ "userRef": { "name": "bob" }, "state": 0 }), "invalid_argument", "values[1].state"),
        (json!({ "userRef": { "name": "bob" }, "state": 3 }), "invalid_argument", "values[1].state"),
        (json!({ "description": "x" }), "invalid_argument", "values[1].user_ref"),
        (json!({ "userRef": { "name": "nobody" } }), "not_found", "values[1].user_ref"),
    ] {
        let batch = values(&json!([{ "userRef": { "name": "eve" }, "description": "no" }, value]));
        refused(server.ask_admin(UPDATE, batch).await, code, field);
    }
    let eve = server.ask_admin(GET, json!({ "userRefs": [{ "name": "eve" }] })).await.unwrap();
    assert_eq!(eve["users"][0].get("description"), None);
    // everyone describes themselves, and nobody else
    let own = json!([{ "userRef": { "name": "bob" }, "description": "me" }]);
    server.ask(&bob, UPDATE, values(&own)).await.unwrap();
    let other = json!([{ "userRef": { "name": "eve" }, "description": "me" }]);
    assert_eq!(server.ask(&bob, UPDATE, values(&other)).await.unwrap_err().code, "permission_denied");
}

async fn an_inactive_user_is_out_at_once_and_comes_back_without_tokens(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    let acme = server.organization(&server.admin, "acme").await;
    server.member(acme, &bob, Rank::Admin).await;
    let see = json!({ "id": acme.to_string() });
    server.ask(&bob, ORGANIZATION, see.clone()).await.unwrap();
    let state = |state: &str| values(&json!([{ "userRef": { "name": "bob" }, "state": state }]));

    let off = server.ask_admin(UPDATE, state("USER_STATE_INACTIVE")).await.unwrap();
    assert_eq!(off["users"][0]["state"], "USER_STATE_INACTIVE");
    let refusal = server.ask(&bob, CURRENT, json!({})).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.reason().as_str()), ("unauthenticated", "TOKEN_INVALID"));
    let members = json!({ "organizationRefs": [{ "name": "acme" }] });
    assert_eq!(each(&server.ask_all(LIST, &members, "users").await, "name"), ["root"]);

    server.ask_admin(UPDATE, state("USER_STATE_ACTIVE")).await.unwrap();
    assert_eq!(server.ask(&bob, CURRENT, json!({})).await.unwrap_err().code, "unauthenticated");
    let token = server.token_of(bob.user.id, None).await;
    let bob = crate::support::Person { token, ..bob };
    server.ask(&bob, ORGANIZATION, see).await.unwrap();

    let root = values(&json!([{ "userRef": { "name": "root" }, "state": "USER_STATE_INACTIVE" }]));
    let refusal = server.ask_admin(UPDATE, root).await.unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.reason().as_str()),
        ("failed_precondition", "LAST_SERVER_ADMIN")
    );
}

async fn who_the_idp_deleted_is_not_switched_on_here(database: Database) {
    let server = Harness::on(database).await;
    let pushed = server.push_user("bob@example.com").await.user;
    let token = server.scim_token().await.1;
    let gone = server.app.scim(&token, "DELETE", &format!("/Users/{}", pushed.scim_id), &[], None).await;
    assert_eq!(gone.status, 204);
    let inactive = json!({ "hasStates": ["USER_STATE_INACTIVE"] });
    assert_eq!(each(&server.ask_all(LIST, &inactive, "users").await, "name"), ["bob"]);
    let on = values(&json!([{ "userRef": { "name": "bob" }, "state": "USER_STATE_ACTIVE" }]));
    let refusal = server.ask_admin(UPDATE, on).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.reason().as_str()), ("failed_precondition", "USER_DELETED"));
    assert_eq!(refusal.field(), "values[0].state");
}

/// `root`, and in the order of their making: ann (admin), Bob's robot, cat, who is switched off, and dan.
async fn populated(database: Database) -> Harness {
    let clock = manual_clock();
    let server = Harness::over(database, clock.clone()).await;
    for (name, user_type, role) in [
        ("ann", UserType::Personal, ServerRole::Admin),
        ("bobs-robot", UserType::Machine, ServerRole::Member),
        ("cat", UserType::Personal, ServerRole::Member),
        ("dan-2", UserType::Personal, ServerRole::Member),
    ] {
        clock.advance(Duration::from_millis(1));
        server.account(name, user_type, role).await;
    }
    let off = json!([{ "userRef": { "name": "cat" }, "state": "USER_STATE_INACTIVE" }]);
    server.ask_admin(UPDATE, values(&off)).await.unwrap();
    clock.advance(Duration::from_millis(1));
    server
}

async fn every_order_is_paged_whole_and_both_ways(database: Database) {
    let server = populated(database).await;
    let by_time = ["root", "ann", "bobs-robot", "cat", "dan-2"];
    let by_name = ["ann", "bobs-robot", "cat", "dan-2", "root"];
    let reversed = |names: [&'static str; 5]| names.into_iter().rev().collect::<Vec<_>>();
    for (order, expected) in [
        ("ORDER_UNSPECIFIED", reversed(by_time)),
        ("ORDER_CREATE_TIME_DESC", reversed(by_time)),
        ("ORDER_CREATE_TIME_ASC", by_time.to_vec()),
        ("ORDER_NAME_ASC", by_name.to_vec()),
        ("ORDER_NAME_DESC", reversed(by_name)),
    ] {
        for page_size in [0, 1, 2, 4, 5, 250] {
            let request = json!({ "order": order, "pageSize": page_size });
            assert_eq!(each(&server.ask_all(LIST, &request, "users").await, "name"), expected, "{request}");
        }
    }
    refused(server.ask_admin(LIST, json!({ "order": 5 })).await, "invalid_argument", "order");
}

async fn rows_that_come_and_go_move_no_other(database: Database) {
    let server = populated(database).await;
    let page = |order: &str, token: &Value| json!({ "order": order, "pageSize": 3, "pageToken": token });
    let delete = |name: &str| json!({ "userRefs": [{ "name": name }] });
    let orders = ["ORDER_NAME_ASC", "ORDER_CREATE_TIME_ASC", "ORDER_CREATE_TIME_DESC"];
    let mut first = Vec::new();
    for order in orders {
        first.push(server.ask_admin(LIST, page(order, &Value::Null)).await.unwrap()["nextPageToken"].clone());
    }
    // the row that two of the tokens point at goes, one comes before it in the order of names, and after it in
    // that of making
    server.ask_admin(DELETE, delete("cat")).await.unwrap();
    server.ask_admin(DELETE, delete("bobs-robot")).await.unwrap();
    server.person("aaron").await;
    let rest = [vec!["dan-2", "root"], vec!["dan-2", "aaron"], vec!["ann", "root"]];
    for ((order, token), expected) in orders.into_iter().zip(&first).zip(rest) {
        let second = server.ask_admin(LIST, page(order, token)).await.unwrap();
        assert_eq!(each(second["users"].as_array().unwrap(), "name"), expected, "{order}");
    }
}

async fn a_deactivated_admin_is_no_admin_until_activated(database: Database) {
    let server = Harness::on(database).await;
    let eve = server.account("eve", UserType::Personal, ServerRole::Admin).await;
    let switch = async |state: &str| {
        let value = json!({ "userRef": { "id": eve.id() }, "state": state });
        server.ask_admin(UPDATE, json!({ "values": [value] })).await.unwrap()
    };
    let seen = async || {
        let get = json!({ "userRefs": [{ "id": eve.id() }] });
        let got = server.ask_admin(GET, get).await.unwrap();
        let listed = async |role: &str| {
            let request = json!({ "hasRoles": [role], "order": "ORDER_NAME_ASC" });
            each(&server.ask_all(LIST, &request, "users").await, "name").join(" ")
        };
        let role = got["users"][0]["userInstanceRole"].as_str().unwrap().to_owned();
        (role, listed("USER_INSTANCE_ROLE_ADMIN").await, listed("USER_INSTANCE_ROLE_MEMBER").await)
    };
    let is = |role: &str, admins: &str, members: &str| {
        (format!("USER_INSTANCE_ROLE_{role}"), admins.to_owned(), members.to_owned())
    };
    assert_eq!(seen().await, is("ADMIN", "eve root", ""));
    let answer = switch("USER_STATE_INACTIVE").await;
    assert_eq!(answer["users"][0]["userInstanceRole"], "USER_INSTANCE_ROLE_MEMBER");
    assert_eq!(seen().await, is("MEMBER", "root", "eve"));
    let both = json!({ "hasRoles": ["USER_INSTANCE_ROLE_ADMIN", "USER_INSTANCE_ROLE_MEMBER"] });
    assert_eq!(server.ask_all(LIST, &both, "users").await.len(), 2);
    switch("USER_STATE_ACTIVE").await;
    assert_eq!(seen().await, is("ADMIN", "eve root", ""), "the role was kept");
}

async fn lists_are_filtered(database: Database) {
    let server = populated(database).await;
    let cat = server.person("late-cat").await;
    let acme = server.organization(&server.admin, "acme").await;
    server.member(acme, &cat, Rank::Member).await;
    for (filter, expected) in [
        (json!({ "hasTypes": ["USER_TYPE_BOT"] }), vec!["bobs-robot"]),
        (json!({ "hasTypes": ["USER_TYPE_BOT", "USER_TYPE_SYSTEM"] }), vec!["bobs-robot"]),
        (json!({ "hasStates": ["USER_STATE_INACTIVE"] }), vec!["cat"]),
        (json!({ "hasRoles": ["USER_INSTANCE_ROLE_ADMIN"] }), vec!["ann", "root"]),
        (json!({ "nameQuery": "CAT" }), vec!["cat", "late-cat"]),
        (json!({ "nameQuery": "%" }), vec![]),
        (json!({ "nameQuery": "an_2" }), vec![]),
        (json!({ "nameQuery": "n-2" }), vec!["dan-2"]),
        (json!({ "nameQuery": "cat", "hasStates": ["USER_STATE_ACTIVE"] }), vec!["late-cat"]),
        (json!({ "organizationRefs": [{ "name": "acme" }] }), vec!["late-cat", "root"]),
        (json!({ "organizationRefs": [{ "id": acme.to_string() }], "nameQuery": "r" }), vec!["root"]),
    ] {
        let mut request = filter.clone();
        request["order"] = json!("ORDER_NAME_ASC");
        assert_eq!(each(&server.ask_all(LIST, &request, "users").await, "name"), expected, "{filter}");
    }
}

async fn filters_and_pages_are_checked(database: Database) {
    let server = populated(database).await;
    for (request, field) in [
        (json!({ "pageSize": 251 }), "page_size"),
        (json!({ "pageToken": "x" }), "page_token"),
        (json!({ "pageToken": "x".repeat(4097) }), "page_token"),
        (json!({ "nameQuery": "n".repeat(33) }), "name_query"),
        (json!({ "hasTypes": [1, 0] }), "has_types[1]"),
        (json!({ "hasTypes": [1, 1] }), "has_types"),
        (json!({ "hasStates": [7] }), "has_states[0]"),
        (json!({ "hasRoles": [2, 1, 2] }), "has_roles"),
        (json!({ "organizationRefs": [{}] }), "organization_refs[0]"),
    ] {
        refused(server.ask_admin(LIST, request).await, "invalid_argument", field);
    }
    let nowhere = json!({ "organizationRefs": [{ "name": "nowhere" }] });
    refused(server.ask_admin(LIST, nowhere).await, "not_found", "organization_refs[0]");
    // a token of one order is none of another
    let page = server.ask_admin(LIST, json!({ "order": "ORDER_NAME_ASC", "pageSize": 1 })).await.unwrap();
    let other = json!({ "order": "ORDER_CREATE_TIME_ASC", "pageToken": page["nextPageToken"] });
    refused(server.ask_admin(LIST, other).await, "invalid_argument", "page_token");
}

on_both_databases! {
    a_batch_is_made_whole_and_answered_in_order;
    a_value_that_breaks_a_rule_is_named_and_nothing_is_made;
    an_update_changes_what_is_set_in_all_or_none;
    an_inactive_user_is_out_at_once_and_comes_back_without_tokens;
    who_the_idp_deleted_is_not_switched_on_here;
    every_order_is_paged_whole_and_both_ways;
    rows_that_come_and_go_move_no_other;
    lists_are_filtered;
    a_deactivated_admin_is_no_admin_until_activated;
    filters_and_pages_are_checked;
}
