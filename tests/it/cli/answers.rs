//! What the commands do and print.

use serde_json::{Value, json};

use super::Desk;
use crate::process::run;

/// The cells of the line that has `word` in it.
fn line<'a>(table: &'a str, word: &str) -> Vec<&'a str> {
    let found = table.lines().find(|line| line.split_whitespace().any(|cell| cell == word));
    found.unwrap_or_else(|| panic!("{word} in:\n{table}")).split_whitespace().collect()
}

#[tokio::test]
async fn scim_tokens_are_made_listed_changed_and_deleted() {
    let desk = Desk::new().await;
    let made = desk.run(&["scim-token", "create", "--profile", "okta", "--description", "our Okta"]).await;
    let secret = made.stdout;
    assert!(secret.starts_with("roster_scim_") && secret.lines().count() == 1, "{secret}");
    let listed = desk.json(&["scim-token", "list"]).await;
    let token = &listed["scimTokens"][0];
    assert_eq!(
        (&token["description"], &token["profile"]),
        (&json!("our Okta"), &json!("SCIM_TOKEN_PROFILE_OKTA"))
    );
    assert!(!listed.to_string().contains(secret.trim()));
    let id = token["id"].as_str().unwrap();
    assert!(made.stderr.contains(id) && !made.stderr.contains(secret.trim()), "{}", made.stderr);
    let json = desk.json(&["scim-token", "create"]).await;
    assert_eq!(json["token"], json["secret"], "by the name that the published API has, too");
    desk.text(&["scim-token", "delete", json["scimToken"]["id"].as_str().unwrap(), "--yes"]).await;
    assert_eq!(line(&desk.text(&["scim-token", "list"]).await, id)[4], "never");
    desk.harness.app.scim(secret.trim(), "GET", "/Users", &[], None).await;
    let used = desk.text(&["scim-token", "list"]).await;
    assert!(line(&used, id)[4].starts_with("20"), "{used}");

    let table = desk.text(&["scim-token", "update", id, "--profile", "entra"]).await;
    assert_eq!(line(&table, id)[1], "entra");
    let deleted = desk.text(&["scim-token", "delete", id, "--yes"]).await;
    assert_eq!(deleted, format!("revoked the SCIM token {id}\n"));
    assert_eq!(desk.json(&["scim-token", "list"]).await, json!({}));
    let table = desk.text(&["scim-token", "list"]).await;
    assert_eq!(
        table.split_whitespace().collect::<Vec<_>>(),
        ["ID", "PROFILE", "CREATED", "EXPIRES", "LAST", "USED", "DESCRIPTION"]
    );
}

