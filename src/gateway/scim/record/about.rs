//! Which resource a body is about (gateway floor).

use serde_json::Value;

use crate::{
    domain::provisioning::{Resource, ResourceKind},
    scim::urn,
};

/// The resource that `body` describes, if it is one of ours: a list, a PATCH or an error is about none.
pub(super) fn about(body: &Value) -> Option<Resource> {
    let member = |name: &str| {
        let (_, value) = body.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str().map(super::cut)
    };
    let (kind, name) = if is_of(body, urn::USER) {
        (ResourceKind::User, "userName")
    } else if is_of(body, urn::GROUP) {
        (ResourceKind::Group, "displayName")
    } else {
        return None;
    };
    Some(Resource {
        kind,
        id: member("id").unwrap_or_default(),
        name: member(name).unwrap_or_default(),
        external_id: member("externalId"),
    })
}

fn is_of(body: &Value, schema: &str) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array).into_iter().flatten();
    schemas.filter_map(Value::as_str).any(|uri| uri.eq_ignore_ascii_case(schema))
}
