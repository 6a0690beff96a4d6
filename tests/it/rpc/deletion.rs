//! Deleting accounts: by oneself, by server admins in batches, and by force.

use roster::domain::role::OrganizationRole as Rank;
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Refusal, each},
};

const DELETE_SELF: &str = "buf.alpha.registry.v1alpha1.UserService/DeleteUser";
const DELETE_USERS: &str = "buf.registry.owner.v1.UserService/DeleteUsers";
const FORCE_DELETE: &str = "buf.alpha.registry.v1alpha1.AdminService/ForceDeleteUser";
const GET_USERS: &str = "buf.registry.owner.v1.UserService/GetUsers";
const LIST_USERS: &str = "buf.registry.owner.v1.UserService/ListUsers";
const CREATE_USERS: &str = "buf.registry.owner.v1.UserService/CreateUsers";
const CREATE_ORGANIZATION: &str = "buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization";
const GET_ORGANIZATION: &str = "buf.alpha.registry.v1alpha1.OrganizationService/GetOrganizationByName";
const LIST_MEMBERS: &str = "buf.alpha.registry.v1alpha1.UserService/ListOrganizationUsers";
const LIST_GROUPS: &str = "roster.v1.IdpGroupService/ListIdpGroups";

fn named(names: &[&str]) -> Value {
    let refs: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({ "userRefs": refs })
}

#[track_caller]
fn refused(outcome: Result<Value, Refusal>, reason: &str, field: &str) {
    let refusal = outcome.unwrap_err();
    assert_eq!(refusal.code, "failed_precondition", "{refusal:?}");
    assert_eq!((refusal.reason().as_str(), refusal.field().as_str()), (reason, field), "{refusal:?}");
}

async fn there(server: &Harness, name: &str) -> bool {
    match server.ask_admin(GET_USERS, named(&[name])).await {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal.code, "not_found", "{refusal:?}");
            false
        }
    }
}

async fn who_deletes_the_own_account_is_gone_from_everything(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    server.member(acme, &bob, Rank::Admin).await;
    server.push_group("eng", &[&ann.user, &bob.user]).await;
    server.ask(&bob, DELETE_SELF, json!({})).await.unwrap();

    let refusal = server.ask(&bob, DELETE_SELF, json!({})).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.reason().as_str()), ("unauthenticated", "TOKEN_INVALID"));
    assert!(!there(&server, "bob").await);
    let by_id = json!({ "userRefs": [{ "id": bob.id() }] });
    assert_eq!(server.ask_admin(GET_USERS, by_id).await.unwrap_err().field(), "user_refs[0]");
    let all = server.ask_all(LIST_USERS, &json!({ "order": "ORDER_NAME_ASC" }), "users").await;
    assert_eq!(each(&all, "name"), ["ann", "root"]);
    let members =
        server.ask(&ann, LIST_MEMBERS, json!({ "organizationId": acme.to_string() })).await.unwrap();
    assert_eq!(members["users"].as_array().unwrap().len(), 1);
    let groups = server.ask_admin(LIST_GROUPS, json!({})).await.unwrap();
    assert_eq!(groups["idpGroups"][0]["memberCount"], "1", "{groups}");
    // nobody can pose as who had the name
    let again = server.ask_admin(CREATE_USERS, json!({ "values": [{ "name": "bob" }] })).await.unwrap_err();
    assert_eq!((again.code.as_str(), again.field().as_str()), ("already_exists", "values[0].name"));
}

async fn a_push_does_not_revive_who_was_deleted_for_good(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    server.ask_admin(DELETE_USERS, named(&["bob"])).await.unwrap();
    let pushed = server.push_user("bob@example.com").await.user;
    assert_ne!((pushed.id, pushed.username.as_str()), (bob.user.id, "bob"));
    assert!(!there(&server, "bob").await && there(&server, &pushed.username).await);
}

async fn an_account_that_the_idp_owns_is_deleted_there(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    server.push_user("bob@example.com").await;
    refused(server.ask(&bob, DELETE_SELF, json!({})).await, "PROVISIONED_USER", "");
    assert!(there(&server, "bob").await);
    server.ask_admin(DELETE_USERS, named(&["bob"])).await.unwrap();
    assert!(!there(&server, "bob").await);
}

