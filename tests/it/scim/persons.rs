//! One person has one account, and one `userName` is one resource's: whatever came before, by every way in which an account
//! begins and ends.

use roster::{
    domain::{actor::Caller, role::ServerRole, user::UserType},
    services::user::{self as account, NewUser},
};

use super::*;
use crate::storage::on_both_databases;

/// How an account began.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Birth {
    /// The IdP made it.
    Provisioned,
    /// An admin made it, and the IdP took it over.
    Linked,
}

/// What the IdP did with it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    None,
    Patched,
    Replaced,
    SoftlyDeleted,
    Deleted,
}

const BIRTHS: [Birth; 2] = [Birth::Provisioned, Birth::Linked];

/// An IdP, and an organization to be a member of.
struct World {
    client: Client,
    organization: String,
    round: usize,
}

/// A person whom the IdP has pushed, who is an admin of the organization by hand.
struct Person {
    /// The registry name, and the word that all else is made of.
    word: String,
    pushed: Value,
}

impl World {
    async fn start(database: Database) -> Self {
        let client = Client::of(App::start(database).await).await;
        let made = client.app.call("OrganizationService/CreateOrganization", json!({ "name": "acme" })).await;
        let organization = made["organization"]["id"].as_str().unwrap().to_owned();
        Self { client, organization, round: 0 }
    }

    async fn person(&mut self, birth: Birth) -> Person {
        self.round += 1;
        let word = format!("jdoe-{}", char::from(b'a' + u8::try_from(self.round).unwrap()));
        let email = format!("{word}@corp.com");
        if birth == Birth::Linked {
            let new = json!({ "username": word, "email": email });
            self.client.app.ours("UserService/CreateUserAccount", new).await;
        }
        let pushed = self.client.user(&email, identity(&email, Some(&word))).await;
        let id = self.account(&word).await["id"].clone();
        let role = json!({ "organizationId": self.organization, "userId": id, "organizationRole": "ORGANIZATION_ROLE_ADMIN" });
        self.client.app.call("OrganizationService/AddOrganizationMember", role).await;
        Person { word, pushed }
    }

    async fn end(&self, person: &Person, end: End) {
        let path = path_of(&person.pushed);
        let off = json!({ "op": "Replace", "path": "active", "value": "False" });
        let status = match end {
            End::None => return,
            End::Patched => self.client.patch(&path, json!([off])).await.status,
            End::Replaced => {
                let mut whole = person.pushed.clone();
                whole["active"] = false.into();
                self.client.put(&path, whole).await.status
            }
            End::SoftlyDeleted => {
                let name = format!("{}{}@corp.com", "0123456789abcdef".repeat(2), person.word);
                let rename = json!({ "op": "Replace", "path": "userName", "value": name });
                self.client.patch(&path, json!([off, rename])).await.status
            }
            End::Deleted => self.client.delete(&path).await.status,
        };
        assert!((200..300).contains(&status), "{end:?}: {status}");
    }

    async fn account(&self, username: &str) -> Value {
        let found =
            self.client.app.call("UserService/GetUserByUsername", json!({ "username": username })).await;
        found["user"].clone()
    }

    async fn count(&self) -> Value {
        self.client.app.call("UserService/CountUsers", json!({})).await["totalCount"].clone()
    }

    /// The role of a user in the organization; empty of who is no member.
    async fn role(&self, username: &str) -> String {
        let request =
            json!({ "userRef": { "name": username }, "organizationRef": { "id": self.organization } });
        let answer = self.client.app.ours("MembershipService/CheckMembership", request).await;
        answer["decision"]["role"].as_str().unwrap_or_default().to_owned()
    }

    /// The subjects of a warning of readiness; none when there is none.
    async fn warned(&self, code: &str) -> Vec<String> {
        let told = self.client.get("/readiness").await.body;
        let warnings = told["warnings"].as_array().unwrap().iter();
        let subjects = warnings.filter(|warning| warning["code"] == code).flat_map(|warning| {
            warning["subjects"].as_array().unwrap().iter().map(|subject| subject.as_str().unwrap().to_owned())
        });
        subjects.collect()
    }
}

fn identity(email: &str, external_id: Option<&str>) -> Value {
    let mut attributes = json!({ "emails": [{ "type": "work", "value": email }] });
    if let Some(id) = external_id {
        attributes["externalId"] = format!("ext-{id}").into();
    }
    attributes
}

