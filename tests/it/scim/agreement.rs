//! Q6 to Q14 in the large: each filter of a grid means the same to the library's evaluator, to SQLite and to PostgreSQL.

use roster::scim::{
    filter::{Filter, Unknown},
    schema::{Registry, ResourceType},
};
use serde_json::json;

use super::{
    extensions::{BADGE, badge, client},
    test_resources::readable,
    *,
};

const USER_PATHS: [&str; 34] = [
    "id",
    "externalId",
    "userName",
    "displayName",
    "nickName",
    "title",
    "active",
    "profileUrl",
    "locale",
    "name.familyName",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "phoneNumbers.value",
    "addresses.country",
    "addresses",
    "x509Certificates",
    "groups",
    "groups.display",
    "groups.value",
    "schemas",
    "meta.resourceType",
    "meta.created",
    "unknown",
    "BADGE:level",
    "BADGE:weight",
    "BADGE:valid",
    "BADGE:issued",
    "BADGE:tags",
    "BADGE:exact",
    "BADGE:doors.floor",
    "BADGE:holder.since",
];
const GROUP_PATHS: [&str; 9] = [
    "id",
    "externalId",
    "displayName",
    "members",
    "members.value",
    "members.display",
    "members.type",
    "schemas",
    "meta.resourceType",
];
const LITERALS: [&str; 19] = [
    "\"ann\"",
    "\"Ann@Work.example\"",
    "\"\"",
    "\"work\"",
    "\"É\"",
    "\"straße\"",
    "\"%\"",
    "\"a\\\\b\"",
    "\"7\"",
    "\"User\"",
    "\"true\"",
    "true",
    "false",
    "null",
    "3",
    "-2.5",
    "1e2",
    "\"2020-01-01T00:00:00Z\"",
    "\"2020-01-01T01:00:00+01:00\"",
];
const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
const WITHIN: [&str; 12] = [
    "emails[type eq \"work\" and value co \"ann\"]",
    "emails[type ne \"work\"]",
    "emails[not (primary eq true)]",
    "emails[type eq null]",
    "emails[type pr or value ew \"home.example\"]",
    "emails[type eq \"home\"].value sw \"ann\"",
    "name[familyName pr and not (givenName pr)]",
    "name[familyName ne \"x\"]",
    "BADGE:doors[floor gt 1 and open eq true]",
    "BADGE:tags[value eq \"red\"]",
    "BADGE:holder[since lt \"2021-01-01T00:00:00Z\"]",
    "groups[display eq \"engineers\"]",
];

fn crowd() -> Vec<Value> {
    let emails = json!([
        { "value": "ann@work.example", "type": "work", "primary": true }, { "value": "Ann@home.example", "type": "home" },
    ]);
    vec![
        user("ann", json!({ "title": "Boss", "emails": emails, "externalId": "7", "locale": "de" })),
        user(
            "Bob",
            json!({ "active": false, "name": { "familyName": "STRASSE", "givenName": "É" }, "nickName": "" }),
        ),
        user(
            "cat",
            json!({ "emails": [{ "value": "work" }], "displayName": "é", "profileUrl": "https://x.example/Ann" }),
        ),
        user(
            "dan",
            json!({ "title": "100%", "phoneNumbers": [{ "value": "7", "type": "work" }, { "value": "8" }] }),
        ),
        user(
            "eve",
            json!({ "title": "a\\b", "addresses": [{ "country": "ANN", "type": "work" }], "name": { "familyName": "straße" } }),
        ),
        user(
            "true",
            json!({ "displayName": "true", BADGE: { "level": 3, "weight": -2.5, "valid": true, "tags": ["Red", "ann"] } }),
        ),
        user(
            "userworks",
            json!({ "displayName": "", BADGE: { "level": 100, "weight": 3.0, "valid": false, "exact": "Ann" } }),
        ),
        user(
            "_",
            json!({ BADGE: { "issued": "2020-01-01T02:00:00+02:00", "doors": [{ "floor": 3, "open": true }, { "floor": 1 }] } }),
        ),
        user(
            "%",
            json!({ BADGE: { "issued": "2021-05-05T00:00:00Z", "exact": "ann", "holder": { "since": "2020-01-01T00:00:00Z" } } }),
        ),
        user(
            "x509",
            json!({ "x509Certificates": [{ "value": "dHJ1ZQ==" }], BADGE: { "doors": [{ "open": false, "value": "ann" }] } }),
        ),
    ]
}

