//! Bodies of writes, read as the token's profile says, and noted in the record (gateway floor).

use serde_json::Value;

use super::{auth::Session, error::Failure, record};
use crate::scim::{
    patch::{Patch, dialect::rewrite_resource},
    resource::Incoming,
    schema::ResourceType,
    value::Object,
};

/// Reads the body of a POST or a PUT.
pub(super) fn take_in<'a>(
    session: &Session,
    resource_type: &'a ResourceType,
    body: &mut Value,
) -> Result<Incoming<'a>, Failure> {
    let profile = session.profile();
    let rewrites = rewrite_resource(resource_type, body, profile);
    let incoming = Incoming::read(resource_type, body)?;
    if profile.is_strict() {
        incoming.require_known()?;
    }
    record::intake(session, &rewrites, incoming.ignored());
    Ok(incoming)
}

/// Reads the body of a PATCH.
pub(super) fn parse_patch(
    session: &Session,
    resource_type: &ResourceType,
    body: &Value,
) -> Result<Patch, Failure> {
    let patch = Patch::parse(resource_type, body, session.profile())?;
    record::intake(session, &patch.rewrites, &patch.ignored);
    Ok(patch)
}

/// Carries out a PATCH on a resource; tells whether it changed. What only the resource shows is noted now.
pub(super) fn apply(
    session: &Session,
    resource_type: &ResourceType,
    patch: &Patch,
    resource: &mut Object,
) -> Result<bool, Failure> {
    let mut made = Vec::new();
    let is_changed = patch.apply_noting(resource_type, resource, &mut made)?;
    record::intake(session, &made, &[]);
    Ok(is_changed)
}