#[tokio::test]
async fn api_tokens_are_made_for_oneself_and_for_others() {
    let desk = Desk::new().await;
    let ann = desk.harness.person("ann").await;
    let made =
        desk.json(&["token", "create", "--user", "ann", "--note", "by root", "--expires", "30d"]).await;
    let token = made["token"].as_str().unwrap();
    let current = desk.run_as(token, &["user", "current"]).await;
    assert_eq!(line(&current.stdout, "ann")[0], ann.id());
    let listed = desk.run_as(token, &["token", "list", "--format", "json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let given = listed["tokens"].as_array().unwrap().iter().find(|token| token["note"] == "by root").unwrap();
    let deleted = desk.run(&["token", "delete", given["id"].as_str().unwrap()]).await;
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    assert_eq!(desk.run_as(token, &["user", "current"]).await.code, Some(3));
}

#[tokio::test]
async fn users_are_made_found_and_switched_off_and_on() {
    let desk = Desk::new().await;
    desk.text(&["user", "create", "ann", "--description", "of acme"]).await;
    desk.text(&["user", "create", "ci", "--bot"]).await;
    let bots = desk.json(&["user", "list", "--type", "bot"]).await;
    let names = |list: &Value| -> Vec<String> {
        let users = list["users"].as_array().cloned().unwrap_or_default();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&bots), ["ci"]);
    assert_eq!(names(&desk.json(&["user", "list", "--order", "name"]).await), ["ann", "ci", "root"]);
    let off = desk.text(&["user", "deactivate", "ann", "--yes"]).await;
    assert!(line(&off, "ann").contains(&"inactive"), "{off}");
    assert_eq!(names(&desk.json(&["user", "list", "--state", "inactive"]).await), ["ann"]);
    let id = desk.json(&["user", "get", "ann"]).await["users"][0]["id"].as_str().unwrap().to_owned();
    let on = desk.json(&["user", "reactivate", &id]).await;
    assert_eq!(on["users"][0]["state"], "USER_STATE_ACTIVE");
}

#[tokio::test]
async fn organizations_have_members_by_hand() {
    let desk = Desk::new().await;
    let ann = desk.harness.person("ann").await;
    desk.text(&["organization", "create", "acme", "--description", "we"]).await;
    assert_eq!(
        desk.text(&["organization", "add", "acme", "ann", "--role", "machine"]).await,
        "added ann to acme\n"
    );
    let members = desk.text(&["organization", "members", "acme"]).await;
    assert_eq!(line(&members, "ann"), [&ann.id(), "ann", "personal", "machine", "direct"]);
    desk.text(&["organization", "set-role", "acme", "ann", "owner"]).await;
    let of_ann = desk.json(&["organization", "list", "--user", "ann"]).await;
    assert_eq!(of_ann["organizations"][0]["name"], "acme");
    desk.text(&["organization", "remove", "acme", "ann"]).await;
    assert_eq!(desk.run_as(&ann.token, &["organization", "get", "acme"]).await.code, Some(5));
    assert_eq!(desk.run(&["organization", "delete", "acme"]).await.code, Some(2), "without --yes");
    desk.text(&["organization", "delete", "acme", "--yes"]).await;
    assert_eq!(desk.json(&["organization", "list"]).await, json!({}));
}

#[tokio::test]
async fn groups_are_previewed_mapped_and_explained() {
    let desk = Desk::new().await;
    desk.text(&["organization", "create", "acme"]).await;
    desk.push("Engineering", &["ann", "bob"]).await;
    let group = desk.text(&["group", "list", "--unmapped"]).await;
    assert_eq!(line(&group, "Engineering")[1..4], ["Engineering", "2", "0"]);
    assert_eq!(desk.text(&["group", "members", "engineering"]).await.lines().count(), 3);

    let plan = desk.text(&["group", "preview", "Engineering", "acme", "--role", "admin"]).await;
    assert!(plan.starts_with("2 added, 0 changed, 0 removed, 0 staying\n"), "{plan}");
    assert_eq!(line(&plan, "ann"), ["added", "ann", "-", "-", "admin", "idp-group"]);
    assert_eq!(
        desk.run(&["membership", "check", "ann", "acme"]).await.code,
        Some(10),
        "a preview does nothing"
    );

    desk.text(&["group", "map", "Engineering", "acme", "--role", "admin"]).await;
    let mapping = desk.text(&["group", "mappings"]).await;
    assert_eq!(line(&mapping, "Engineering")[..5], ["Engineering", "acme", "admin", "2", "yes"]);
    assert_eq!(
        desk.run(&["membership", "check", "ann", "acme", "--minimum-role", "admin"]).await.code,
        Some(0)
    );
    let no = desk.run(&["membership", "check", "ann", "acme", "--minimum-role", "owner"]).await;
    assert_eq!(no.code, Some(10));
    assert!(no.stdout.starts_with("no: admin (revision "), "{}", no.stdout);
    let why = desk.text(&["membership", "explain", "ann", "acme"]).await;
    assert!(why.starts_with("ann is admin of acme") && why.contains("Engineering"), "{why}");
    let memberships = desk.text(&["membership", "list", "--organization", "acme", "--reverse"]).await;
    assert!(memberships.contains("admin by idp-group Engineering"), "{memberships}");

    desk.text(&["group", "set-role", "Engineering", "acme", "member"]).await;
    let plan = desk.text(&["group", "preview", "Engineering", "acme", "--change", "unmap"]).await;
    assert!(plan.starts_with("0 added, 0 changed, 2 removed"), "{plan}");
    desk.text(&["group", "unmap", "Engineering", "acme", "--yes"]).await;
    let why = desk.text(&["membership", "explain", "bob", "acme"]).await;
    assert!(why.starts_with("bob is no member of acme"), "{why}");
}

#[tokio::test]
async fn what_everyone_gets_is_previewed_set_listed_and_removed() {
    let desk = Desk::new().await;
    desk.text(&["organization", "create", "acme"]).await;
    desk.harness.person("ann").await;
    let boss = desk.harness.push_user("boss@example.com").await.user.username;
    let organization = |verb: &[&'static str]| [&["jit", "organization"], verb].concat();
    let plan = desk.text(&organization(&["preview", "acme", "--role", "machine"])).await;
    assert!(plan.starts_with("2 added, 0 changed, 0 removed, 1 staying\n"), "{plan}");
    assert_eq!(line(&plan, "ann"), ["added", "ann", "-", "-", "machine", "jit"]);
    let set = desk.text(&organization(&["set", "acme", "--role", "machine"])).await;
    assert_eq!(set, "everyone is machine of acme\n");
    let listed = desk.text(&organization(&["list"])).await;
    assert_eq!(line(&listed, "acme")[1..4], ["acme", "machine", "user"]);
    let plan = desk.text(&organization(&["preview", "acme", "--change", "remove"])).await;
    assert!(plan.starts_with("0 added, 0 changed, 2 removed, 1 staying\n"), "{plan}");
    assert_eq!(desk.text(&organization(&["remove", "acme"])).await, "nobody joins acme any more\n");
    assert_eq!(desk.json(&organization(&["list"])).await, json!({}));

    let email = |verb: &[&'static str]| [&["jit", "admin-email"], verb].concat();
    let plan = desk.text(&email(&["preview", "boss@example.com"])).await;
    assert_eq!(line(&plan, &boss), ["added", &boss, "yes", "yes"]);
    desk.text(&email(&["add", "boss@example.com"])).await;
    assert!(desk.text(&email(&["list"])).await.contains("boss@example.com"));
    let plan = desk.text(&email(&["preview", "boss@example.com", "--change", "remove"])).await;
    assert_eq!(line(&plan, &boss), ["removed", &boss, "no", "yes"]);
    desk.text(&email(&["remove", "boss@example.com"])).await;
    assert_eq!(desk.run(&email(&["remove", "boss@example.com"])).await.code, Some(5));
}

#[tokio::test]
async fn lists_go_on_page_by_page_or_to_their_end() {
    let desk = Desk::new().await;
    for number in 0..5 {
        desk.text(&["organization", "create", &format!("org-{number}")]).await;
    }
    let first = desk.run(&["organization", "list", "--page-size", "2"]).await;
    assert_eq!(first.stdout.lines().count(), 3);
    let token = first.stderr.split("--page-token ").nth(1).unwrap().split_whitespace().next().unwrap();
    let second = desk.text(&["organization", "list", "--page-size", "250", "--page-token", token]).await;
    assert_eq!(second.lines().count(), 4, "{second}");
    assert!(second.contains("org-2") && second.contains("org-4"), "{second}");
    let all = desk.text(&["organization", "list", "--all"]).await;
    assert_eq!(all.lines().count(), 6);
}

#[tokio::test]
async fn the_audit_log_tells_what_was_done() {
    let desk = Desk::new().await;
    desk.text(&["organization", "create", "acme"]).await;
    let events = desk.text(&["audit", "list", "--since", "1h"]).await;
    let created = events.lines().find(|line| line.contains("organization-created")).unwrap();
    assert!(created.contains("user root") && created.contains("organization acme"), "{created}");
    assert_eq!(desk.json(&["audit", "list", "--until", "1h"]).await, json!({}));
}

#[tokio::test]
async fn names_of_others_do_not_reach_the_terminal_as_commands() {
    let desk = Desk::new().await;
    desk.push("\u{1b}[2Jgone\nfake", &["ann"]).await;
    let table = desk.text(&["group", "list"]).await;
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(!table.contains('\u{1b}') && table.contains("\\u{1b}[2Jgone"), "{table}");
}

#[tokio::test]
async fn completions_and_manual_pages_are_made_of_the_tree() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(folder.path(), &["completions", shell]).await;
        assert!(script.code == Some(0) && script.stdout.contains("scim-token"), "{shell}");
    }
    let bash = run(folder.path(), &["completions", "bash"]).await.stdout;
    let path = folder.path().join("roster.bash");
    std::fs::write(&path, bash).unwrap();
    let checked = tokio::process::Command::new("bash").arg("-n").arg(&path).status().await.unwrap();
    assert!(checked.success());
    let page = run(folder.path(), &["man"]).await;
    assert!(page.stdout.contains(".TH roster 1") && page.stdout.contains("membership"), "{}", page.stdout);
    assert_eq!(run(folder.path(), &["man", "--to", "."]).await.code, Some(0));
    assert!(folder.path().join("roster-scim-token-create.1").is_file());
}
