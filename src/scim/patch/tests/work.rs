//! Tests of how much a PATCH may ask for; floor `scim`.

use super::*;
use crate::scim::Status;
use crate::scim::resource::MAX_VALUES;
use crate::scim::testing::probe;

/// A user with so many values of each multi-valued attribute.
fn large(count: usize) -> Value {
    let values = |name: &str| -> Value {
        (0..count).map(|n| json!({ "value": format!("{name}{n}@x"), "type": "t" })).collect()
    };
    let addresses: Value =
        (0..count).map(|n| json!({ "streetAddress": format!("{n}"), "type": "work" })).collect();
    json!({ "userName": "u", "emails": values("e"), "phoneNumbers": values("p"), "addresses": addresses })
}

fn apply(resource: Value, operations: Value) -> Result<(bool, Value), Error> {
    run(&user(), resource, operations, Profile::Generic)
}

fn times(count: usize, operation: impl Fn(usize) -> Value) -> Value {
    (0..count).map(operation).collect()
}

/// Every way found to ask for much with little.
fn heavy() -> Vec<(&'static str, Value)> {
    let many_terms = |name: &str| {
        let terms: Vec<_> = (0..200).map(|n| format!("value eq \"{name}{n}\"")).collect();
        terms.join(" or ")
    };
    let same = |n: usize| json!({ "value": "same@x", "type": format!("{n}") });
    let listed: Value = (0..100_000).map(|n| json!({ "value": format!("l{n}") })).collect();
    let nameless: Value = (0..1_000).map(|n| json!({ "type": format!("{n}") })).collect();
    vec![
        (
            "value paths",
            times(
                400,
                |n| json!({ "op": "replace", "path": format!("emails[value eq \"e{n}@x\"].display"), "value": "d" }),
            ),
        ),
        (
            "phone numbers",
            times(
                400,
                |n| json!({ "op": "remove", "path": format!("phoneNumbers[value eq \"p{n}@x\"].type") }),
            ),
        ),
        (
            "addresses",
            times(
                400,
                |_| json!({ "op": "replace", "path": "addresses[type eq \"work\"].country", "value": "DE" }),
            ),
        ),
        (
            "a sub-attribute of all",
            times(300, |n| json!({ "op": "replace", "path": "emails.display", "value": format!("{n}") })),
        ),
        (
            "many terms",
            times(
                3,
                |n| json!({ "op": "replace", "path": format!("emails[{}].display", many_terms(&format!("{n}"))), "value": "d" }),
            ),
        ),
        (
            "a long text into each",
            json!([{ "op": "replace", "path": "emails.display", "value": "x".repeat(100_000) }]),
        ),
        (
            "a long text looked for",
            json!([{ "op": "remove", "path": "emails", "value": [{ "value": "x".repeat(100_000) }] }]),
        ),
        (
            "many additions",
            times(
                1_000,
                |n| json!({ "op": "add", "path": "emails", "value": [{ "value": format!("e{n}@x"), "primary": true }] }),
            ),
        ),
        ("a long list to remove", json!([{ "op": "remove", "path": "emails", "value": listed }])),
        ("values without a value", json!([{ "op": "add", "path": "addresses", "value": nameless }])),
        (
            "one value in many types",
            times(
                2,
                |k| json!({ "op": "add", "path": "ims", "value": (0..900).map(|n| same(n + k)).collect::<Value>() }),
            ),
        ),
    ]
}

#[test]
fn what_is_too_much_work_is_refused_and_changes_nothing() {
    let start = large(MAX_VALUES);
    for (name, operations) in heavy() {
        let error = apply(start.clone(), operations).expect_err(name);
        assert_eq!(error.status, Status::PayloadTooLarge, "{name}: {error}");
        assert!(error.operation.is_some(), "{name}");
    }
}

