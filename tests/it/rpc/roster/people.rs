//! Emails of local accounts, one by one and from a list.

use roster::{
    domain::{role::ServerRole, user::UserType},
    services::user,
};
use serde_json::{Value, json};

use crate::{
    storage::{Database, on_both_databases},
    support::{Harness, Refusal, system},
};

const SERVICE: &str = "roster.v1.UserService";

async fn ask(server: &Harness, method: &str, request: Value) -> Result<Value, Refusal> {
    server.ask_admin(&format!("{SERVICE}/{method}"), request).await
}

async fn set(server: &Harness, username: &str, email: &str) -> Result<Value, Refusal> {
    ask(server, "SetUserEmail", json!({ "userRef": { "name": username }, "email": email })).await
}

async fn account(server: &Harness, username: &str) -> Value {
    let found = ask(server, "GetUserAccount", json!({ "userRef": { "name": username } })).await;
    found.unwrap()["userAccount"].clone()
}

/// A person of this name without an email.
async fn local(server: &Harness, username: &str) {
    ask(server, "CreateUserAccount", json!({ "username": username })).await.unwrap();
}

async fn an_email_is_given_changed_and_taken_away(database: Database) {
    let server = Harness::on(database).await;
    local(&server, "ann").await;
    let bare = account(&server, "ann").await;
    assert_eq!(
        (&bare["email"], &bare["scimId"], &bare["origin"]),
        (&Value::Null, &Value::Null, &json!("USER_ACCOUNT_ORIGIN_LOCAL"))
    );
    let changed = set(&server, "ann", "Ann@corp.com").await.unwrap();
    assert_eq!(changed["userAccount"]["email"], "Ann@corp.com");
    assert_eq!(changed["userAccount"]["scimUserName"], "Ann@corp.com");
    let written = crate::standing::written(server.app.store()).await;
    set(&server, "ann", "Ann@corp.com").await.unwrap();
    assert_eq!(crate::standing::written(server.app.store()).await, written, "nothing changes");
    set(&server, "ann", "ann@corp.com").await.unwrap();
    ask(&server, "ClearUserEmail", json!({ "userRef": { "name": "ann" } })).await.unwrap();
    assert_eq!(account(&server, "ann").await, bare);
    // by id, and at the creation
    let id = json!({ "id": account(&server, "ann").await["userId"] });
    ask(&server, "SetUserEmail", json!({ "userRef": id, "email": "ann@corp.com" })).await.unwrap();
    let new = json!({ "username": "bob", "email": "bob@corp.com", "description": "of acme" });
    let made = ask(&server, "CreateUserAccount", new).await.unwrap();
    assert_eq!(made["userAccount"]["email"], "bob@corp.com");
    // the push of each is the account
    for name in ["ann", "bob"] {
        let pushed = server.push_user(&format!("{name}@corp.com")).await.user;
        assert_eq!(pushed.username, name);
    }
}

async fn what_is_no_email_of_ones_own_is_refused(database: Database) {
    let server = Harness::on(database).await;
    let pushed = server.push_user("pushed@corp.com").await.user;
    let gone = server.push_user("gone@corp.com").await.user;
    server.push_deleted(&gone).await;
    server.account("robot", UserType::Machine, ServerRole::Member).await;
    for name in ["ann", "bob", "off"] {
        local(&server, name).await;
        set(&server, name, &format!("{name}@corp.com")).await.unwrap();
    }
    let off = account(&server, "off").await["userId"].as_str().unwrap().parse().unwrap();
    user::deactivate(&server.services, &system(), off).await.unwrap();
    for (name, email, code, reason, field) in [
        ("ann", "", "invalid_argument", "INVALID_FIELD", "email"),
        ("ann", "no address", "invalid_argument", "INVALID_FIELD", "email"),
        ("ann", "a b@corp.com", "invalid_argument", "INVALID_FIELD", "email"),
        ("ann", "a\u{200b}b@corp.com", "invalid_argument", "INVALID_FIELD", "email"),
        ("nobody", "a@corp.com", "not_found", "NOT_FOUND", "user_ref"),
        ("robot", "a@corp.com", "invalid_argument", "INVALID_FIELD", "user_ref"),
        (pushed.username.as_str(), "a@corp.com", "failed_precondition", "PROVISIONED_USER", "user_ref"),
        (gone.username.as_str(), "a@corp.com", "failed_precondition", "USER_DELETED", "user_ref"),
        ("ann", "pushed@corp.com", "already_exists", "TAKEN", "email"),
        ("ann", "PUSHED@corp.com", "already_exists", "TAKEN", "email"),
        ("ann", "bob@corp.com", "already_exists", "TAKEN", "email"),
        ("ann", "ｂob@corp.com", "already_exists", "TAKEN", "email"),
    ] {
        let refused = set(&server, name, email).await.unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.reason().as_str(), refused.field().as_str()),
            (code, reason, field),
            "{name} {email}: {}",
            refused.message
        );
        if code == "already_exists" {
            assert!(refused.message.contains("roster user merge "), "{}", refused.message);
            let new = json!({ "username": "new", "email": email });
            let refused = ask(&server, "CreateUserAccount", new).await.unwrap_err();
            assert!(!refused.message.contains("merge"), "there is nothing to merge: {}", refused.message);
            assert_eq!((refused.code.as_str(), refused.field().as_str()), (code, "email"));
        }
    }
    let refused = ask(&server, "ClearUserEmail", json!({ "userRef": { "name": pushed.username } })).await;
    assert_eq!(refused.unwrap_err().reason(), "PROVISIONED_USER");
    // an account that is switched off holds nothing
    set(&server, "ann", "off@corp.com").await.unwrap();
}

