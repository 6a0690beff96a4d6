//! Deactivations that are refused (gateway floor): a request is done as a whole or not at all (RFC 7644 §3.5.2), so what is
//! wrong beside `active: false` keeps a person in who left. It is refused, and told of at once.

use serde_json::Value;

use super::{context::Context, error::Failure, http::Answer, record};
use crate::{domain::id::ScimUserId, scim::value::elements, services::provisioning::deactivation};

/// Whether a user is to be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    On,
    Off,
}

impl Wish {
    /// What the body of a PUT or of a PATCH says, as far as it can be read; the last word counts.
    pub(super) fn of(body: &Value) -> Option<Self> {
        let operations = member(body, "Operations").map(elements).unwrap_or_default();
        operations.iter().rev().find_map(Self::of_operation).or_else(|| Self::of_attributes(body))
    }

    fn of_operation(operation: &Value) -> Option<Self> {
        let value = member(operation, "value")?;
        match member(operation, "path").and_then(Value::as_str).map(str::trim) {
            Some(path) if is_active(path) => Self::of_value(value),
            Some("") | None => elements(value).iter().find_map(Self::of_attributes),
            // a schema, whose attributes stand in the value
            Some(path) => path.contains(':').then(|| Self::of_attributes(value)).flatten(),
        }
    }

    /// `active` among attributes, or within the object of a schema.
    fn of_attributes(attributes: &Value) -> Option<Self> {
        let mut members = attributes.as_object()?.iter();
        members.find_map(|(name, value)| match value {
            Value::Object(_) if name.contains(':') => Self::of_attributes(value),
            value => is_active(name).then(|| Self::of_value(value)).flatten(),
        })
    }

    fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(Self::On),
            Value::Bool(false) => Some(Self::Off),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(Self::Off),
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(Self::On),
            Value::Array(items) => items.first().and_then(Self::of_value),
            _ => None,
        }
    }
}

fn is_active(name: &str) -> bool {
    name.rsplit_once(':').map_or(name, |(_, bare)| bare).eq_ignore_ascii_case("active")
}

fn member<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Tells of a deactivation that was refused, and forgets one when a later request is done that keeps the user in.
pub(super) async fn watch(context: &Context, id: &str, wish: Option<Wish>, done: &Result<Answer, Failure>) {
    let Ok(id) = id.parse::<ScimUserId>() else { return };
    let told = match (wish, done) {
        (Some(Wish::Off), Err(failure)) => note(context, id, failure).await,
        (Some(Wish::On), Ok(_)) => {
            let (services, caller) = (&context.scim.services, &context.session.caller);
            deactivation::forget_refused(services, caller, id).await
        }
        _ => Ok(()),
    };
    if let Err(error) = told {
        tracing::warn!(user = %id, error = %error, "a refused deactivation could not be noted");
    }
}

async fn note(context: &Context, id: ScimUserId, failure: &Failure) -> Result<(), crate::services::Error> {
    let Some(detail) = failure.refusal() else { return Ok(()) };
    let Context { scim, session, .. } = context;
    let (services, caller, token) = (&scim.services, &session.caller, session.token.id);
    let detail = record::without_secrets(scim, session, &detail);
    if deactivation::note_refused(services, caller, token, id, &detail).await? {
        tracing::warn!(%token, user = %id, "a deactivation was refused: the user is active still");
        record::deactivation_refused(session);
        scim.figures.deactivation_refused();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wish_is_read_in_every_form() {
        let patch = |operation: Value| Wish::of(&json!({ "Operations": [{ "op": "add" }, operation] }));
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
        for off in [
            json!({ "op": "replace", "path": "active", "value": false }),
            json!({ "OP": "Replace", "PATH": "ACTIVE", "VALUE": "False" }),
            json!({ "op": "replace", "path": format!("{urn}:active"), "value": [false] }),
            json!({ "op": "replace", "value": { "title": "T", "active": "FALSE" } }),
            json!({ "op": "replace", "value": { format!("{urn}:active"): false } }),
            json!({ "op": "replace", "path": urn, "value": { "active": false } }),
            json!({ "op": "replace", "value": [{ urn: { "Active": false } }] }),
        ] {
            assert_eq!(patch(off.clone()), Some(Wish::Off), "{off}");
        }
        assert_eq!(Wish::of(&json!({ "Active": false })), Some(Wish::Off));
        assert_eq!(Wish::of(&json!({ "active": true })), Some(Wish::On));
        assert_eq!(patch(json!({ "op": "replace", "path": "title", "value": false })), None);
        assert_eq!(
            patch(
                json!({ "op": "replace", "path": "emails[primary eq true]", "value": { "active": false } })
            ),
            None
        );
        assert_eq!(Wish::of(&json!({ "title": "T" })), None);
    }
}
