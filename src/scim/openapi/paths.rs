//! The endpoints, with what they take and answer (RFC 7644 §3.2, §4); floor `scim`.

use serde_json::{Value, json};

use super::{object, reference};
use crate::scim::{schema::ResourceType, value::Object};

/// The media type of requests and answers (RFC 7644 §8.1).
const MEDIA_TYPE: &str = "application/scim+json";

/// `/Users` and what is below it, for any resource type.
pub(super) fn resource_type(resource_type: &ResourceType) -> Object {
    let (name, endpoint) = (&*resource_type.name, &resource_type.endpoint);
    let mut paths = Object::new();
    let (one, sent) = (reference(name), reference(&format!("{name}Request")));
    let list = reference(&format!("{name}List"));
    let collection = object([
        ("get", operation("list", name, &with_list_parameters(), None, &[(200, Some(&list))], &LIST_ERRORS)),
        (
            "post",
            operation(
                "create",
                name,
                &[attributes(), excluded()],
                Some(&sent),
                &[(201, Some(&one))],
                &CREATE_ERRORS,
            ),
        ),
    ]);
    let found = operation(
        "get",
        name,
        &[attributes(), excluded(), header("If-None-Match")],
        None,
        &[(200, Some(&one)), (304, None)],
        &READ_ERRORS,
    );
    let write = [attributes(), excluded(), header("If-Match")];
    let patched = [(200, Some(&one)), (204, None)];
    let single = object([
        (
            "parameters",
            json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }]),
        ),
        ("get", found),
        ("put", operation("replace", name, &write, Some(&sent), &[(200, Some(&one))], &WRITE_ERRORS)),
        ("patch", operation("patch", name, &write, Some(&reference("PatchOp")), &patched, &WRITE_ERRORS)),
        ("delete", operation("delete", name, &[header("If-Match")], None, &[(204, None)], &DELETE_ERRORS)),
    ]);
    paths.insert(endpoint.clone(), collection.into());
    paths.insert(format!("{endpoint}/{{id}}"), single.into());
    paths.insert(format!("{endpoint}/.search"), search(name, &list));
    paths
}

/// Queries over all types, and bulk requests.
pub(super) fn all_types() -> Object {
    let list = reference("ListResponse");
    let bulk = operation(
        "bulk",
        "Resources",
        &[],
        Some(&reference("BulkRequest")),
        &[(200, Some(&reference("BulkResponse")))],
        &BULK_ERRORS,
    );
    let all =
        operation("list", "Resources", &with_list_parameters(), None, &[(200, Some(&list))], &LIST_ERRORS);
    object([
        ("/", json!({ "get": all })),
        ("/.search", search("Resources", &list)),
        ("/Bulk", json!({ "post": bulk })),
    ])
}

/// What the service provider can do, which needs no token (RFC 7644 §4).
pub(super) fn discovery() -> Object {
    let open = |verb: &str, name: &str, shape: &str, parameters: &[Value], errors: &[u16]| {
        let mut read = operation(verb, name, parameters, None, &[(200, Some(&reference(shape)))], errors);
        if let Some(read) = read.as_object_mut() {
            read.insert("security".to_owned(), json!([]));
        }
        json!({ "get": read })
    };
    let id = [json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } })];
    object([
        (
            "/ServiceProviderConfig",
            open("get", "ServiceProviderConfig", "ServiceProviderConfig", &[], &[500]),
        ),
        ("/ResourceTypes", open("list", "ResourceType", "ResourceTypeList", &[], &[403, 500])),
        ("/ResourceTypes/{id}", open("get", "ResourceType", "ResourceType", &id, &[404, 500])),
        ("/Schemas", open("list", "Schema", "SchemaList", &[], &[403, 500])),
        ("/Schemas/{id}", open("get", "Schema", "Schema", &id, &[404, 500])),
    ])
}

/// A GET of ours, that answers with JSON of this shape.
pub(super) fn reading(name: &str, shape: &Value) -> Value {
    operation("get", name, &[], None, &[(200, Some(shape))], &[401, 500, 503])
}

const LIST_ERRORS: [u16; 6] = [400, 401, 403, 429, 500, 503];
const READ_ERRORS: [u16; 7] = [400, 401, 403, 404, 429, 500, 503];
const CREATE_ERRORS: [u16; 9] = [400, 401, 403, 409, 413, 415, 429, 500, 503];
const WRITE_ERRORS: [u16; 11] = [400, 401, 403, 404, 409, 412, 413, 415, 429, 500, 503];
const DELETE_ERRORS: [u16; 7] = [401, 403, 404, 412, 429, 500, 503];
const SEARCH_ERRORS: [u16; 8] = [400, 401, 403, 413, 415, 429, 500, 503];
const BULK_ERRORS: [u16; 8] = SEARCH_ERRORS;