async fn the_last_owner_and_the_last_admin_stay(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob) = (server.person("ann").await, server.person("bob").await);
    let acme = server.organization(&ann, "acme").await;
    refused(server.ask(&ann, DELETE_SELF, json!({})).await, "LAST_OWNER", "");
    refused(server.ask_admin(DELETE_USERS, named(&["bob", "ann"])).await, "LAST_OWNER", "user_refs[1]");
    refused(server.ask_admin(DELETE_SELF, json!({})).await, "LAST_SERVER_ADMIN", "");
    refused(server.ask_admin(DELETE_USERS, named(&["root"])).await, "LAST_SERVER_ADMIN", "user_refs[0]");
    refused(
        server.ask_admin(FORCE_DELETE, json!({ "userId": server.admin.id() })).await,
        "LAST_SERVER_ADMIN",
        "",
    );
    assert!(there(&server, "bob").await, "the batch was all or nothing");

    server.member(acme, &bob, Rank::Owner).await;
    // each alone could go, but not both
    refused(server.ask_admin(DELETE_USERS, named(&["ann", "bob"])).await, "LAST_OWNER", "user_refs[1]");
    assert!(there(&server, "ann").await && there(&server, "bob").await);
    server.ask(&ann, DELETE_SELF, json!({})).await.unwrap();
    refused(server.ask(&bob, DELETE_SELF, json!({})).await, "LAST_OWNER", "");
}

async fn of_two_owners_who_go_at_once_one_stays(database: Database) {
    let server = Harness::on(database).await;
    for round in 0..5 {
        let ann = server.person(&format!("ann-{round}")).await;
        let bob = server.person(&format!("bob-{round}")).await;
        let acme = server.organization(&ann, &format!("acme-{round}")).await;
        server.member(acme, &bob, Rank::Owner).await;
        let (first, second) =
            tokio::join!(server.ask(&ann, DELETE_SELF, json!({})), server.ask(&bob, DELETE_SELF, json!({})));
        let stayed = match (first, second) {
            (Ok(_), stayed @ Err(_)) | (stayed @ Err(_), Ok(_)) => stayed,
            both => panic!("{both:?}"),
        };
        refused(stayed, "LAST_OWNER", "");
    }
}

async fn one_who_is_named_twice_is_deleted_once(database: Database) {
    let server = Harness::on(database).await;
    let bob = server.person("bob").await;
    server.person("eve").await;
    let refs = json!([{ "name": "bob" }, { "id": bob.id() }, { "name": "eve" }, { "name": "bob" }]);
    server.ask_admin(DELETE_USERS, json!({ "userRefs": refs })).await.unwrap();
    assert!(!there(&server, "bob").await && !there(&server, "eve").await);
    let refusal = server.ask_admin(DELETE_USERS, named(&["bob"])).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.field().as_str()), ("not_found", "user_refs[0]"));
}

async fn force_takes_what_nobody_else_owns_along(database: Database) {
    let server = Harness::on(database).await;
    let (ann, bob, eve) =
        (server.person("ann").await, server.person("bob").await, server.person("eve").await);
    let alone = server.organization(&ann, "alone").await;
    server.member(alone, &bob, Rank::Admin).await;
    let shared = server.organization(&ann, "shared").await;
    server.member(shared, &bob, Rank::Owner).await;
    let asleep = server.organization(&ann, "asleep").await;
    server.member(asleep, &eve, Rank::Owner).await;
    server.push_user("eve@example.com").await;
    server.push_active(&eve.user, false).await;

    let answer = server.ask_admin(FORCE_DELETE, json!({ "userId": ann.id() })).await.unwrap();
    assert_eq!((&answer["user"]["username"], &answer["user"]["deactivated"]), (&json!("ann"), &Value::Null));
    assert_eq!(each(answer["organizations"].as_array().unwrap(), "name"), ["alone"], "{answer}");
    assert!(!there(&server, "ann").await);
    let get = |name: &str| server.ask_admin(GET_ORGANIZATION, json!({ "name": name }));
    assert_eq!(get("alone").await.unwrap_err().code, "not_found");
    get("shared").await.unwrap();
    // its owner may come back
    get("asleep").await.unwrap();
    let of_bob = server.ask(&bob, GET_ORGANIZATION, json!({ "name": "alone" })).await.unwrap_err();
    assert_eq!(of_bob.code, "not_found");
    // neither name is free again: server admins alone may give the organization's to another one
    let again = server.ask(&bob, CREATE_ORGANIZATION, json!({ "name": "alone" })).await.unwrap_err();
    assert_eq!(again.code, "already_exists");
    assert!(roster::services::membership::check(&server.services).await.unwrap().is_empty());
}

on_both_databases! {
    who_deletes_the_own_account_is_gone_from_everything;
    a_push_does_not_revive_who_was_deleted_for_good;
    an_account_that_the_idp_owns_is_deleted_there;
    the_last_owner_and_the_last_admin_stay;
    of_two_owners_who_go_at_once_one_stays;
    one_who_is_named_twice_is_deleted_once;
    force_takes_what_nobody_else_owns_along;
}
