//! What an IdP's pushes do over HTTP: together, to the audit log, and to readiness.

use std::collections::BTreeSet;

use futures::future::join_all;
use roster::{
    domain::{actor::Caller, role::ServerRole, scim_token::ClientProfile, user::UserType},
    services::{
        membership,
        user::{self, NewUser},
    },
};
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::{app::App, storage::Database};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// An application with an IdP.
struct Idp {
    app: App,
    token: String,
}

impl Idp {
    async fn start(database: Database) -> Self {
        let app = App::start(database).await;
        let token = app.scim_token(ClientProfile::Generic).await;
        Self { app, token }
    }

    async fn send(&self, method: &str, path: impl AsRef<str>, body: &Value, status: u16) -> Value {
        let headers = [("content-type".to_owned(), "application/scim+json".to_owned())];
        let bytes = (!body.is_null()).then(|| body.to_string().into_bytes());
        let answer = self.app.scim(&self.token, method, path.as_ref(), &headers, bytes).await;
        assert_eq!(answer.status, status, "{method} {} {body}: {}", path.as_ref(), answer.body);
        answer.body
    }

    async fn user(&self, name: &str) -> String {
        let emails = json!([{ "value": format!("{name}@example.com"), "type": "work" }]);
        let body = json!({ "schemas": [USER], "userName": format!("{name}@example.com"), "emails": emails });
        id(&self.send("POST", "/Users", &body, 201).await)
    }

    async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
        id(&self.send("POST", "/Groups", &body, 201).await)
    }

    async fn patch(&self, path: impl AsRef<str>, operation: &Value, status: u16) -> Value {
        let body = json!({ "schemas": [PATCH_OP], "Operations": [operation] });
        self.send("PATCH", path, &body, status).await
    }

    async fn organization(&self, name: &str, groups: &[&str]) -> String {
        let made = self.app.call("OrganizationService/CreateOrganization", json!({ "name": name })).await;
        let id = made["organization"]["id"].as_str().unwrap().to_owned();
        for group in groups {
            let mapping = json!({ "organizationId": id, "groupName": group });
            self.app.call("OrganizationService/AddOrganizationGroup", mapping).await;
        }
        id
    }

    /// The codes of readiness, with their subjects.
    async fn warnings(&self) -> Vec<(String, Vec<String>)> {
        let answer = self.send("GET", "/readiness", &Value::Null, 200).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let warning = |warning: &Value| {
            assert!(["what", "why", "fix"].iter().all(|part| !text(&warning[*part]).is_empty()));
            (text(&warning["code"]), warning["subjects"].as_array().unwrap().iter().map(text).collect())
        };
        answer["warnings"].as_array().unwrap().iter().map(warning).collect()
    }
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

