//! U4 to U14 in the large: each PATCH of a grid does the same to the library's resource in memory, to what SQLite stores
//! and to what PostgreSQL stores; and is refused alike, or leaves the version alone alike.

use roster::scim::schema::{Attribute, DataType, Registry, ResourceType, Returned};
use serde_json::{Map, json};

use super::{patch_grid::Grid, test_resources::TEST, *};

/// Operations of these forms, one in a PATCH, and some of them in pairs.
fn patches(targets: &[(Value, Vec<Value>)], stride: usize) -> Vec<Value> {
    let mut single = Vec::new();
    for (path, values) in targets {
        single.push(json!({ "op": "remove", "path": path }));
        for value in values {
            single.extend(["add", "replace"].map(|op| json!({ "op": op, "path": path, "value": value })));
        }
    }
    let pairs = single.iter().zip(single.iter().skip(31)).step_by(stride * 2);
    let pairs: Vec<_> = pairs.map(|(one, other)| json!([one, other])).collect();
    single.into_iter().step_by(stride).map(|one| json!([one])).chain(pairs).collect()
}

const USER_PATHS: [&str; 27] = [
    "title",
    "displayName",
    "active",
    "externalId",
    "userName",
    "name",
    "name.givenName",
    "emails",
    "emails.type",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[value sw \"h\"].type",
    "emails[type eq \"none\"]",
    "emails[primary eq true].primary",
    "addresses[type eq \"work\"].country",
    "roles",
    "x509Certificates",
    "ENTERPRISE",
    "ENTERPRISE:department",
    "ENTERPRISE:manager",
    "ENTERPRISE:manager.value",
    "USER:nickName",
    "groups",
    "id",
    "meta.location",
    "unknown",
    "emails[",
];

fn user_values() -> Vec<Value> {
    vec![
        json!("x"),
        json!(""),
        json!(null),
        json!(true),
        json!("True"),
        json!(5),
        json!([]),
        json!({}),
        json!({ "value": "n@x" }),
        json!([{ "value": "n@x", "type": "work" }, { "value": "m@x", "primary": true }]),
        json!({ "givenName": "N", "familyName": null }),
        json!([{ "value": "w@x", "type": "work" }]),
        json!({ "department": "D", "manager": "M" }),
    ]
}

fn user_starts() -> [Value; 2] {
    let emails =
        json!([{ "value": "w@x", "type": "work", "primary": true }, { "value": "h@x", "type": "home" }]);
    [
        json!({}),
        json!({
            "title": "x", "active": true, "emails": emails, "name": { "givenName": "G", "familyName": "F" }, "roles": [{ "value": "x" }],
            "addresses": [{ "type": "work", "country": "DE" }], "schemas": [USER, ENTERPRISE], "externalId": "x", "nickName": "x",
            ENTERPRISE: { "department": "x", "manager": { "value": "m" } },
        }),
    ]
}

async fn users_are_patched_alike(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let registry = Registry::standard().unwrap();
    let mut grid = Grid::new(&client, registry.resource_type("User").unwrap());
    let urn = |path: &str| json!(path.replace("ENTERPRISE", ENTERPRISE).replace("USER", USER));
    let mut targets: Vec<_> = USER_PATHS.iter().map(|path| (urn(path), user_values())).collect();
    targets.push((
        json!(null),
        vec![
            json!({ "title": "P", "name.givenName": "Q", "emails": [{ "value": "p@x" }], "unknown": 1 }),
            json!({ "title": null, "roles": [], format!("{ENTERPRISE}:department"): "R" }),
            json!("x"),
            json!({ "id": "other" }),
        ],
    ));
    let mut patches = patches(&targets, 3);
    patches.extend(patches_of_lists());
    for (at, operations) in patches.iter().enumerate() {
        let start = user_starts()[usize::from(at % 3 > 0)].clone();
        // a name of its own for each
        let operations = operations.to_string().replace(
            "\"path\":\"userName\",\"value\":\"x\"",
            &format!("\"path\":\"userName\",\"value\":\"New{at}\""),
        );
        grid.compare(&user(&format!("case{at}"), start), &serde_json::from_str(&operations).unwrap()).await;
    }
    grid.end(60);
}

/// A user's e-mail list, changed by several operations in turn.
fn patches_of_lists() -> Vec<Value> {
    let steps = [
        json!({ "op": "add", "path": "emails", "value": [{ "value": "n@x", "primary": true }] }),
        json!({ "op": "remove", "path": "emails[type eq \"work\"]" }),
        json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "k@x" }),
        json!({ "op": "replace", "path": "emails[value eq \"n@x\"]", "value": { "value": "z@x", "type": "other" } }),
        json!({ "op": "remove", "path": "emails", "value": [{ "value": "h@x" }] }),
        json!({ "op": "add", "path": "emails[primary eq true].display", "value": "D" }),
    ];
    let of_three = |n: usize| {
        let at = |index: usize| steps[index % 6].clone();
        json!([at(n), at(n / 6), at(n / 36)])
    };
    (0..216).step_by(5).map(of_three).collect()
}

