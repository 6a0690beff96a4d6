//! What clients in the field send, and what must come of it: nothing goes that a request did not clearly name, and what is
//! not known does not hold up the rest. The library has the tables in full; here they are tried over HTTP, in storage and in
//! memberships.

use super::*;

/// A server with a group of ann and bob, which is mapped to an organization.
struct World {
    client: Client,
    organization: String,
    group: String,
    ann: String,
    bob: String,
}

impl World {
    async fn start(database: Database) -> Self {
        let client = Client::of(App::start(database).await).await;
        let made = client.app.call("OrganizationService/CreateOrganization", json!({ "name": "acme" })).await;
        let organization = made["organization"]["id"].as_str().unwrap().to_owned();
        let mapping = json!({ "organizationId": organization, "groupName": "Team" });
        client.app.call("OrganizationService/AddOrganizationGroup", mapping).await;
        let (ann, bob) = (client.user("ann", json!({})).await, client.user("bob", json!({})).await);
        let group = path_of(&client.group("Team", &[&ann, &bob]).await);
        let id = |user: &Value| user["id"].as_str().unwrap().to_owned();
        Self { organization, group, ann: id(&ann), bob: id(&bob), client }
    }

    /// The members, by the first letter of their names, as the group shows them and as the organization has them.
    async fn members(&self) -> String {
        let group = self.client.get(&self.group).await.body;
        let listed = group["members"].as_array().cloned().unwrap_or_default();
        let ids: Vec<_> = listed.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
        let request = json!({ "organizationId": self.organization, "pageSize": 250 });
        let page = self.client.app.call("UserService/ListOrganizationUsers", request).await;
        let names = page["users"].as_array().cloned().unwrap_or_default();
        let is_in = |name: &str| names.iter().any(|member| member["user"]["username"] == name);
        let mut found = String::new();
        for (name, id) in [("ann", &self.ann), ("bob", &self.bob)] {
            assert_eq!(ids.contains(id), is_in(name), "one truth for the group and the organization: {name}");
            if is_in(name) {
                found.push_str(&name[..1]);
            }
        }
        found
    }

    /// Who is left after an operation on a group of both; or the `scimType` of the refusal, after which both are.
    async fn after(&self, operation: Value) -> Result<String, String> {
        let both = json!([{ "op": "replace", "path": "members", "value": [{ "value": self.ann }, { "value": self.bob }] }]);
        assert_eq!(self.client.patch(&self.group, both).await.status, 200);
        self.outcome(self.client.patch(&self.group, json!([operation])).await).await
    }

    async fn outcome(&self, answer: Answer) -> Result<String, String> {
        let members = self.members().await;
        if answer.status == 200 {
            return Ok(members);
        }
        assert_eq!((answer.status, members.as_str()), (400, "ab"), "{}", answer.body);
        Err(answer.body["scimType"].as_str().unwrap().to_owned())
    }
}

/// Forms of a value that name ann, and such as name nobody or cannot be read.
fn forms(ann: &str) -> (Vec<Value>, Vec<Value>) {
    let named = vec![
        json!([{ "value": ann }]),
        json!([{ "VALUE": ann, "$ref": null, "displayName": "x" }]),
        json!({ "value": ann }),
        json!(ann),
        json!(format!("{ann}, {}", "0".repeat(32))),
        json!({ "members": [{ "value": ann }] }),
        json!([{ "$ref": format!("https://elsewhere.example/scim/v2/Users/{ann}") }]),
        json!([{ "$ref": format!("../Users/{ann}") }]),
    ];
    let vague = vec![
        json!(""),
        json!({}),
        json!([{}]),
        json!([null]),
        json!([""]),
        json!([[{ "value": ann }]]),
        json!([{ "type": "User" }]),
        json!([{ "value": null, "type": "User" }]),
        json!([{ "displayName": "ann", "type": "User" }]),
        json!([{ "display": "ann" }]),
        json!([{ "id": ann }]),
        json!([{ "$ref": format!("../Groups/{ann}") }]),
        json!([{ "value": ann }, {}]),
        json!(5),
    ];
    (named, vague)
}

