//! One function for each fuzz target: it takes any bytes, and panics when a promise is broken.

use std::sync::OnceLock;

use axum::{Router, body::Body};
use http::{Request, header};
use roster::{
    domain::{actor::Caller, clock::SystemClock, scim_token::ClientProfile},
    gateway::scim::{Settings, routes},
    scim::{
        filter::{Filter, Unknown},
        json,
        patch::{Patch, Profile},
        path::{AttributePath, ValuePath},
        resource::Incoming,
        schema::Registry,
        value::Object,
    },
    services::{Services, scim_token},
    storage::Store,
};
use serde_json::Value;
use tower::ServiceExt as _;

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| Registry::standard().unwrap())
}

/// A filter that parses prints as one that parses to the same, and can be asked of any resource.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(filter) = text.parse::<Filter>() else { return };
    let printed = filter.to_string();
    assert_eq!(printed.parse::<Filter>().as_ref(), Ok(&filter), "{printed}");
    for resource_type in registry().resource_types() {
        if filter.check(resource_type, Unknown::Unassigned).is_ok() {
            let _ = filter.matches(resource_type, &Object::new());
        }
    }
}

/// A path that parses prints as one that parses to the same, and can be resolved.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(path) = text.parse::<ValuePath>() {
        let printed = path.to_string();
        assert_eq!(printed.parse::<ValuePath>().as_ref(), Ok(&path), "{printed}");
    }
    if let Ok(path) = text.parse::<AttributePath>() {
        for resource_type in registry().resource_types() {
            let _ = resource_type.resolve(&path);
        }
    }
}

/// A PATCH changes a resource into one that obeys its schema, or leaves it as it is.
pub fn patch(data: &[u8]) {
    let Ok(body) = json::parse(data) else { return };
    for resource_type in registry().resource_types() {
        for profile in Profile::ALL {
            let Ok(patch) = Patch::parse(resource_type, &body, profile) else { continue };
            let before = sample(&resource_type.name);
            let mut after = before.clone();
            match patch.apply(resource_type, &mut after) {
                Ok(changed) => assert_eq!(changed, after != before),
                Err(_) => assert_eq!(after, before, "a PATCH that fails changes nothing"),
            }
            // what comes out can be put in again
            Incoming::read(resource_type, &Value::Object(after)).unwrap().create().unwrap();
        }
    }
}

/// A resource in canonical form.
fn sample(name: &str) -> Object {
    let text = match name {
        "User" => {
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a",
            "name":{"givenName":"A"},"emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x"}]}"#
        }
        _ => r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g"}"#,
    };
    let body = json::parse(text.as_bytes()).unwrap();
    let resource_type = registry().resource_type(name).unwrap();
    Incoming::read(resource_type, &body).unwrap().create().unwrap()
}

/// The first line is `METHOD PATH`, the rest the body; the answer is never a 5xx, but for 501.
pub fn request(data: &[u8]) {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(Server::start);
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, body) = data.split_at(end);
    let Ok(line) = std::str::from_utf8(line) else { return };
    let Some((method, target)) = line.split_once(' ') else { return };
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2/{target}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", server.token))
        .header(header::CONTENT_TYPE, "application/scim+json")
        .body(Body::from(body.get(1..).unwrap_or_default().to_vec()));
    let Ok(request) = request else { return };
    let response = server.runtime.block_on(server.router.clone().oneshot(request)).unwrap();
    let status = response.status().as_u16();
    assert!(status < 500 || status == 501, "{line}: {status}");
}

/// The SCIM gateway over a database in memory.
struct Server {
    runtime: tokio::runtime::Runtime,
    router: Router,
    token: String,
}

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (router, token) = runtime.block_on(async {
            let store = Store::open("sqlite::memory:").await.unwrap();
            let services = Services::new(store, std::sync::Arc::new(SystemClock));
            let caller = Caller::system("fuzz");
            let made = scim_token::create(&services, &caller, None, ClientProfile::Generic).await.unwrap();
            let settings = Settings { test_resources: true, ..Settings::new("http://x") };
            (routes(services, &settings).unwrap(), made.1.reveal().to_owned())
        });
        Self { runtime, router, token }
    }
}