async fn the_same_external_id_is_the_same_person(database: Database) {
    let mut world = World::start(database).await;
    for (birth, end) in BIRTHS.into_iter().flat_map(|birth| {
        [End::Patched, End::Replaced, End::SoftlyDeleted, End::Deleted].map(|end| (birth, end))
    }) {
        // renamed by a mended mapping, and pushed with another email, with the old one, and with all as it was
        for (name, email) in [("m", "m"), ("m", ""), ("", "")] {
            let person = world.person(birth).await;
            let case = format!("{birth:?} {end:?} {name} {email}");
            world.end(&person, end).await;
            assert_eq!(world.role(&person.word).await, "", "{case}");
            let before = world.count().await;
            let address = |mark: &str| format!("{mark}{}@corp.com", person.word);
            let attributes = identity(&address(email), Some(&person.word));
            let again = world.client.post("/Users", user(&address(name), attributes)).await;
            assert_eq!((again.status, &again.body["userName"]), (201, &json!(address(name))), "{case}");
            assert_eq!(world.count().await, before, "{case}: no second account");
            assert_eq!(again.body["active"], true, "{case}");
            // a resource that was deleted stays gone: RFC 7643 §3.1
            assert_eq!(again.body["id"] == person.pushed["id"], end != End::Deleted, "{case}");
            let role = if end == End::Deleted { "" } else { "ORGANIZATION_ROLE_ADMIN" };
            assert_eq!(world.role(&person.word).await, role, "{case}");
        }
    }
    assert_eq!(world.warned("POSSIBLE_DUPLICATE").await, [""; 0]);
}

async fn the_same_email_alone_makes_a_new_account_and_a_warning(database: Database) {
    let mut world = World::start(database).await;
    for (birth, end) in BIRTHS
        .into_iter()
        .flat_map(|birth| [End::None, End::Patched, End::SoftlyDeleted, End::Deleted].map(|end| (birth, end)))
    {
        for external_id in [None, Some("other")] {
            let person = world.person(birth).await;
            let case = format!("{birth:?} {end:?} {external_id:?}");
            world.end(&person, end).await;
            let (email, name) = (format!("{}@corp.com", person.word), format!("m{}@corp.com", person.word));
            let external_id = external_id.map(|mark| format!("{mark}-{}", person.word));
            let again =
                world.client.post("/Users", user(&name, identity(&email, external_id.as_deref()))).await;
            assert_eq!(again.status, 201, "{case}: {}", again.body);
            assert_ne!(again.body["id"], person.pushed["id"], "{case}");
            let other = format!("{}1", person.word);
            assert_eq!(world.role(&other).await, "", "{case}");
            let warned = world.warned("POSSIBLE_DUPLICATE").await;
            assert_eq!(warned, [format!("{}, {other} ({email})", person.word)], "{case}");
            let merge = json!({ "fromUserRef": { "name": other }, "intoUserRef": { "name": person.word } });
            if end == End::None {
                let gone = world.client.delete(&path_of(&again.body)).await;
                assert_eq!(gone.status, 204);
            }
            world.client.app.ours("UserService/MergeUsers", merge).await;
            assert_eq!(world.warned("POSSIBLE_DUPLICATE").await, [""; 0], "{case}: merged");
            // the DELETE took the direct role away
            let role = if end == End::Deleted { "" } else { "ORGANIZATION_ROLE_ADMIN" };
            assert_eq!(world.role(&person.word).await, role, "{case}");
        }
    }
}

async fn an_external_id_names_a_person_of_one_idp(database: Database) {
    let mut world = World::start(database).await;
    let first = world.client.app.ours("ScimTokenService/ListScimTokens", json!({})).await;
    let first = first["scimTokens"][0]["id"].clone();
    let (one, two) = (world.person(Birth::Provisioned).await, world.person(Birth::Linked).await);
    for person in [&one, &two] {
        world.end(person, End::Patched).await;
    }
    let Client { app, .. } = world.client;
    world.client = Client::of(app).await;
    let pushed = world.client.user("one@other.com", identity("one@other.com", Some(&one.word))).await;
    assert_ne!(pushed["id"], one.pushed["id"], "another IdP has ids of its own");
    // the token is replaced: the one that gets the new token is the same IdP
    world.client.app.ours("ScimTokenService/DeleteScimToken", json!({ "scimTokenId": first })).await;
    let pushed = world.client.user("two@other.com", identity("two@other.com", Some(&two.word))).await;
    assert_eq!(pushed["id"], two.pushed["id"]);
}

async fn an_active_person_is_taken_over_by_nobody(database: Database) {
    let mut world = World::start(database).await;
    for birth in BIRTHS {
        let person = world.person(birth).await;
        let other = user("other@corp.com", identity("other@corp.com", Some(&person.word)));
        let answer = world.client.post("/Users", other.clone()).await;
        refused(&answer, 409, Some("uniqueness"));
        assert!(
            answer.body["detail"].to_string().contains(person.pushed["id"].as_str().unwrap()),
            "{answer:?}"
        );
        assert_eq!(world.client.get(&path_of(&person.pushed)).await.body, person.pushed);
        // where several have the id already, it tells nobody apart
        let same = world.client.user(&format!("same-{}", person.word), json!({})).await;
        let operation = json!([{ "op": "add", "path": "externalId", "value": person.pushed["externalId"] }]);
        assert_eq!(world.client.patch(&path_of(&same), operation).await.status, 200);
        let made = world.client.post("/Users", other).await;
        assert_eq!(made.status, 201);
        assert_eq!(world.client.delete(&path_of(&made.body)).await.status, 204);
    }
}