async fn groups_are_patched_alike(database: Database) {
    let client = Client::of(App::start(database).await).await;
    let registry = Registry::standard().unwrap();
    let mut grid = Grid::new(&client, registry.resource_type("Group").unwrap());
    let (a, b) =
        (client.user("a", json!({})).await["id"].clone(), client.user("b", json!({})).await["id"].clone());
    let one = |id: &Value| json!(format!("members[value eq {id}]"));
    let lists = || {
        vec![
            json!([{ "value": a }]),
            json!({ "value": b }),
            json!([{ "value": a, "type": "User" }, { "value": b }]),
            json!([]),
            json!(null),
            json!([{ "value": 5 }]),
            json!(5),
            json!([{ "value": b, "display": "mine" }]),
        ]
    };
    let texts = || vec![json!("x"), json!(""), json!(null), json!(5), json!(["x"])];
    let targets = [
        (json!("displayName"), vec![json!("G"), json!("g"), json!(""), json!(null), json!(5)]),
        (json!("externalId"), texts()),
        (json!("members"), lists()),
        (one(&a), vec![json!({ "value": b })]),
        (one(&b), vec![json!({ "value": a })]),
        (json!("members[type eq \"User\"]"), vec![json!({ "value": b })]),
        (json!("members[display co \"a\"]"), vec![json!({ "value": a })]),
        (json!(format!("members[value eq {a} or value eq {b}]")), vec![json!({ "value": a })]),
        (json!(format!("{GROUP}:members")), lists()),
        (json!("unknown"), texts()),
        (json!("meta"), texts()),
        (
            json!(null),
            vec![
                json!({ "displayName": "H", "members": [{ "value": a }] }),
                json!({ "members": null }),
                json!({ "externalId": "e" }),
            ],
        ),
    ];
    // what is added at `members[…]` the server refuses whether there is such a member or not
    let is_plain = |patch: &Value| !patch.to_string().contains(r#""op":"add","path":"members["#);
    for (at, operations) in patches(&targets, 1).iter().filter(|patch| is_plain(patch)).enumerate() {
        let members =
            [json!([]), json!([{ "value": a }]), json!([{ "value": a }, { "value": b }])][at % 3].clone();
        grid.compare(&json!({ "schemas": [GROUP], "displayName": "G", "members": members }), operations)
            .await;
    }
    grid.end(30);
}

/// Two values that the attribute takes, and some that it may not.
fn values_of(attribute: &Attribute) -> Vec<Value> {
    let good = match attribute.data_type {
        DataType::String => [json!("x"), json!("Y")],
        DataType::Boolean => [json!(true), json!(false)],
        DataType::Decimal => [json!(1.5), json!(-2)],
        DataType::Integer => [json!(7), json!(-8)],
        DataType::DateTime => [json!("2020-01-01T00:00:00Z"), json!("2021-01-01T00:00:00+01:00")],
        DataType::Binary => [json!("aGk="), json!("aGs=")],
        DataType::Reference => [json!("https://x.example/"), json!("../y")],
        DataType::Complex => complex_values(attribute),
    };
    let [one, other] = good;
    if attribute.multi_valued {
        return vec![
            json!([one]),
            json!([one, other]),
            other,
            json!([]),
            json!([null]),
            json!([{ "unknown": 1 }]),
        ];
    }
    vec![one.clone(), other, json!([one]), json!(null), json!({ "unknown": 1 }), json!("1 1")]
}

fn complex_values(attribute: &Attribute) -> [Value; 2] {
    let writable = attribute.sub_attributes.iter().filter(|sub| !sub.is_complex() && !sub.is_read_only());
    let (mut one, mut other) = (Map::new(), Map::new());
    for (at, sub) in writable.enumerate() {
        let mut values = values_of(sub).into_iter();
        one.extend(values.next().map(|value| (sub.name.clone(), value)));
        other.extend(
            values.next().filter(|_| sub.required || at % 2 == 0).map(|value| (sub.name.clone(), value)),
        );
    }
    [one.into(), other.into()]
}

/// Each attribute and each part, in each form of a path.
fn targets_of(resource_type: &ResourceType) -> Vec<(Value, Vec<Value>)> {
    let mut targets = Vec::new();
    for found in resource_type.all_attributes().filter(|found| found.attribute.name != "schemas") {
        let path = found.canonical();
        targets.push((json!(path), values_of(found.attribute)));
        for sub in &found.attribute.sub_attributes {
            targets.push((json!(format!("{path}.{}", sub.name)), values_of(sub)));
            if found.attribute.multi_valued {
                targets.push((json!(format!("{path}[stringValue eq \"x\"].{}", sub.name)), values_of(sub)));
            }
        }
    }
    targets
}

async fn test_resources_are_patched_alike(database: Database) {
    let client = Client::of(App::start_with_test_resources(database).await).await;
    let registry = Registry::standard().unwrap().with_test_resources().unwrap();
    let resource_type = registry.resource_type("TestResource").unwrap();
    let mut grid = Grid::new(&client, resource_type);
    let mut full = json!({ "schemas": [TEST], "required": "r", "always": "a" });
    // the library cannot begin with what nobody can read
    let readable = resource_type.schema.attributes.iter().filter(|one| one.returned != Returned::Never);
    for attribute in readable.filter(|attribute| !attribute.is_read_only()) {
        let mut value = values_of(attribute).remove(0);
        for part in value.as_array_mut().into_iter().flatten().chain(std::iter::empty()) {
            forget_secrets(part);
        }
        forget_secrets(&mut value);
        full[&attribute.name] = value;
    }
    let bare = json!({ "schemas": [TEST], "required": "r", "always": "a" });
    for (at, operations) in patches(&targets_of(resource_type), 4).iter().enumerate() {
        grid.compare(if at % 2 == 0 { &full } else { &bare }, operations).await;
    }
    grid.end(60);
}

fn forget_secrets(part: &mut Value) {
    if let Some(part) = part.as_object_mut() {
        part.retain(|name, _| !["never", "writeOnly"].contains(&name.as_str()));
    }
}

crate::storage::on_both_databases! {
    users_are_patched_alike;
    groups_are_patched_alike;
    test_resources_are_patched_alike;
}