async fn s1_to_s4_nobody_goes_who_is_not_named(database: Database) {
    let world = World::start(database).await;
    let (named, vague) = forms(&world.ann);
    for value in named {
        for op in ["remove", "Remove"] {
            let operation = json!({ "op": op, "path": "members", "value": value });
            assert_eq!(world.after(operation.clone()).await.as_deref(), Ok("b"), "{operation}");
        }
        let add = json!({ "op": "add", "path": "members", "value": value });
        assert_eq!(world.after(add.clone()).await.as_deref(), Ok("ab"), "{add}");
        let replace = json!({ "op": "replace", "value": { "members": value } });
        assert_eq!(world.after(replace.clone()).await.as_deref(), Ok("a"), "{replace}");
    }
    for value in vague.iter().chain([&json!(null)]) {
        let operation = json!({ "op": "remove", "path": "members", "value": value });
        assert_eq!(world.after(operation.clone()).await.unwrap_err(), "invalidValue", "{operation}");
        let add = json!({ "op": "add", "path": "members", "value": value });
        let is_nothing = value.is_null() || value == "";
        let expected = if is_nothing { Ok("ab".to_owned()) } else { Err("invalidValue".to_owned()) };
        assert_eq!(world.after(add.clone()).await, expected, "{add}");
    }
    for value in &vague {
        for operation in [
            json!({ "op": "replace", "path": "members", "value": value }),
            json!({ "op": "Replace", "value": { "Members": value } }),
        ] {
            assert_eq!(world.after(operation.clone()).await.unwrap_err(), "invalidValue", "{operation}");
        }
        let body = json!({ "schemas": [GROUP], "displayName": "Team", "members": value });
        let answer = world.client.put(&world.group, body.clone()).await;
        assert_eq!(world.outcome(answer).await.unwrap_err(), "invalidValue", "PUT {body}");
        let body = json!({ "schemas": [GROUP], "displayName": "Other", "members": value });
        refused(&world.client.post("/Groups", body).await, 400, Some("invalidValue"));
    }
    let narrowed =
        json!({ "op": "remove", "path": "members[type eq \"User\"]", "value": [{ "value": world.ann }] });
    assert_eq!(world.after(narrowed).await.as_deref(), Ok("b"));
    assert_eq!(
        world.after(json!({ "op": "remove", "path": "members", "value": [] })).await.as_deref(),
        Ok("ab")
    );
    assert_eq!(world.after(json!({ "op": "remove", "path": "members" })).await.as_deref(), Ok(""));
}

async fn s2_lists_of_a_user_are_not_emptied(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let two = json!([{ "value": "x", "type": "work" }, { "value": "y", "type": "home" }]);
    let made = client.user("ann", json!({ "emails": two, "phoneNumbers": two, "roles": two })).await;
    let path = path_of(&made);
    for list in ["emails", "phoneNumbers", "roles"] {
        for value in [json!(""), json!([{}]), json!([null]), json!({}), json!([{ "nope": 1 }])] {
            for op in ["add", "remove", "replace"] {
                let answer = client.patch(&path, json!([{ "op": op, "path": list, "value": value }])).await;
                assert!([200, 400].contains(&answer.status));
                assert_eq!(client.get(&path).await.body, made, "{op} {list} {value}");
            }
            let pathless = json!([{ "op": "replace", "value": { (list): value } }]);
            refused(&client.patch(&path, pathless).await, 400, Some("invalidValue"));
        }
        let null = client.patch(&path, json!([{ "op": "remove", "path": list, "value": null }])).await;
        refused(&null, 400, Some("invalidValue"));
    }
}

async fn s5_an_add_makes_what_is_not_there(database: Database) {
    let client = Client::of(App::start(database).await).await;
    for (at, list) in ["emails", "phoneNumbers"].into_iter().enumerate() {
        for (op, name) in [("add", "a"), ("Add", "b"), ("replace", "c"), ("Replace", "d")] {
            let path = path_of(&client.user(&format!("{name}{at}"), json!({})).await);
            let target = format!("{list}[type eq \"work\"].value");
            let operations = json!([{ "op": op, "path": target, "value": "n@x" }, { "op": "replace", "path": "active", "value": false }]);
            let body = client.patch(&path, operations).await.body;
            assert_eq!(body[list], json!([{ "type": "work", "value": "n@x" }]), "{body}");
            assert_eq!(body["active"], false, "{body}");
        }
    }
    let path = path_of(&client.user("c", json!({})).await);
    let other = json!([{ "op": "replace", "path": "emails[type eq \"mine\"].value", "value": "n@x" }]);
    refused(&client.patch(&path, other).await, 400, Some("noTarget"));
}

