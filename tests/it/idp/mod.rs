//! Conversations with identity providers, as `tests/fixtures/idp/README.md` writes them down: each is held with a
//! server of its own, over HTTP.

mod matching;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use roster::{
    domain::{actor::Caller, role::ServerRole, scim_token::ClientProfile, user::UserType},
    services::user::{self, NewUser},
};
use serde_json::{Value, json};

use self::matching::{Bindings, matches};
use crate::{
    app::{Answer, App},
    storage::Database,
};

/// A conversation under way.
struct Conversation {
    app: App,
    token: String,
    organizations: Vec<(String, String)>,
    bound: Bindings,
}

impl Conversation {
    async fn begin(database: Database, file: &Value, profile: &str) -> Self {
        let app = App::start(database).await;
        let profile = match profile {
            "okta" => ClientProfile::Okta,
            "entra" => ClientProfile::Entra,
            "strict" => ClientProfile::Strict,
            other => {
                assert_eq!(other, "generic", "unknown profile");
                ClientProfile::Generic
            }
        };
        let token = app.scim_token(profile).await;
        let mut conversation = Self { app, token, organizations: Vec::new(), bound: Bindings::new() };
        conversation.set_up(&file["setup"]).await;
        conversation
    }

    async fn set_up(&mut self, setup: &Value) {
        for organization in list(&setup["organizations"]) {
            let name = organization["name"].as_str().unwrap();
            let made = self.app.call("OrganizationService/CreateOrganization", json!({ "name": name })).await;
            let id = made["organization"]["id"].as_str().unwrap();
            for group in list(&organization["groups"]) {
                let mut mapping = json!({ "organizationId": id, "groupName": group["name"] });
                if !group["role"].is_null() {
                    mapping["roleOverride"] = group["role"].clone();
                }
                self.app.call("OrganizationService/AddOrganizationGroup", mapping).await;
            }
            self.organizations.push((name.to_owned(), id.to_owned()));
        }
        for local in list(&setup["local_users"]) {
            let new = NewUser {
                username: local["username"].as_str().unwrap().to_owned(),
                email: local["email"].as_str().map(str::to_owned),
                user_type: UserType::Personal,
                server_role: ServerRole::Member,
            };
            user::create(&self.app.services, &Caller::system("test"), &new).await.unwrap();
        }
    }

    /// Tells what is wrong with the step, if anything is.
    async fn step(&mut self, step: &Value) -> Result<(), String> {
        let answer = self.send(&step["request"]).await;
        self.check(&step["response"], &answer)
            .map_err(|why| format!("{why}\n  answer: {} {}", answer.status, answer.body))?;
        self.check_memberships(&step["memberships"]).await
    }

    async fn send(&self, request: &Value) -> Answer {
        let request = self.bound.fill(request);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = request["headers"].as_object().cloned().unwrap_or_default();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let body = request.get("body").map(|body| body.to_string().into_bytes());
        let (method, path) = (text(&request["method"]), text(&request["path"]));
        self.app.scim(&self.token, &method, &path, &headers, body).await
    }

    fn check(&mut self, expected: &Value, answer: &Answer) -> Result<(), String> {
        if expected["status"] != answer.status {
            return Err(format!("expected status {}", expected["status"]));
        }
        for (name, value) in expected["headers"].as_object().into_iter().flatten() {
            let real = answer.headers.get(name).map(|value| Value::from(value.to_str().unwrap()));
            matches(value, real.as_ref(), &mut self.bound).map_err(|why| format!("header {name}: {why}"))?;
        }
        match expected.get("body") {
            Some(body) => matches(body, Some(&answer.body).filter(|body| !body.is_null()), &mut self.bound),
            None => Ok(()),
        }
    }

    async fn check_memberships(&self, expected: &Value) -> Result<(), String> {
        if expected.is_null() {
            return Ok(());
        }
        let mut real = BTreeSet::new();
        for (name, id) in &self.organizations {
            let request = json!({ "organizationId": id, "pageSize": 250 });
            let page = self.app.call("UserService/ListOrganizationUsers", request).await;
            for member in list(&page["users"]) {
                let username = member["user"]["username"].as_str().unwrap();
                if username != "root" {
                    let role = member["organizationRole"].as_str().unwrap();
                    real.insert(format!("{username} is {role} of {name}"));
                }
            }
        }
        let told = |entry: &Value| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            format!("{} is {} of {}", text("user"), text("role"), text("organization"))
        };
        let expected: BTreeSet<_> = list(expected).iter().map(told).collect();
        if real == expected { Ok(()) } else { Err(format!("memberships: {real:?}, expected {expected:?}")) }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The profiles with which a conversation is held: its own, the default, and the one to which it must go as well.
fn profiles(file: &Value) -> Vec<String> {
    let named = [&file["profile"], &json!("generic"), &file["also"]];
    let mut profiles: Vec<_> =
        named.iter().filter_map(|profile| profile.as_str().map(str::to_owned)).collect();
    profiles.dedup();
    profiles
}

/// What went wrong in a conversation; nothing after the first step that failed is tried.
async fn hold(database: Database, file: &Path, profile: &str) -> Result<(), String> {
    let read = read(file);
    let mut conversation = Conversation::begin(database, &read, profile).await;
    for (at, step) in list(&read["steps"]).iter().enumerate() {
        if step["profile"].as_str().is_some_and(|only| only != profile) {
            continue;
        }
        let outcome = conversation.step(step).await;
        outcome.map_err(|why| format!("{}: step {at} ({}): {why}", file.display(), step["about"]))?;
    }
    let outcome = conversation.check_memberships(&read["memberships"]).await;
    outcome.map_err(|why| format!("{}: at the end: {why}", file.display()))
}

fn conversations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/idp");
    let folders =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert!(files.len() > 10, "the conversations are gone");
    files
}

async fn hold_all(database: impl AsyncFn() -> Database) {
    let mut failures = Vec::new();
    for file in conversations() {
        for profile in profiles(&read(&file)) {
            let outcome = hold(database().await, &file, &profile).await;
            failures.extend(outcome.err().map(|why| format!("{profile}: {why}")));
        }
    }
    assert!(failures.is_empty(), "{} conversations went wrong:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn every_conversation_goes_as_written_on_sqlite() {
    hold_all(Database::sqlite).await;
}

#[tokio::test]
async fn every_conversation_goes_as_written_on_postgres() {
    hold_all(Database::postgres).await;
}
