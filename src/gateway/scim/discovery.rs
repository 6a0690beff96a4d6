//! Discovery: what is served, and how (gateway floor): RFC 7644 §4.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{
    Scim,
    bulk::MAX_OPERATIONS,
    context::Id,
    cursor::TIMEOUT,
    error::Failure,
    http::Answer,
    query::{DEFAULT_COUNT, MAX_RESULTS},
};
use crate::quote::shown;
use crate::scim::{message::ListResponse, urn};

/// Query parameters are ignored here (RFC 7644 §4).
pub(super) async fn service_provider_config(State(scim): State<Scim>) -> Answer {
    let location = format!("{}/ServiceProviderConfig", scim.base);
    Answer::ok(json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "documentationUri": "https://datatracker.ietf.org/doc/html/rfc7644",
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": scim.max_body },
        "filter": { "supported": true, "maxResults": MAX_RESULTS },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_RESULTS,
            "cursorTimeout": TIMEOUT,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "SCIM token",
            "description": "A SCIM token of this server as a bearer token (RFC 6750)",
            "specUri": "https://datatracker.ietf.org/doc/html/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": location },
    }))
}

pub(super) async fn schemas(State(scim): State<Scim>, RawQuery(query): RawQuery) -> Result<Answer, Failure> {
    refuse_filter(query.as_deref())?;
    Ok(list(scim.registry.schemas().map(|schema| schema.to_json(&scim.base))))
}

pub(super) async fn schema(State(scim): State<Scim>, Id(id): Id) -> Result<Answer, Failure> {
    let found = scim.registry.schema(&id).map(|schema| Answer::ok(schema.to_json(&scim.base)));
    found.ok_or_else(|| Failure::status(StatusCode::NOT_FOUND, format!("there is no schema {:?}", shown(id))))
}

pub(super) async fn resource_types(
    State(scim): State<Scim>,
    RawQuery(query): RawQuery,
) -> Result<Answer, Failure> {
    refuse_filter(query.as_deref())?;
    Ok(list(scim.registry.resource_types().map(|known| known.to_json(&scim.base))))
}

pub(super) async fn resource_type(State(scim): State<Scim>, Id(id): Id) -> Result<Answer, Failure> {
    let found = scim.registry.resource_type(&id).map(|known| Answer::ok(known.to_json(&scim.base)));
    found.ok_or_else(|| {
        Failure::status(StatusCode::NOT_FOUND, format!("there is no resource type {:?}", shown(id)))
    })
}

/// A filter would be ignored, which could mislead: it is refused (RFC 7644 §4).
fn refuse_filter(query: Option<&str>) -> Result<(), Failure> {
    let names = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).map(|(name, _)| name);
    if names.into_iter().any(|name| name.eq_ignore_ascii_case("filter")) {
        return Err(Failure::status(StatusCode::FORBIDDEN, "filter cannot be used here (RFC 7644 §4)"));
    }
    Ok(())
}

fn list(resources: impl Iterator<Item = Value>) -> Answer {
    let resources: Vec<_> = resources.collect();
    let total = u64::try_from(resources.len()).unwrap_or(u64::MAX);
    Answer::ok(ListResponse::indexed(total, 1, resources).to_json())
}