async fn fill(client: &Client) {
    let mut made = Vec::new();
    for body in crowd() {
        let answer = client.post("/Users", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        made.push(answer.body);
    }
    client.group("Engineers", &[&made[0], &made[1]]).await;
    client.group("ann", &[&made[2]]).await;
    client.group("É%", &[]).await;
}

/// Every path with every operator and literal, what stands in brackets, and combinations of them.
fn filters<P: AsRef<str>>(paths: &[P], within: &[&str]) -> Vec<String> {
    let paths: Vec<_> = paths.iter().map(AsRef::as_ref).collect();
    // of many paths fewer operators each
    let (every, always) = if paths.len() > 60 { (8, 0) } else { (3, 2) };
    let mut simple: Vec<String> = paths.iter().map(|path| format!("{path} pr")).collect();
    for (at, path) in paths.iter().enumerate() {
        for (by, literal) in LITERALS.iter().enumerate() {
            // for most pairs one operator each, so that all are tried with every path and every literal
            let chosen = OPERATORS.iter().enumerate();
            let chosen = chosen.filter(|(op, _)| (at + by + op) % every == 0 || *op < always);
            simple.extend(chosen.map(|(_, op)| format!("{path} {op} {literal}")));
        }
    }
    simple.extend(within.iter().map(|filter| (*filter).to_owned()));
    let pairs = simple.iter().zip(simple.iter().skip(97)).step_by(13);
    let combined = pairs.map(|(left, right)| format!("not ({left}) and ({right} or {left})"));
    let combined: Vec<_> = combined.chain(within.iter().map(|filter| format!("not ({filter})"))).collect();
    simple.extend(combined);
    simple.iter().map(|filter| filter.replace("BADGE", BADGE)).collect()
}

fn name(resource: &Value) -> String {
    names(&json!({ "Resources": [resource] })).remove(0)
}

/// What the library finds among `all`; none when it refuses the filter.
fn by_library(resource_type: &ResourceType, text: &str, all: &[Value]) -> Option<Vec<String>> {
    let filter: Filter = text.parse().ok()?;
    filter.check(resource_type, Unknown::Unassigned).ok()?;
    let matches = |resource: &&Value| filter.matches(resource_type, resource.as_object().unwrap());
    Some(all.iter().filter(matches).map(name).collect())
}

async fn by_database(client: &Client, endpoint: &str, text: &str) -> Option<Vec<String>> {
    let search =
        json!({ "schemas": [SEARCH], "filter": text, "attributes": ["userName", "displayName", "required"] });
    let answer = client.post(&format!("{endpoint}/.search"), search).await;
    if answer.status == 200 {
        return Some(names(&answer.body));
    }
    refused(&answer, 400, Some("invalidFilter"));
    None
}

/// Everything of this type, with what is returned on request alone.
async fn everything(client: &Client, resource_type: &ResourceType) -> Vec<Value> {
    let search = json!({ "schemas": [SEARCH], "attributes": readable(resource_type) });
    let found = client.post(&format!("{}/.search", resource_type.endpoint), search).await;
    found.body["Resources"].as_array().unwrap().clone()
}

async fn agree<P: AsRef<str>>(
    client: &Client,
    registry: &Registry,
    type_name: &str,
    paths: &[P],
    within: &[&str],
) {
    let resource_type = registry.resource_type(type_name).unwrap();
    let all = everything(client, resource_type).await;
    let mut differences = Vec::new();
    let (mut some, mut refused) = (0, 0);
    for filter in filters(paths, within) {
        let expected = by_library(resource_type, &filter, &all);
        let found = by_database(client, &resource_type.endpoint, &filter).await;
        some +=
            usize::from(expected.as_ref().is_some_and(|names| !names.is_empty() && names.len() < all.len()));
        refused += usize::from(expected.is_none());
        if expected != found {
            differences.push(format!("{filter}\n  library:  {expected:?}\n  database: {found:?}"));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert!(some > 10 && refused > 10, "the grid tells nothing: {some} found some, {refused} were refused");
}

async fn every_filter_means_the_same(database: Database) {
    let client = client(badge(), database).await;
    fill(&client).await;
    let registry = Registry::standard().unwrap().with_extension("User", &badge(), false).unwrap();
    agree(&client, &registry, "User", &USER_PATHS, &WITHIN).await;
    let within = ["members[type eq \"User\"]", "members[display co \"ann\"]"];
    agree(&client, &registry, "Group", &GROUP_PATHS, &within).await;
}

const WITHIN_TEST: [&str; 10] = [
    "complexValue[stringValue eq \"ann\" and integerValue gt 2]",
    "complexValue[stringValues eq \"ann\"]",
    "complexValue[not (stringValues pr)]",
    "complexValue[stringValues ne \"ann\"]",
    "complexValue[integerValues ge 3 or stringValue pr]",
    "complexValues[type eq \"work\" and booleanValue eq true]",
    "complexValues[exact eq \"Ann\"]",
    "complexValues[dateTimeValue lt \"2020-01-01T00:30:00Z\"].value sw \"a\"",
    "stringValues[value eq \"ann\"]",
    "integerValues[value gt 2]",
];

fn things() -> Vec<Value> {
    let every = json!({
        "stringValue": "Ann", "booleanValue": true, "decimalValue": -2.5, "integerValue": 3, "binaryValue": "dHJ1ZQ==",
        "dateTimeValue": "2020-01-01T01:00:00+01:00", "referenceValue": "https://x.example/Ann", "exact": "Ann",
    });
    let part = |mut thing: Value| {
        thing.as_object_mut().unwrap().retain(|name, _| name != "exact");
        thing["exact"] = "ann".into();
        thing["type"] = "work".into();
        thing["value"] = "ann".into();
        thing
    };
    vec![
        every.clone(),
        json!({ "complexValue": part(every.clone()), "complexValues": [part(every.clone()), { "value": "7", "exact": "Ann" }] }),
        json!({ "stringValues": ["ann", "true"], "integerValues": [3, 7], "decimalValues": [1.5], "dateTimeValues": ["2020-01-01T00:00:00Z"] }),
        json!({ "complexValue": { "stringValues": ["Ann"], "integerValues": [1, 100], "dateTimeValues": ["2021-01-01T00:00:00Z"] } }),
        json!({ "booleanValues": [false], "binaryValues": ["YW5u"], "referenceValues": ["User", "ann"], "onRequest": "ann", "always": "work" }),
        json!({ "integerValue": 100, "decimalValue": 3, "complexValues": [{ "type": "home", "booleanValue": false, "integerValue": 3 }] }),
        json!({ "stringValue": "", "stringValues": [""], "complexValue": { "stringValue": "" }, "uniqueNumber": 3, "uniqueOnServer": "7" }),
    ]
}

async fn every_filter_of_test_resources_means_the_same(database: Database) {
    let client = Client::of(App::start_with_test_resources(database).await).await;
    for (at, mut thing) in things().into_iter().enumerate() {
        thing["required"] = format!("thing{at}").into();
        let made = client.post("/TestResources", test_resources::thing(thing)).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let registry = Registry::standard().unwrap().with_test_resources().unwrap();
    let mut paths = readable(registry.resource_type("TestResource").unwrap());
    // these are compared by `eq` and `ne` alone
    paths.retain(|path| !["meta.version", "meta.location"].contains(&path.as_str()));
    agree(&client, &registry, "TestResource", &paths, &WITHIN_TEST).await;
}

crate::storage::on_both_databases! {
    every_filter_means_the_same;
    every_filter_of_test_resources_means_the_same;
}