/// A local account, as it may be in a database from before.
async fn local(world: &World, username: &str, email: &str) -> String {
    let new = NewUser {
        username: username.to_owned(),
        email: Some(email.to_owned()),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    let made = account::create(&world.client.app.services, &Caller::system("test"), &new).await.unwrap();
    made.scim_id.to_string()
}

async fn a_user_name_is_of_one_resource(database: Database) {
    let world = World::start(database).await;
    let client = &world.client;
    let unique = async || {
        let names = client.names("/Users?count=1000").await;
        let mut names: Vec<_> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
    };
    for verb in ["PUT", "PATCH"] {
        let email = format!("both-{}@corp.com", verb.to_lowercase());
        let first = local(&world, &format!("first-{}", verb.to_lowercase()), &email).await;
        let second = local(&world, &format!("second-{}", verb.to_lowercase()), &email.to_uppercase()).await;
        unique().await;
        let filter = format!("/Users?filter=userName eq \"{email}\"");
        assert_eq!(client.get(&filter).await.body["Resources"][0]["id"], first.as_str());
        refused(&client.post("/Users", user(&email, identity(&email, None))).await, 409, Some("uniqueness"));
        let path = format!("/Users/{first}");
        let linked = match verb {
            "PUT" => client.put(&path, user(&email, identity(&email, None))).await,
            _ => client.patch(&path, json!([{ "op": "add", "path": "title", "value": "x" }])).await,
        };
        assert_eq!(linked.status, 200, "{}", linked.body);
        unique().await;
        let hidden = format!("/Users/{second}");
        refused(&client.get(&hidden).await, 404, None);
        refused(&client.put(&hidden, user(&email, json!({}))).await, 404, None);
        refused(
            &client.patch(&hidden, json!([{ "op": "add", "path": "title", "value": "x" }])).await,
            404,
            None,
        );
        refused(&client.delete(&hidden).await, 404, None);
        refused(&client.post("/Users", user(&email, identity(&email, None))).await, 409, Some("uniqueness"));
        assert_eq!(world.warned("POSSIBLE_DUPLICATE").await.len(), 1 + usize::from(verb == "PATCH"));
    }
    // whoever the IdP pushes comes first, also without an email
    let pushed = client.user("bob@corp.com", json!({})).await;
    let hidden = local(&world, "bob-local", "BOB@corp.com").await;
    unique().await;
    refused(&client.get(&format!("/Users/{hidden}")).await, 404, None);
    assert!(world.warned("POSSIBLE_DUPLICATE").await.contains(&"bob-local, bob (bob@corp.com)".to_owned()));
    assert_eq!(client.delete(&path_of(&pushed)).await.status, 204);
    assert_eq!(client.get(&format!("/Users/{hidden}")).await.status, 200, "the name is free again");
    // names that are prepared alike need not be one person's, and never stand beside each other
    local(&world, "carl", "carl@corp.com").await;
    refused(&client.post("/Users", user("ｃarl@corp.com", json!({}))).await, 409, Some("uniqueness"));
    unique().await;
}

async fn who_was_there_before_is_matched_by_an_email_that_came_later(database: Database) {
    let world = World::start(database).await;
    world.client.app.call("UserService/CreateUser", json!({ "username": "staff0" })).await;
    let id = world.account("staff0").await["id"].clone();
    let role = json!({ "organizationId": world.organization, "userId": id, "organizationRole": "ORGANIZATION_ROLE_ADMIN" });
    world.client.app.call("OrganizationService/AddOrganizationMember", role).await;
    assert_eq!(world.warned("LOCAL_USERS_WITHOUT_EMAIL").await, ["staff0"]);
    let email = json!({ "userRef": { "name": "staff0" }, "email": "Staff0@corp.com" });
    world.client.app.ours("UserService/SetUserEmail", email).await;
    assert_eq!(world.warned("LOCAL_USERS_WITHOUT_EMAIL").await, [""; 0]);
    let before = world.count().await;
    let pushed = world.client.user("staff0@corp.com", identity("staff0@corp.com", Some("s0"))).await;
    assert_eq!(
        (world.count().await, world.role("staff0").await.as_str()),
        (before, "ORGANIZATION_ROLE_ADMIN")
    );
    let account =
        world.client.app.ours("UserService/GetUserAccount", json!({ "userRef": { "name": "staff0" } })).await;
    assert_eq!(account["userAccount"]["scimId"], pushed["id"]);
    assert_eq!(account["userAccount"]["origin"], "USER_ACCOUNT_ORIGIN_LINKED");
}

on_both_databases! {
    the_same_external_id_is_the_same_person;
    the_same_email_alone_makes_a_new_account_and_a_warning;
    an_external_id_names_a_person_of_one_idp;
    an_active_person_is_taken_over_by_nobody;
    a_user_name_is_of_one_resource;
    who_was_there_before_is_matched_by_an_email_that_came_later;
}