fn search(name: &str, list: &Value) -> Value {
    let body = reference("SearchRequest");
    json!({ "post": operation("search", name, &[], Some(&body), &[(200, Some(list))], &SEARCH_ERRORS) })
}

fn operation(
    verb: &str,
    name: &str,
    parameters: &[Value],
    body: Option<&Value>,
    successes: &[(u16, Option<&Value>)],
    failures: &[u16],
) -> Value {
    let mut responses = errors(failures);
    for (status, shape) in successes {
        responses.insert(status.to_string(), success(name, *status, *shape));
    }
    let mut operation = object([
        ("operationId", operation_id(verb, name).into()),
        ("tags", json!([name])),
        ("parameters", parameters.into()),
        ("responses", responses.into()),
    ]);
    if let Some(body) = body {
        let content = json!({ MEDIA_TYPE: { "schema": body }, "application/json": { "schema": body } });
        operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    operation.into()
}

/// Camel case: `list` and `User` are `listUser`.
fn operation_id(verb: &str, name: &str) -> String {
    format!("{verb}{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), ""))
}

/// What can be done with what was made.
fn links(name: &str) -> Value {
    let link = |verb| {
        let parameters = json!({ "id": "$response.body#/id" });
        (
            format!("{verb}{name}"),
            json!({ "operationId": operation_id(verb, name), "parameters": parameters }),
        )
    };
    ["get", "replace", "patch", "delete"].into_iter().map(link).collect::<Object>().into()
}

fn made(name: &str, shape: &Value) -> Value {
    let mut made = told("It is made.", shape);
    if let Some(made) = made.as_object_mut() {
        let location = json!({ "Location": { "required": true, "schema": { "type": "string" } } });
        made.insert("headers".to_owned(), location);
        made.insert("links".to_owned(), links(name));
    }
    made
}

fn success(name: &str, status: u16, shape: Option<&Value>) -> Value {
    match (status, shape) {
        (201, Some(shape)) => made(name, shape),
        (_, Some(shape)) => told("It is done.", shape),
        (304, None) => json!({ "description": "The client has this version." }),
        (_, None) => json!({ "description": "It is done; there is nothing to show." }),
    }
}

/// An answer of this shape.
fn told(description: &str, shape: &Value) -> Value {
    json!({ "description": description, "content": { MEDIA_TYPE: { "schema": shape } } })
}

/// The answers that are errors (RFC 7644 §3.12).
fn errors(statuses: &[u16]) -> Object {
    let error = |status: &u16| (status.to_string(), told(reason(*status), &reference("Error")));
    statuses.iter().map(error).collect()
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed, or breaks a rule: `scimType` says which.",
        401 => "There is no token, or it is none that is in force.",
        403 => "It is not allowed.",
        404 => "There is no such resource.",
        409 => "A value is taken that must be unique.",
        412 => "The resource is at another version.",
        413 => "The request is too large.",
        415 => "The body is of another media type.",
        429 => "Too many requests; later.",
        503 => "Not now; later.",
        _ => "An error of the service provider.",
    }
}

/// The parameters of a query (RFC 7644 §3.4.2, RFC 9865).
fn with_list_parameters() -> [Value; 8] {
    let number = json!({ "type": "integer" });
    [
        parameter("filter", &json!({ "type": "string", "examples": ["userName eq \"bjensen\""] })),
        parameter("sortBy", &json!({ "type": "string" })),
        parameter("sortOrder", &json!({ "type": "string", "enum": ["ascending", "descending"] })),
        parameter("startIndex", &number),
        parameter("count", &number),
        parameter("cursor", &json!({ "type": "string" })),
        attributes(),
        excluded(),
    ]
}

fn attributes() -> Value {
    parameter("attributes", &json!({ "type": "string", "description": "Names, separated by commas." }))
}

fn excluded() -> Value {
    parameter(
        "excludedAttributes",
        &json!({ "type": "string", "description": "Names, separated by commas." }),
    )
}

fn parameter(name: &str, shape: &Value) -> Value {
    json!({ "name": name, "in": "query", "schema": shape })
}

/// A header with entity tags (RFC 7644 §3.14).
fn header(name: &str) -> Value {
    json!({ "name": name, "in": "header", "schema": { "type": "string", "examples": ["W/\"1\""] } })
}