#[test]
fn what_was_too_large_before_can_be_made_smaller_and_not_larger() {
    let start = large(100_000);
    let one = json!([{ "op": "add", "path": "emails", "value": [{ "value": "one@x" }] }]);
    assert_eq!(apply(start.clone(), one).unwrap_err().status, Status::PayloadTooLarge);
    let start = large(MAX_VALUES + 10);
    let one = json!([{ "op": "add", "path": "emails", "value": [{ "value": "one@x" }] }]);
    assert_eq!(apply(start.clone(), one).unwrap_err().scim_type, Some(ScimType::InvalidValue));
    let less = json!([{ "op": "remove", "path": "emails[value eq \"e7@x\"]" }]);
    assert!(apply(start.clone(), less).unwrap().0);
    let none = json!([{ "op": "remove", "path": "emails" }, { "op": "replace", "path": "phoneNumbers", "value": [] }]);
    assert!(apply(start, none).unwrap().0);
}

#[test]
fn what_clients_send_is_far_from_too_much() {
    let start = large(20);
    let paths = ["emails", "phoneNumbers"];
    let operations = times(MAX_OPERATIONS, |n| {
        let path = format!("{}[value eq \"{}{}@x\"].type", paths[n % 2], ["e", "p"][n % 2], n % 20);
        json!({ "op": "replace", "path": path, "value": format!("t{n}") })
    });
    assert!(apply(start, operations).unwrap().0);
    let whole = large(MAX_VALUES);
    let operations = json!([{ "op": "replace", "path": "emails", "value": whole["emails"].clone() }]);
    assert!(apply(json!({ "userName": "u" }), operations).unwrap().0);
    let added = json!([{ "op": "add", "path": "emails", "value": whole["emails"].clone() }]);
    assert!(!apply(whole, added).unwrap().0, "all of them are there");
}

#[test]
fn one_operation_stands_for_so_many_changes() {
    let value: serde_json::Map<_, _> =
        (0..3_000).map(|n| (format!("emails[value eq \"{n}\"].type"), json!("x"))).collect();
    let error = read(&user(), json!([{ "op": "replace", "value": value }]), Profile::Entra).unwrap_err();
    assert_eq!(error.status, Status::PayloadTooLarge, "{error}");
}

#[test]
fn sameness_by_key_is_sameness_by_comparison() {
    let tags = |value: Value| json!({ "tags": value });
    let probe = probe();
    let patched = |start: Value, value: Value| {
        run(&probe, tags(start), json!([{ "op": "add", "path": "tags", "value": value }]), Profile::Generic)
            .unwrap()
            .1
    };
    assert_eq!(patched(json!(["Red"]), json!(["RED", "blue", "Blue"])), tags(json!(["Red", "blue"])));
    assert_eq!(patched(json!(["\u{212a}"]), json!(["k"])), tags(json!(["\u{212a}", "k"])));
}

#[test]
fn a_removal_from_a_list_within_a_value_is_bounded() {
    let registry = crate::scim::schema::Registry::standard().unwrap().with_test_resources().unwrap();
    let resource_type = registry.resource_type("TestResource").unwrap();
    let texts = |count: usize| -> Value { (0..count).map(|n| format!("s{n}")).collect() };
    let numbers = |count: usize| -> Value { (0..count).map(|n| json!(n)).collect() };
    let remove = |name: &str, held: Value, listed: Value| {
        let operation = json!({ "op": "remove", "path": format!("complexValue.{name}"), "value": listed });
        run(resource_type, json!({ "complexValue": { name: held } }), json!([operation]), Profile::Generic)
    };
    let left = remove("stringValues", texts(MAX_VALUES), texts(MAX_VALUES - 1)).unwrap().1;
    assert_eq!(left["complexValue"]["stringValues"], json!([format!("s{}", MAX_VALUES - 1)]));
    // numbers are compared one by one
    let refused = remove("integerValues", numbers(MAX_VALUES), numbers(MAX_VALUES)).unwrap_err();
    assert_eq!(refused.status, Status::PayloadTooLarge, "{refused}");
}