/// 32 clients add 1,000 members to one group that is mapped to an organization, and lose none.
async fn members_added_at_once_are_all_there(database: Database) {
    let idp = &Idp::start(database).await;
    let organization = idp.organization("acme", &["Everyone"]).await;
    let group = &idp.group("Everyone", &[]).await;
    let mut users = Vec::new();
    for n in 0..1_000 {
        users.push(idp.user(&format!("user{n}")).await);
    }
    let clients = users.chunks(users.len().div_ceil(32)).map(async |users| {
        for user in users {
            let add = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
            idp.patch(&format!("/Groups/{group}?excludedAttributes=members"), &add, 200).await;
        }
    });
    join_all(clients).await;
    let found = idp.send("GET", &format!("/Groups/{group}"), &Value::Null, 200).await;
    let members = found["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap());
    assert_eq!(members.collect::<BTreeSet<_>>(), users.iter().map(String::as_str).collect());
    let settings = idp
        .app
        .call("OrganizationService/GetOrganizationSettings", json!({ "organizationId": organization }));
    assert_eq!(settings.await["membersCount"], 1_001);
    assert_eq!(membership::check(&idp.app.services).await.unwrap(), []);
}

/// Many groups, each given the same users at once: nobody waits for ever, and nobody is told to come again.
async fn groups_of_the_same_users_are_pushed_at_once(database: Database) {
    let idp = &Idp::start(database).await;
    let names: Vec<_> = (0..12).map(|n| format!("Group {n}")).collect();
    idp.organization("acme", &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut users = Vec::new();
    for n in 0..20 {
        users.push(idp.user(&format!("user{n}")).await);
    }
    let members: Vec<_> = users.iter().map(|id| json!({ "value": id })).collect();
    let mut groups = Vec::new();
    for name in &names {
        groups.push(idp.group(name, &[]).await);
    }
    let (add, remove) = (
        json!({ "op": "add", "path": "members", "value": members }),
        json!({ "op": "remove", "path": "members" }),
    );
    for change in [&add, &remove, &add] {
        join_all(groups.iter().map(|group| idp.patch(group_path(group), change, 200))).await;
    }
    assert_eq!(membership::check(&idp.app.services).await.unwrap(), []);
    // users go while groups take them in again
    let gone = users.iter().map(|user| idp.send("DELETE", format!("/Users/{user}"), &Value::Null, 204));
    let taken_in = groups.iter().map(|group| idp.patch(group_path(group), &add, 200));
    futures::join!(join_all(gone), join_all(taken_in));
    for group in &groups {
        let found = idp.send("GET", group_path(group), &Value::Null, 200).await;
        assert_eq!(found["members"], Value::Null, "who is deleted is in no group");
    }
    assert_eq!(membership::check(&idp.app.services).await.unwrap(), []);
}

fn group_path(id: &str) -> String {
    format!("/Groups/{id}")
}

#[tokio::test]
async fn groups_of_the_same_users_are_pushed_at_once_on_sqlite() {
    groups_of_the_same_users_are_pushed_at_once(Database::sqlite().await).await;
}

#[tokio::test]
async fn groups_of_the_same_users_are_pushed_at_once_on_postgres() {
    groups_of_the_same_users_are_pushed_at_once(Database::postgres().await).await;
}

#[tokio::test]
async fn members_added_at_once_are_all_there_on_sqlite() {
    members_added_at_once_are_all_there(Database::sqlite().await).await;
}

#[tokio::test]
async fn members_added_at_once_are_all_there_on_postgres() {
    members_added_at_once_are_all_there(Database::postgres().await).await;
}

#[tokio::test]
async fn a_large_group_answers_a_patch_without_a_body() {
    let idp = Idp::start(Database::sqlite().await).await;
    let mut users = Vec::new();
    for n in 0..101 {
        users.push(idp.user(&format!("user{n}")).await);
    }
    let ids: Vec<_> = users.iter().map(String::as_str).collect();
    let group = idp.group("Large", &ids[1..]).await;
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": ids[0] }] });
    assert_eq!(idp.patch(&format!("/Groups/{group}"), &add, 204).await, Value::Null);
    let asked = idp.patch(&format!("/Groups/{group}?attributes=displayName"), &add, 200).await;
    assert_eq!((&asked["displayName"], &asked["members"]), (&json!("Large"), &Value::Null));
}

/// Every row of the log as `action actor subject`, and the rows of membership events.
async fn log(url: &str) -> (Vec<String>, Vec<String>) {
    let path = url.strip_prefix("sqlite:").unwrap();
    let pool = sqlx::SqlitePool::connect(path).await.unwrap();
    let rows =
        sqlx::query("SELECT action, actor_kind, subject_name, before, after FROM audit_event ORDER BY id");
    let rows = rows.fetch_all(&pool).await.unwrap();
    let told = |row: &sqlx::sqlite::SqliteRow| {
        let (before, after): (String, String) = (row.get(3), row.get(4));
        assert!(
            serde_json::from_str::<Value>(&before).is_ok() && serde_json::from_str::<Value>(&after).is_ok()
        );
        assert_ne!(before, after, "a row tells of a change");
        format!("{} {} {}", row.get::<i64, _>(0), row.get::<String, _>(1), row.get::<String, _>(2))
    };
    let events = sqlx::query("SELECT old_role, new_role, actor_kind FROM membership_event ORDER BY revision");
    let event = |row: &sqlx::sqlite::SqliteRow| {
        let (old, new): (Option<i64>, Option<i64>) = (row.get(0), row.get(1));
        format!("{old:?} {new:?} {}", row.get::<String, _>(2))
    };
    (rows.iter().map(told).collect(), events.fetch_all(&pool).await.unwrap().iter().map(event).collect())
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    use roster::domain::audit::Action::{
        IdpGroupCreated, IdpGroupDeleted, IdpGroupUpdated, OrganizationCreated, OrganizationGroupAdded,
        UserCreated, UserDeactivated, UserDeleted, UserReactivated,
    };
    let database = Database::sqlite().await;
    let url = database.url.clone();
    let idp = Idp::start(database).await;
    let set_up = log(&url).await.0.len();
    idp.organization("acme", &["Team"]).await;
    let user = idp.user("ann").await;
    let group = idp.group("Team", &[&user]).await;
    let active = |value: bool| json!({ "op": "replace", "path": "active", "value": value });
    idp.patch(&format!("/Users/{user}"), &active(false), 200).await;
    idp.patch(&format!("/Users/{user}"), &active(false), 200).await;
    idp.patch(&format!("/Users/{user}"), &active(true), 200).await;
    idp.patch(&format!("/Groups/{group}"), &json!({ "op": "remove", "path": "members" }), 200).await;
    idp.send("DELETE", &format!("/Groups/{group}"), &Value::Null, 204).await;
    idp.send("DELETE", &format!("/Users/{user}"), &Value::Null, 204).await;
    let (rows, events) = log(&url).await;
    let row = |action: roster::domain::audit::Action, actor: &str, name: &str| {
        format!("{} {actor} {name}", action.code())
    };
    let expected = [
        row(OrganizationCreated, "user", "acme"),
        row(OrganizationGroupAdded, "user", "acme"),
        row(UserCreated, "scim_token", "ann"),
        row(IdpGroupCreated, "scim_token", "Team"),
        row(UserDeactivated, "scim_token", "ann"),
        row(UserReactivated, "scim_token", "ann"),
        row(IdpGroupUpdated, "scim_token", "Team"),
        row(IdpGroupDeleted, "scim_token", "Team"),
        row(UserDeleted, "scim_token", "ann"),
    ];
    assert_eq!(rows[set_up..], expected);
    let (none, member, owner) = ("None", "Some(10)", "Some(40)");
    let event = |old: &str, new: &str, actor: &str| format!("{old} {new} {actor}");
    let expected = [
        event(none, owner, "user"),
        event(none, member, "scim_token"),
        event(member, none, "scim_token"),
        event(none, member, "scim_token"),
        event(member, none, "scim_token"),
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn readiness_tells_what_is_missing_until_it_is_mended() {
    let idp = Idp::start(Database::sqlite().await).await;
    let alone = |code: &str| vec![(code.to_owned(), Vec::new())];
    assert_eq!(idp.warnings().await, alone("NO_ORGANIZATION_GROUP"));

    let system = Caller::system("test");
    for username in ["left", "right"] {
        let (email, user_type) = (Some("both@example.com".to_owned()), UserType::Personal);
        let new =
            NewUser { username: username.to_owned(), email, user_type, server_role: ServerRole::Member };
        user::create(&idp.app.services, &system, &new).await.unwrap();
    }
    idp.organization("acme", &["Taem"]).await;
    idp.send("POST", "/Users", &json!({ "schemas": [USER], "userName": "no-mail" }), 201).await;
    let group = idp.group("Team", &["0190c0de00007000800000000badcafe"]).await;
    let told: Vec<_> = idp.warnings().await;
    let expected = [
        ("UNMAPPED_GROUPS", "Team"),
        ("UNPUSHED_GROUP_NAMES", "acme: Taem"),
        ("USERS_WITHOUT_WORK_EMAIL", "no-mail"),
        ("SHARED_LOCAL_EMAILS", "both@example.com"),
        ("UNKNOWN_GROUP_MEMBERS", "Team: 0190c0de00007000800000000badcafe"),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(code, name)| ((*code).to_owned(), vec![(*name).to_owned()])).collect();
    assert_eq!(told, expected);

    let rename = json!({ "op": "replace", "path": "displayName", "value": "Taem" });
    idp.patch(&format!("/Groups/{group}"), &rename, 200).await;
    idp.patch(&format!("/Groups/{group}"), &json!({ "op": "remove", "path": "members" }), 200).await;
    let codes: Vec<_> = idp.warnings().await.into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["USERS_WITHOUT_WORK_EMAIL", "SHARED_LOCAL_EMAILS"]);
}

#[tokio::test]
async fn an_organization_that_loses_its_last_owner_to_the_idp_is_told_of() {
    let idp = Idp::start(Database::sqlite().await).await;
    let user = idp.user("ann").await;
    idp.group("Owners", &[&user]).await;
    let organization = idp.organization("acme", &[]).await;
    let owners = json!({ "organizationId": organization, "groupName": "Owners", "roleOverride": "ORGANIZATION_ROLE_OWNER" });
    idp.app.call("OrganizationService/AddOrganizationGroup", owners).await;
    let root = idp.app.call("AuthnService/GetCurrentUser", json!({})).await;
    let remove = json!({ "organizationId": organization, "userId": root["user"]["id"] });
    idp.app.call("OrganizationService/RemoveOrganizationMember", remove).await;
    assert_eq!(idp.warnings().await, []);
    idp.patch(&format!("/Users/{user}"), &json!({ "op": "replace", "path": "active", "value": false }), 200)
        .await;
    assert_eq!(idp.warnings().await, [("ORGANIZATIONS_WITHOUT_OWNER".to_owned(), vec!["acme".to_owned()])]);
}

#[tokio::test]
async fn an_admin_who_is_deleted_comes_back_as_an_ordinary_user() {
    let idp = Idp::start(Database::sqlite().await).await;
    let user = idp.user("chef").await;
    let page = idp.app.call("UserService/GetUserByUsername", json!({ "username": "chef" })).await;
    let admin = json!({ "userId": page["user"]["id"], "serverRole": "SERVER_ROLE_ADMIN" });
    idp.app.call("UserService/UpdateUserServerRole", admin).await;
    idp.send("DELETE", format!("/Users/{user}"), &Value::Null, 204).await;
    idp.user("chef").await;
    let account =
        user::get(&idp.app.services, &idp.app.admin_caller().await, &user::Ref::Name("chef".to_owned()))
            .await
            .unwrap();
    assert_eq!((account.server_role, account.is_active()), (ServerRole::Member, true));
}

#[tokio::test]
async fn a_local_users_name_is_nobody_elses() {
    let idp = Idp::start(Database::sqlite().await).await;
    let (email, user_type) = (Some("eve@example.com".to_owned()), UserType::Personal);
    let new = NewUser { username: "eve".to_owned(), email, user_type, server_role: ServerRole::Member };
    user::create(&idp.app.services, &Caller::system("test"), &new).await.unwrap();
    let other = idp.user("bob").await;
    let rename = json!({ "op": "replace", "path": "userName", "value": "EVE@example.com" });
    let refused = idp.patch(format!("/Users/{other}"), &rename, 409).await;
    assert_eq!(refused["scimType"], "uniqueness");
}

#[tokio::test]
async fn a_text_that_no_index_takes_is_the_clients_mistake() {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let idp = Idp::start(database).await;
        let long = "x".repeat(9_000);
        let body = json!({ "schemas": [USER], "userName": "a", "externalId": long });
        assert_eq!(idp.send("POST", "/Users", &body, 400).await["scimType"], "invalidValue");
        // an id that no user has does not sink a push, however long it is, and however many there are
        let known = idp.user("bob").await;
        let mut members: Vec<_> = (0..40_000).map(|n| json!({ "value": format!("nobody-{n}") })).collect();
        members.extend([json!({ "value": long }), json!({ "value": known })]);
        let group = idp.group("Team", &[]).await;
        let add = json!({ "op": "add", "path": "members", "value": members });
        let pushed = idp.patch(group_path(&group), &add, 200).await;
        assert_eq!(pushed["members"].as_array().unwrap().len(), 1);
        let remove = json!({ "op": "Remove", "path": "members", "value": members });
        assert_eq!(idp.patch(group_path(&group), &remove, 200).await["members"], Value::Null);
        let unknown = |(code, _): &(String, Vec<String>)| code == "UNKNOWN_GROUP_MEMBERS";
        assert!(!idp.warnings().await.iter().any(unknown));
    }
}

#[tokio::test]
async fn a_user_whose_groups_change_is_of_another_version() {
    let idp = Idp::start(Database::sqlite().await).await;
    let user = idp.user("ann").await;
    let mut seen = BTreeSet::new();
    let mut version = async || {
        let found = idp.send("GET", format!("/Users/{user}"), &Value::Null, 200).await;
        assert!(seen.insert(found["meta"]["version"].to_string()), "{found}");
    };
    version().await;
    let group = idp.group("Team", &[&user]).await;
    version().await;
    idp.patch(group_path(&group), &json!({ "op": "replace", "path": "displayName", "value": "Crew" }), 200)
        .await;
    version().await;
    idp.send("DELETE", group_path(&group), &Value::Null, 204).await;
    version().await;
}

#[tokio::test]
async fn brackets_after_a_single_value_are_no_filter() {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let idp = Idp::start(database).await;
        let refused =
            idp.send("GET", "/Users?filter=userName%5Bvalue%20eq%20%22a%22%5D", &Value::Null, 400).await;
        assert_eq!(refused["scimType"], "invalidFilter");
    }
}
