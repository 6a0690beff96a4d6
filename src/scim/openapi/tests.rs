//! The document follows the registry.

use serde_json::json;

use super::*;

fn provider() -> Provider<'static> {
    Provider { title: "T", version: "1", base: "https://x.example/scim/v2", max_operations: 10 }
}

#[test]
fn every_resource_type_has_its_endpoints_and_two_shapes() {
    let document = document(&Registry::standard().unwrap(), &provider());
    for path in ["/Users", "/Users/{id}", "/Users/.search", "/Groups/{id}", "/", "/Bulk", "/Schemas/{id}"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let schemas = &document["components"]["schemas"];
    let (sent, got) = (&schemas["UserRequest"], &schemas["User"]);
    assert_eq!(sent["required"], json!(["schemas", "userName"]));
    assert_eq!(got["required"], json!(["schemas", "id"]));
    assert!(sent["properties"].get("id").is_none() && sent["properties"].get("password").is_some());
    assert!(got["properties"].get("password").is_none(), "never returned");
    assert_eq!(got["properties"]["emails"]["items"]["properties"]["primary"]["type"], "boolean");
    assert_eq!(got["properties"]["meta"]["properties"]["created"]["format"], "date-time");
    assert_eq!(document["paths"]["/Schemas"]["get"]["security"], json!([]));
}

#[test]
fn an_extension_shows_up_and_a_required_one_is_required() {
    let schema = json!({
        "schemas": [super::super::urn::SCHEMA], "id": "urn:example:Badge", "name": "Badge",
        "attributes": [{ "name": "number", "type": "integer", "multiValued": false, "required": false }],
    });
    let registry = Registry::standard().unwrap().with_extension("User", &schema, true).unwrap();
    let document = document(&registry, &provider());
    for name in ["User", "UserRequest"] {
        let shape = &document["components"]["schemas"][name];
        assert_eq!(shape["properties"]["urn:example:Badge"]["properties"]["number"]["type"], "integer");
    }
    let required = document["components"]["schemas"]["UserRequest"]["required"].as_array().unwrap();
    assert!(required.contains(&json!("urn:example:Badge")), "{required:?}");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(&Registry::standard().unwrap(), &provider());
    let text = document.to_string();
    let named: Vec<_> = text.split("#/components/schemas/").skip(1).collect();
    assert!(named.len() > 20);
    for rest in named {
        let name = rest.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
}