async fn an_address_that_gives_rights_is_the_idps_to_give(database: Database) {
    let server = Harness::on(database).await;
    let email = json!({ "email": "Boss@corp.com" });
    server.ask_admin("roster.v1.JitService/AddAdminEmail", email).await.unwrap();
    local(&server, "boss").await;
    for address in ["boss@corp.com", "BOSS@CORP.COM"] {
        set(&server, "boss", address).await.unwrap();
        assert_eq!(account(&server, "boss").await["serverAdmin"], Value::Null, "nobody vouches for it");
    }
    server.push_user("boss@corp.com").await;
    assert_eq!(account(&server, "boss").await["serverAdmin"], true);
}

fn row(username: &str, email: &str) -> Value {
    json!({ "username": username, "email": email })
}

async fn an_import_makes_and_changes_accounts(database: Database) {
    let server = Harness::on(database).await;
    local(&server, "ann").await;
    let users = json!([
        row("ann", "ann@corp.com"),
        { "username": "bob", "email": "bob@corp.com", "description": "of acme" },
        row("carl", ""),
    ]);
    let written = crate::standing::written(server.app.store()).await;
    let effects = |answer: &Value| -> Vec<String> {
        let rows = answer["rows"].as_array().unwrap().iter();
        rows.map(|row| {
            row["effect"].as_str().unwrap_or_else(|| panic!("{row}")).replace("IMPORT_EFFECT_", "")
        })
        .collect()
    };
    let planned = ask(&server, "PreviewImportUsers", json!({ "users": users })).await.unwrap();
    assert_eq!(crate::standing::written(server.app.store()).await, written, "a preview writes nothing");
    let done = ask(&server, "ImportUsers", json!({ "users": users })).await.unwrap();
    assert_eq!(effects(&done), ["UPDATED", "CREATED", "CREATED"]);
    assert_eq!(planned["rows"], done["rows"]);
    for (name, email) in
        [("ann", json!("ann@corp.com")), ("bob", json!("bob@corp.com")), ("carl", Value::Null)]
    {
        assert_eq!(account(&server, name).await["email"], email);
    }
    let again = ask(&server, "ImportUsers", json!({ "users": users })).await.unwrap();
    assert_eq!(effects(&again), ["UNCHANGED"; 3]);
    // an empty cell takes nothing away
    let bare = json!({ "users": [row("ann", "")] });
    assert_eq!(effects(&ask(&server, "ImportUsers", bare).await.unwrap()), ["UNCHANGED"]);
}

async fn an_import_tells_all_mistakes_and_does_nothing(database: Database) {
    let server = Harness::on(database).await;
    let pushed = server.push_user("pushed@corp.com").await.user;
    server.organization(&server.admin, "acme").await;
    server.account("robot", UserType::Machine, ServerRole::Member).await;
    let rows = [
        (row("good", "good@corp.com"), None),
        (row("Bad Name", "a@corp.com"), Some("username")),
        (row("admin-to-be", "no address"), Some("email")),
        (row("acme", "b@corp.com"), Some("username")),
        (row(&pushed.username, "c@corp.com"), Some("username")),
        (row("robot", "d@corp.com"), Some("username")),
        (row("thief", "PUSHED@corp.com"), Some("email")),
        (row("good", "e@corp.com"), Some("username")),
        (row("twin", "GOOD@corp.com"), Some("email")),
        (row("root", ""), None),
    ];
    let users: Vec<_> = rows.iter().map(|(row, _)| row.clone()).collect();
    let written = crate::standing::written(server.app.store()).await;
    let planned = ask(&server, "PreviewImportUsers", json!({ "users": users })).await.unwrap();
    for ((row, field), told) in rows.iter().zip(planned["rows"].as_array().unwrap()) {
        assert_eq!(told["field"].as_str(), *field, "{row}: {told}");
        assert_eq!(told["mistake"].is_null(), field.is_none(), "{row}: {told}");
        assert_eq!(told["effect"].is_null(), field.is_some(), "{row}: {told}");
    }
    let refused = ask(&server, "ImportUsers", json!({ "users": users })).await.unwrap_err();
    let paths: Vec<_> = rows
        .iter()
        .enumerate()
        .filter_map(|(index, (_, field))| Some(format!("users[{index}].{}", (*field)?)))
        .collect();
    assert_eq!((refused.code.as_str(), refused.violations()), ("invalid_argument", paths));
    assert_eq!(crate::standing::written(server.app.store()).await, written, "all or nothing");
    for users in [json!([]), Value::from(vec![row("ann", ""); 1_001])] {
        for method in ["ImportUsers", "PreviewImportUsers"] {
            let refused = ask(&server, method, json!({ "users": users })).await.unwrap_err();
            assert_eq!((refused.code.as_str(), refused.field().as_str()), ("invalid_argument", "users"));
        }
    }
}

on_both_databases! {
    an_email_is_given_changed_and_taken_away;
    what_is_no_email_of_ones_own_is_refused;
    an_address_that_gives_rights_is_the_idps_to_give;
    an_import_makes_and_changes_accounts;
    an_import_tells_all_mistakes_and_does_nothing;
}
