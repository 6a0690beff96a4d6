//! Tests of schemas (RFC 7643 §7, §8.7 and its errata); floor `scim`.

use serde_json::{Value, json};

use super::*;
use crate::scim::{testing, urn};

fn standard() -> Registry {
    Registry::standard().unwrap()
}

fn all(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().flat_map(|a| std::iter::once(a).chain(all(&a.sub_attributes))).collect()
}

#[test]
fn the_standard_schemas_are_there() {
    let ids: Vec<_> = standard().schemas().map(|schema| schema.id.clone()).collect();
    for id in [
        urn::USER,
        urn::GROUP,
        urn::ENTERPRISE_USER,
        urn::SCHEMA,
        urn::RESOURCE_TYPE,
        urn::SERVICE_PROVIDER_CONFIG,
    ] {
        assert!(ids.contains(&id.to_owned()), "{id}");
    }
    assert!(!ids.iter().any(|id| id.contains(":api:")), "messages are not listed (RFC 7644 §3.1)");
}

#[test]
fn user_has_the_attributes_of_rfc_7643_4_1() {
    let registry = standard();
    let user = registry.schema(urn::USER).unwrap();
    let names: Vec<_> = user.attributes.iter().map(|a| a.name.as_str()).collect();
    let expected = "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active \
        password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates";
    assert_eq!(names, expected.split_whitespace().collect::<Vec<_>>());
    let password = user.attribute("PASSWORD").unwrap();
    assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
    assert!(user.attribute("groups").unwrap().is_read_only());
    assert!(
        user.attribute("userName").unwrap().is_unique()
            && !user.attribute("userName").unwrap().is_case_exact()
    );
    assert_eq!(user.attribute("x509Certificates").unwrap().sub("value").unwrap().data_type, DataType::Binary);
}

#[test]
fn verified_errata_are_applied() {
    let registry = standard();
    let group = registry.schema(urn::GROUP).unwrap();
    assert!(group.attribute("displayName").unwrap().required, "5368");
    assert!(group.attribute("members").unwrap().sub("display").is_some(), "6011");
    let enterprise = registry.schema(urn::ENTERPRISE_USER).unwrap();
    assert!(enterprise.attribute("manager").unwrap().sub("value").unwrap().is_case_exact(), "8472");
    let extensions = registry.schema(urn::RESOURCE_TYPE).unwrap().attribute("schemaExtensions").unwrap();
    assert!(extensions.multi_valued, "7522");
    for schema in registry.schemas() {
        for attribute in all(&schema.attributes) {
            assert!(!attribute.is_complex() || attribute.uniqueness.is_none(), "6004: {}", attribute.name);
            assert!(
                attribute.data_type != DataType::Reference || attribute.is_case_exact(),
                "6001: {}",
                attribute.name
            );
            assert!(!attribute.description.is_empty(), "{} has no description", attribute.name);
        }
    }
}

#[test]
fn a_schema_is_served_as_it_was_read() {
    let registry = standard();
    let served = registry.schema(urn::USER).unwrap().to_json("https://example.com/scim/v2");
    assert_eq!(served["meta"]["location"], format!("https://example.com/scim/v2/Schemas/{}", urn::USER));
    let document: Value = serde_json::from_str(include_str!("data/user.json")).unwrap();
    assert_eq!(served["attributes"], document["attributes"]);
}

#[test]
fn a_resource_type_is_served_with_its_extensions() {
    let served = testing::user().to_json("");
    assert_eq!(served["schemaExtensions"], json!([{ "schema": urn::ENTERPRISE_USER, "required": false }]));
    assert_eq!((&served["endpoint"], &served["id"]), (&json!("/Users"), &json!("User")));
}

#[test]
fn look_ups_have_no_regard_to_case() {
    let registry = standard();
    assert!(registry.schema(&urn::USER.to_uppercase()).is_some());
    assert!(registry.resource_type("uSER").is_some());
    assert!(testing::user().attribute("EXTERNALID").is_some());
    assert!(registry.at_endpoint("/Users").is_some() && registry.at_endpoint("/users").is_none());
}

fn extension(attributes: &Value) -> Value {
    json!({ "id": "urn:example:scim:schemas:extension:acme:2.0:User", "name": "Acme", "attributes": attributes })
}

#[test]
fn an_extension_is_a_declaration() {
    let document = extension(&json!([{ "name": "badgeNumber", "type": "integer", "multiValued": false }]));
    let registry = standard().with_extension("user", &document, true).unwrap();
    let user = registry.resource_type("User").unwrap();
    assert!(user.extension("urn:example:scim:schemas:extension:acme:2.0:user").unwrap().required);
    assert_eq!(registry.schemas().count(), standard().schemas().count() + 1);
}

#[test]
fn a_bad_extension_is_refused_with_place_and_reason() {
    let attribute = |name: &str, kind: &str| json!({ "name": name, "type": kind, "multiValued": false });
    let bad = [
        (json!([attribute("1st", "string")]), "attributes[0] (1st)", "letter"),
        (json!([attribute("a", "text")]), "attributes[0]", "unknown variant"),
        (json!([attribute("a", "string"), attribute("A", "string")]), "acme", "twice"),
        (json!([attribute("a", "complex")]), "attributes[0] (a)", "subAttributes"),
        (json!([attribute("meta", "string")]), "acme", "common attribute"),
        (json!([{ "name": "a", "multiValued": false, "mutability": "writeOnly" }]), "(a)", "never"),
        (
            json!([{ "name": "a", "multiValued": false, "multivalue": true }]),
            "attributes[0]",
            "unknown field",
        ),
        (json!({}), "attributes", "list"),
    ];
    for (attributes, place, reason) in bad {
        let error = standard().with_extension("User", &extension(&attributes), false).unwrap_err();
        assert!(error.place.contains(place) && error.reason.contains(reason), "{attributes}: {error}");
    }
    let error = standard().with_extension("Car", &extension(&json!([])), false).unwrap_err();
    assert!(error.reason.contains("Car"), "{error}");
    let taken = json!({ "id": urn::USER.to_lowercase(), "attributes": [] });
    assert!(standard().with_extension("User", &taken, false).unwrap_err().reason.contains("already"));
}
