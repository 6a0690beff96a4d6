//! Properties of PATCH: all or nothing, done twice is done once, never a panic; floor `scim`.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Patch, Profile, body, read};
use crate::scim::testing::{object, user};

fn value() -> impl Strategy<Value = Value> {
    let leaf = select(vec![
        json!(null),
        json!("x"),
        json!(""),
        json!(true),
        json!("True"),
        json!(5),
        json!([]),
        json!({}),
    ]);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = select(vec![
            "value",
            "type",
            "primary",
            "givenName",
            "emails",
            "title",
            "name.givenName",
            "id",
            "nope",
        ]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..3).prop_map(|members| {
                Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let path = select(vec![
        json!("title"),
        json!("userName"),
        json!("active"),
        json!("name"),
        json!("name.givenName"),
        json!("emails"),
        json!("emails.type"),
        json!("emails[type eq \"work\"]"),
        json!("emails[type eq \"work\"].value"),
        json!("emails[primary eq true].primary"),
        json!("manager"),
        json!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
        json!(null),
        json!("groups"),
        json!("a["),
    ]);
    (select(vec!["add", "remove", "replace", "Add"]), path, value())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
}

fn person() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a", "title": "T", "name": { "givenName": "G" },
        "emails": [{ "value": "w", "type": "work", "primary": true }, { "value": "h", "type": "home" }],
    })
}

proptest! {
    #[test]
    fn all_or_nothing(operations in proptest::collection::vec(operation(), 1..6)) {
        let mut resource = object(person());
        if let Ok(patch) = read(&user(), json!(operations), Profile::Generic) {
            match patch.apply(&user(), &mut resource) {
                Err(_) => prop_assert_eq!(Value::Object(resource), person()),
                Ok(changed) => prop_assert_eq!(Value::Object(resource) != person(), changed),
            }
        }
    }

    /// What comes out obeys the schemas: it can be taken in again, and is the same then.
    #[test]
    fn the_result_obeys_the_schemas(operations in proptest::collection::vec(operation(), 1..6)) {
        use crate::scim::resource::Incoming;
        let mut resource = object(person());
        if read(&user(), json!(operations), Profile::Entra).is_ok_and(|patch| patch.apply(&user(), &mut resource).is_ok()) {
            let (user, body) = (user(), Value::Object(resource.clone()));
            let taken_in = Incoming::read(&user, &body).and_then(|incoming| incoming.replace(&object(person())));
            prop_assert_eq!(taken_in, Ok(resource));
        }
    }

    /// But for one that changes what its own filter selects by.
    #[test]
    fn one_operation_done_twice_is_done_once(operation in operation()) {
        if operation["path"].as_str().is_some_and(|path| path.contains('[')) {
            return Ok(());
        }
        let Ok(patch) = read(&user(), json!([operation]), Profile::Entra) else { return Ok(()) };
        let mut resource = object(person());
        if patch.apply(&user(), &mut resource).is_ok() {
            prop_assert_eq!(patch.apply(&user(), &mut resource), Ok(false));
        }
    }

    #[test]
    fn no_body_panics(any in value(), path in ".{0,40}", operations in proptest::collection::vec(value(), 0..4)) {
        let _ = Patch::parse(&user(), &any, Profile::Entra);
        let _ = Patch::parse(&user(), &body(json!(operations)), Profile::Entra);
        let _ = Patch::parse(&user(), &body(json!([{ "op": "add", "path": path, "value": any }])), Profile::Entra);
    }
}
