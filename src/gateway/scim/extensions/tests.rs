//! Declared extensions.

use super::*;

const URI: &str = "urn:example:params:scim:schemas:badge:2.0:User";

fn document(attribute: &str) -> String {
    format!(r#"{{"id":"{URI}","name":"Badge","attributes":[{attribute}]}}"#)
}

fn refused(text: &str, place: &str, reason: &str) {
    let error = Extensions::from_json(text).expect_err(text);
    assert!(error.place.contains(place) && error.reason.contains(reason), "{text}: {error}");
}

#[test]
fn one_document_or_a_list_is_read_with_or_without_required() {
    let plain = document(r#"{"name":"number","type":"string","multiValued":false}"#);
    let wrapped = format!(r#"[{{"schema":{plain},"required":true}}]"#);
    for (text, required) in [(plain.clone(), false), (format!("[{plain}]"), false), (wrapped, true)] {
        let registry = Extensions::from_json(&text).unwrap().registry().unwrap();
        let extension = registry.resource_type("User").unwrap().extensions.last().unwrap().clone();
        assert_eq!((extension.schema.id.as_str(), extension.required), (URI, required));
    }
}

#[test]
fn a_bad_file_is_refused_with_place_and_reason() {
    let number = r#"{"name":"number","type":"string","multiValued":false}"#;
    refused("{\n \"id\":", "line 2", "EOF");
    refused("[5]", "[0]", "object");
    refused(&format!(r#"{{"schema":{},"required":1}}"#, document(number)), "required", "true or false");
    refused(&document(r#"{"name":"a b","type":"string","multiValued":false}"#), "a b", "a name is");
    refused(&document(r#"{"name":"number","type":"text","multiValued":false}"#), "attributes[0]", "text");
    refused(&document(&format!("{number},{number}")), URI, "given twice");
    refused(&format!("[{0},{0}]", document(number)), URI, "there already");
    refused(
        &document(number).replace(URI, "urn:ietf:params:scim:schemas:core:2.0:Own"),
        "core:2.0:Own",
        "RFCs",
    );
    let unique = r#"{"name":"number","type":"string","multiValued":false,"uniqueness":"server"}"#;
    refused(&document(unique), "number", "uniqueness");
    let inner = r#"{"name":"b","type":"complex","multiValued":false,"subAttributes":[{"name":"c","type":"string","multiValued":false}]}"#;
    let nested = format!(r#"{{"name":"a","type":"complex","multiValued":false,"subAttributes":[{inner}]}}"#);
    refused(&document(&nested), "a", "complex");
}