async fn s6_a_linked_person_who_left_does_not_hold_the_address(database: Database) {
    use roster::{
        domain::{actor::Caller, role::ServerRole, user::UserType},
        services::user::{self as account, NewUser},
    };
    let client = Client::of(App::start(database).await).await;
    let new = NewUser {
        username: "staff".to_owned(),
        email: Some("staff@corp.com".to_owned()),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    account::create(&client.app.services, &Caller::system("test"), &new).await.unwrap();
    let emails = json!({ "emails": [{ "value": "staff@corp.com", "type": "work" }] });
    let linked = client.user("staff@corp.com", emails.clone()).await;
    refused(&client.post("/Users", user("Staff@corp.com", emails.clone())).await, 409, Some("uniqueness"));
    let left = format!("{}staff@corp.com", "0123456789abcdef".repeat(2));
    let operations = json!([{ "op": "Replace", "path": "active", "value": "False" }, { "op": "Replace", "path": "userName", "value": left }]);
    assert_eq!(client.patch(&path_of(&linked), operations).await.status, 200);
    let successor = client.user("staff@corp.com", emails).await;
    assert_ne!(successor["id"], linked["id"]);
    assert_eq!(client.get(&path_of(&linked)).await.body["active"], false);
}

async fn s7_active_is_one_truth(database: Database) {
    let client = Client::of(App::start(database).await).await;
    for active in [false, true] {
        for (at, operation) in [
            json!({ "op": "replace", "path": "active", "value": null }),
            json!({ "op": "replace", "path": "active", "value": [] }),
            json!({ "op": "replace", "value": { "active": null } }),
            json!({ "op": "remove", "path": "active" }),
            json!({ "op": "Remove", "path": "active", "value": "False" }),
        ]
        .into_iter()
        .enumerate()
        {
            let path = path_of(&client.user(&format!("u{active}{at}"), json!({ "active": active })).await);
            let answer = client.patch(&path, json!([operation])).await;
            assert_eq!(answer.status, 200, "{operation}");
            let shown = client.get(&path).await.body;
            for body in [&answer.body, &shown] {
                // of an active user the attribute may go: conformance suites remove it
                assert!(
                    body["active"] == active || (active && body["active"].is_null()),
                    "{operation}: {body}"
                );
            }
            let filter = format!("/Users?filter=active eq {active} and id eq {}", shown["id"]);
            assert_eq!(client.names(&filter).await.len(), 1, "{operation}");
        }
    }
}

async fn s8_s12_s14_what_is_not_named_stays(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let boss = client.user("boss", json!({})).await;
    let rich = json!({
        "schemas": [USER, ENTERPRISE], "name": { "givenName": "G" },
        ENTERPRISE: { "manager": { "value": boss["id"] }, "department": "D" },
    });
    let made = client.user("ann", rich).await;
    let path = path_of(&made);
    let same = async |operation: Value| {
        let answer = client.patch(&path, json!([operation])).await;
        assert_eq!((answer.status, &answer.body), (200, &made), "{operation}");
    };
    same(json!({ "op": "replace", "path": "name", "value": {} })).await;
    same(json!({ "op": "replace", "value": { "name": {}, ENTERPRISE: { "manager": {} } } })).await;
    same(json!({ "op": "replace", "path": "manager", "value": {} })).await;
    same(json!({ "op": "replace", "value": made })).await;
    same(json!({ "op": "add", "value": made })).await;
    same(json!({ "op": "remove", "path": "manager[value eq \"other\"]" })).await;
    let path_of_manager = format!("manager[value eq {}]", boss["id"]);
    let removed = client.patch(&path, json!([{ "op": "remove", "path": path_of_manager }])).await.body;
    assert_eq!(removed[ENTERPRISE], json!({ "department": "D" }));
}

async fn s9_slashes_too_many_are_none(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let made = client.post("/Groups/", json!({ "schemas": [GROUP], "displayName": "G" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let ann = client.user("ann", json!({})).await;
    let path = path_of(&ann);
    for list in
        ["/Users/", "//Users", "/Users//", "//Users//?filter=userName eq \"ann\"", "/Users/?filter=id pr"]
    {
        assert_eq!(client.names(list).await, ["ann"], "{list}");
    }
    for one in [format!("{path}/"), format!("/{path}"), path.replacen("/Users/", "/Users//", 1)] {
        assert_eq!(client.get(&one).await.body, ann, "{one}");
        let patched = client.patch(&one, json!([{ "op": "replace", "path": "active", "value": true }])).await;
        assert_eq!(patched.status, 200, "{one}");
    }
    assert_eq!(client.get("/Schemas/").await.status, 200);
    refused(&client.get("/Nothing/").await, 404, None);
    refused(&client.delete("/Users/").await, 405, None);
    let anonymous = reqwest::get(format!("{}/scim/v2//Users/", client.app.url)).await.unwrap();
    assert_eq!(anonymous.status(), 401);
}

async fn s10_one_address_under_two_types_is_primary_once(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let twice = json!({ "emails": [{ "value": "a@x", "type": "work", "primary": true }, { "value": "a@x", "type": "home", "primary": true }] });
    let flags = |body: &Value| [0, 1].map(|at| body["emails"][at]["primary"].as_bool().unwrap_or_default());
    let made = client.post("/Users", user("ann", twice.clone())).await;
    assert_eq!((made.status, flags(&made.body)), (201, [true, false]), "{}", made.body);
    let path = path_of(&made.body);
    let put = client.put(&path, user("ann", twice.clone())).await;
    assert_eq!((put.status, flags(&put.body)), (200, [true, false]));
    let patched = client.patch(&path, json!([{ "op": "replace", "value": twice }])).await;
    assert_eq!((patched.status, flags(&patched.body)), (200, [true, false]));
    let strict = client.with_profile(ClientProfile::Strict).await;
    refused(&strict.post("/Users", user("bob", twice)).await, 400, Some("invalidValue"));
}

async fn s11_an_unknown_extension_holds_nothing_up(database: Database) {
    const OTHER: &str = "urn:example:params:scim:schemas:other:2.0:User";
    let client = Client::of(App::start(database).await).await;
    let body = json!({ "schemas": [USER, OTHER], OTHER: { "level": 1 }, "shoeSize": 4 });
    let made = client.user("ann", body.clone()).await;
    assert_eq!(made["schemas"], json!([USER]));
    let path = path_of(&made);
    let mut off = user("ann", body.clone());
    off["active"] = json!(false);
    assert_eq!(client.put(&path, off).await.body["active"], false);
    for operation in [
        json!({ "op": "replace", "path": format!("{OTHER}:level"), "value": 2 }),
        json!({ "op": "remove", "path": format!("{OTHER}:level") }),
        json!({ "op": "add", "value": { OTHER: { "level": 2 } } }),
        json!({ "op": "add", "path": "shoeSize", "value": 2 }),
    ] {
        let on = client.patch(&path, json!([{ "op": "replace", "path": "active", "value": true }])).await;
        assert_eq!(on.body["active"], true);
        let answer = client
            .patch(&path, json!([operation, { "op": "replace", "path": "active", "value": false }]))
            .await;
        assert_eq!((answer.status, &answer.body["active"]), (200, &json!(false)), "{operation}");
    }
    let strict = client.with_profile(ClientProfile::Strict).await;
    refused(&strict.post("/Users", user("bob", body)).await, 400, Some("invalidValue"));
    refused(&strict.post("/Users", user("bob", json!({ "shoeSize": 4 }))).await, 400, Some("invalidSyntax"));
    let patched = strict.patch(&path, json!([{ "op": "add", "path": "shoeSize", "value": 2 }])).await;
    refused(&patched, 400, Some("invalidPath"));
}

async fn s17_schemas_are_found_and_not_patched(database: Database) {
    let client = Client::of(App::start(database).await).await;
    client.user("ann", json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "department": "D" } })).await;
    let path = path_of(&client.user("bob", json!({})).await);
    for (filter, expected) in [
        (format!("schemas[value eq \"{ENTERPRISE}\"]"), vec!["ann"]),
        (format!("schemas[value eq \"{USER}\"]"), vec!["ann", "bob"]),
        (format!("schemas[value eq \"{GROUP}\"]"), vec![]),
        ("schemas[value co \"enterprise\"]".to_owned(), vec!["ann"]),
        (format!("not (schemas[value eq \"{ENTERPRISE}\"])"), vec!["bob"]),
        (format!("schemas[value ne \"{USER}\"]"), vec!["ann"]),
        (format!("schemas[value eq \"{USER}\" and value eq \"{ENTERPRISE}\"]"), vec![]),
    ] {
        assert_eq!(client.names(&format!("/Users?filter={filter}")).await, expected, "{filter}");
    }
    let add = json!([{ "op": "add", "path": "schemas", "value": [ENTERPRISE] }]);
    refused(&client.patch(&path, add).await, 400, Some("mutability"));
    for empty in ["/Users?filter=", "/Users?filter=%20", "/Groups?filter=", "?filter="] {
        refused(&client.get(empty).await, 400, Some("invalidFilter"));
    }
    let search = json!({ "schemas": [SEARCH], "filter": "" });
    refused(&client.post("/Users/.search", search).await, 400, Some("invalidFilter"));
}

async fn s18_an_answer_with_a_resource_tells_where_it_is(database: Database) {
    let client = Client::of(App::start_with_test_resources(database).await).await;
    let test = json!({ "schemas": [super::test_resources::TEST], "required": "r", "always": "a" });
    let bodies = [
        ("/Users", user("ann", json!({}))),
        ("/Groups", json!({ "schemas": [GROUP], "displayName": "G" })),
        ("/TestResources", test),
    ];
    for (collection, body) in bodies {
        let made = client.post(collection, body.clone()).await;
        let path = path_of(&made.body);
        let again = client.get(&path).await;
        let partly = client.get(&format!("{path}?attributes=id")).await;
        let put = client.put(&path, body).await;
        let patched = client.patch(&path, json!([{ "op": "add", "path": "externalId", "value": "e" }])).await;
        for (name, answer) in [
            ("GET", again),
            ("GET", client.get(&path).await),
            ("part", partly),
            ("PUT", put),
            ("PATCH", patched),
        ] {
            let location = answer.headers.get("location").map(|value| value.to_str().unwrap());
            assert_eq!(
                (answer.status, location),
                (200, made.body["meta"]["location"].as_str()),
                "{name} {path}"
            );
        }
    }
}

async fn compressed_bodies_are_refused_in_words(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let body = user("ann", json!({})).to_string().into_bytes();
    let with = async |coding: &str| {
        let headers = [("content-type", "application/scim+json"), ("content-encoding", coding)];
        client.raw("POST", "/Users", &headers, Some(body.clone())).await
    };
    for coding in ["gzip", "GZIP", "deflate", "br", "identity, gzip"] {
        refused(&with(coding).await, 415, None);
    }
    assert_eq!(with("identity").await.status, 201);
}

async fn local_people_have_a_name(database: Database) {
    use roster::{
        domain::{actor::Caller, role::ServerRole, user::UserType},
        services::user::{self as account, NewUser},
    };
    let client = Client::of(App::start(database).await).await;
    let new = NewUser {
        username: "staff".to_owned(),
        email: Some("staff@corp.com".to_owned()),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    account::create(&client.app.services, &Caller::system("test"), &new).await.unwrap();
    let found = client.get("/Users?filter=name.familyName eq \"Staff\"").await.body["Resources"][0].clone();
    assert_eq!(found["name"], json!({ "formatted": "staff", "givenName": "staff", "familyName": "staff" }));
    let linked =
        client.patch(&path_of(&found), json!([{ "op": "add", "path": "title", "value": "T" }])).await;
    assert!(linked.body.get("name").is_none(), "what was made is not stored as sent: {}", linked.body);
}

crate::storage::on_both_databases! {
    s1_to_s4_nobody_goes_who_is_not_named;
    s2_lists_of_a_user_are_not_emptied;
    s5_an_add_makes_what_is_not_there;
    s6_a_linked_person_who_left_does_not_hold_the_address;
    s7_active_is_one_truth;
    s8_s12_s14_what_is_not_named_stays;
    s9_slashes_too_many_are_none;
    s10_one_address_under_two_types_is_primary_once;
    s11_an_unknown_extension_holds_nothing_up;
    s17_schemas_are_found_and_not_patched;
    s18_an_answer_with_a_resource_tells_where_it_is;
    compressed_bodies_are_refused_in_words;
    local_people_have_a_name;
}
