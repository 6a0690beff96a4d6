//! The messages of the protocol, beside PatchOp: queries, lists and bulk (RFC 7644 §3.4, §3.7); floor `scim`.

mod bulk;
mod list;
mod query;
mod reference;

pub use bulk::{BulkMethod, BulkOperation, BulkRequest, BulkResult, bulk_labels, bulk_response};
pub use list::ListResponse;
pub use query::ListQuery;
pub use reference::{BulkPlan, plan};

use serde_json::Value;

use super::error::Error;
use super::resource::kind;
use super::value::{Object, elements};

/// The body as an object that says in `schemas` that it is the message `uri`.
fn expect_message<'a>(body: &'a Value, uri: &str) -> Result<&'a Object, Error> {
    let Value::Object(body) = body else {
        return Err(Error::syntax(format!("the body must be a JSON object, and is {}", kind(body))));
    };
    let schemas = member(body, "schemas").map(elements).unwrap_or_default();
    if schemas.iter().filter_map(Value::as_str).any(|sent| sent.eq_ignore_ascii_case(uri)) {
        return Ok(body);
    }
    Err(Error::syntax(format!("schemas is required, and must hold {uri:?}")))
}

/// The member called `name`, without regard to case, if it has a value.
fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

/// A member that must be a string if it is there.
fn text<'a>(object: &'a Object, name: &str) -> Result<Option<&'a str>, Error> {
    match member(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::syntax(format!("{name} must be a string, and is {}", kind(other)))),
    }
}

#[cfg(test)]
mod tests;
