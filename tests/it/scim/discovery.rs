//! Discovery: D1 to D15.

use serde_json::{Value, json};

use super::*;

const ENDPOINTS: [&str; 3] = ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"];

async fn resources(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.get(path).await;
    assert_eq!((answer.status, &answer.body["schemas"]), (200, &json!([LIST])));
    let found = answer.body["Resources"].as_array().unwrap().clone();
    assert_eq!(answer.body["totalResults"], found.len());
    found
}

#[tokio::test]
async fn d1_d2_d3_the_configuration_is_one_whole_object() {
    let client = Client::start().await;
    let answer = client.get("/ServiceProviderConfig").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    let config = answer.body;
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(config[feature]["supported"].is_boolean(), "{feature}");
    }
    for (feature, limit) in [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")]
    {
        assert!(config[feature][limit].is_u64(), "{feature}.{limit}");
    }
    let schemes = config["authenticationSchemes"].as_array().unwrap();
    let known = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    for scheme in schemes {
        assert!(known.contains(&scheme["type"].as_str().unwrap()));
        assert!(scheme["name"].is_string() && scheme["description"].is_string());
    }
    assert!(!schemes.is_empty());
}

#[tokio::test]
async fn d4_discovery_needs_no_token() {
    let client = Client::start().await;
    for path in ENDPOINTS {
        let url = format!("{}/scim/v2{path}", client.app.url);
        assert_eq!(reqwest::get(url).await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn d5_d8_schemas_are_listed_and_each_is_one_object() {
    let client = Client::start().await;
    let listed = resources(&client, "/Schemas").await;
    for schema in &listed {
        let id = schema["id"].as_str().unwrap();
        assert!(!id.starts_with("urn:ietf:params:scim:api:"), "{id} is a message");
        assert_eq!(&client.get(&format!("/Schemas/{id}")).await.body, schema);
        assert_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        let location = format!("{}/scim/v2/Schemas/{id}", client.app.url);
        assert_eq!(schema["meta"], json!({ "resourceType": "Schema", "location": location }));
    }
    let ids: Vec<_> = listed.iter().map(|schema| schema["id"].as_str().unwrap()).collect();
    for id in [USER, GROUP, ENTERPRISE] {
        assert!(ids.contains(&id), "{id}");
    }
}

#[tokio::test]
async fn d6_d7_resource_types_name_known_schemas() {
    let client = Client::start().await;
    let schemas = resources(&client, "/Schemas").await;
    let is_known = |uri: &Value| schemas.iter().any(|schema| &schema["id"] == uri);
    let types = resources(&client, "/ResourceTypes").await;
    let names: Vec<_> = types.iter().map(|known| known["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["User", "Group"]);
    for known in &types {
        let id = known["id"].as_str().unwrap();
        assert_eq!(&client.get(&format!("/ResourceTypes/{id}")).await.body, known);
        assert!(is_known(&known["schema"]), "{known}");
        assert_eq!(client.get(&format!("{}?count=0", known["endpoint"].as_str().unwrap())).await.status, 200);
        for extension in known["schemaExtensions"].as_array().into_iter().flatten() {
            assert!(is_known(&extension["schema"]) && extension["required"].is_boolean(), "{known}");
        }
    }
}

#[tokio::test]
async fn d9_paging_and_sorting_are_ignored() {
    let client = Client::start().await;
    for path in ENDPOINTS {
        let plain = client.get(path).await.body;
        let asked = client.get(&format!("{path}?startIndex=2&count=1&sortBy=id&attributes=id")).await;
        assert_eq!((asked.status, asked.body), (200, plain), "{path}");
    }
}

#[tokio::test]
async fn d10_a_filter_is_forbidden_on_the_lists() {
    let client = Client::start().await;
    refused(&client.get("/Schemas?filter=id pr").await, 403, None);
    refused(&client.get("/ResourceTypes?filter=id pr").await, 403, None);
    assert_eq!(client.get("/ServiceProviderConfig?filter=id pr").await.status, 200);
}

#[tokio::test]
async fn d11_nothing_can_be_written() {
    let client = Client::start().await;
    for path in ENDPOINTS.into_iter().chain(["/Schemas/x", "/ResourceTypes/User"]) {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = client.send(method, path, json!({})).await;
            refused(&answer, 405, None);
            assert!(answer.headers["allow"].to_str().unwrap().contains("GET"), "{path}");
        }
    }
}

#[tokio::test]
async fn d12_what_is_unknown_is_not_found() {
    let client = Client::start().await;
    for path in
        ["/Schemas/urn:none", "/ResourceTypes/Nothing", "/Schemas/urn:none/", "/ServiceProviderConfig/x"]
    {
        refused(&client.get(path).await, 404, None);
    }
}

/// Shows each attribute and sub-attribute to `seen`.
fn each(attributes: &Value, seen: &mut impl FnMut(&Value)) {
    for attribute in attributes.as_array().into_iter().flatten() {
        seen(attribute);
        each(&attribute["subAttributes"], seen);
    }
}

#[tokio::test]
async fn d13_d15_attributes_have_their_characteristics_with_the_errata() {
    let client = Client::start().await;
    let schemas = resources(&client, "/Schemas").await;
    for schema in &schemas {
        assert!(schema["name"].is_string() && schema["description"].is_string());
        each(&schema["attributes"], &mut |attribute| {
            for flag in ["multiValued", "required"] {
                assert!(attribute[flag].is_boolean(), "{flag} of {attribute}");
            }
            for word in ["name", "type", "mutability", "returned", "description"] {
                assert!(attribute[word].is_string(), "{word} of {attribute}");
            }
            let is_complex = attribute["type"] == "complex";
            assert_eq!(is_complex, attribute.get("subAttributes").is_some(), "{attribute}");
            assert!(!is_complex || attribute.get("uniqueness").is_none(), "erratum 6004: {attribute}");
        });
    }
    let attribute = |uri: &str, name: &str| {
        let schema = schemas.iter().find(|schema| schema["id"] == uri).unwrap();
        schema["attributes"].as_array().unwrap().iter().find(|known| known["name"] == name).unwrap().clone()
    };
    assert_eq!(attribute(GROUP, "displayName")["required"], true, "erratum 5368");
    let sub = |attribute: &Value, name: &str| {
        attribute["subAttributes"].as_array().unwrap().iter().find(|sub| sub["name"] == name).unwrap().clone()
    };
    assert_eq!(sub(&attribute(ENTERPRISE, "manager"), "value")["caseExact"], true, "erratum 8472");
    assert_eq!(sub(&attribute(USER, "groups"), "$ref")["referenceTypes"], json!(["Group"]), "erratum 8471");
    assert_eq!(attribute(USER, "password")["returned"], "never");
}

/// A value of the declared type for every attribute that a client can write.
fn filled(attributes: &Value) -> Value {
    let mut made = json!({});
    for attribute in attributes.as_array().into_iter().flatten() {
        if attribute["mutability"] == "readOnly" {
            continue;
        }
        let canonical = attribute["canonicalValues"].as_array().and_then(|values| values.first()).cloned();
        let value = match attribute["type"].as_str().unwrap() {
            "complex" => filled(&attribute["subAttributes"]),
            "boolean" => json!(true),
            "integer" => json!(7),
            "decimal" => json!(1.5),
            "dateTime" => json!("2008-01-23T04:56:22Z"),
            "binary" => json!("TUlJQg=="),
            "reference" => json!("https://example.com/a"),
            _ => canonical.unwrap_or_else(|| json!("text")),
        };
        let many = attribute["multiValued"] == true;
        made[attribute["name"].as_str().unwrap()] = if many { json!([value]) } else { value };
    }
    made
}

#[tokio::test]
async fn d14_what_is_declared_is_accepted_and_kept() {
    let client = Client::start().await;
    let schemas = resources(&client, "/Schemas").await;
    let of = |uri: &str| filled(&schemas.iter().find(|schema| schema["id"] == uri).unwrap()["attributes"]);
    let (mut wanted, extension) = (of(USER), of(ENTERPRISE));
    wanted[ENTERPRISE] = extension;
    wanted["schemas"] = json!([USER, ENTERPRISE]);
    let made = client.user("declared", wanted.clone()).await;
    wanted.as_object_mut().unwrap().remove("password");
    wanted["userName"] = "declared".into();
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert!(made.get("password").is_none());
}
