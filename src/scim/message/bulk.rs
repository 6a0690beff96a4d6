//! `BulkRequest` and `BulkResponse` (RFC 7644 §3.7); floor `scim`.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{expect_message, member, text};
use crate::quote::shown;
use crate::scim::error::{Error, Status};
use crate::scim::resource::kind;
use crate::scim::urn;
use crate::scim::value::Object;

/// What a bulk operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkMethod {
    /// Creates; needs a `bulkId`.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl BulkMethod {
    /// The method on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Post, Self::Put, Self::Patch, Self::Delete];
        all.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word))
    }
}

/// One operation of a bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOperation {
    /// What to do.
    pub method: BulkMethod,
    /// The client's name for the resource, unique in the request; always there for a POST.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// The endpoint, or the resource's path, relative to the base URL; begins with `/`.
    pub path: String,
    /// The body; null for a DELETE.
    pub data: Value,
}

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// How many failures end the processing; none never ends it.
    pub fail_on_errors: Option<u64>,
    /// The operations. One that is malformed is an error of its own, and the others are processed.
    pub operations: Vec<Result<BulkOperation, Error>>,
}

impl BulkRequest {
    /// Reads the body of a bulk request with at most `max_operations`.
    ///
    /// # Errors
    /// `invalidSyntax` when it is no `BulkRequest`, 413 when it has too many operations, naming the limit.
    pub fn parse(body: &Value, max_operations: usize) -> Result<Self, Error> {
        let body = expect_message(body, urn::BULK_REQUEST)?;
        let fail_on_errors = match member(body, "failOnErrors") {
            None => None,
            Some(value) => Some(value.as_u64().ok_or_else(|| {
                Error::syntax(format!("failOnErrors must be an integer from 0, and is {}", kind(value)))
            })?),
        };
        let Some(Value::Array(operations)) = member(body, "Operations") else {
            return Err(Error::syntax("Operations is required: a list of operations (RFC 7644 §3.7)"));
        };
        if operations.len() > max_operations {
            let detail = format!("{} operations exceed maxOperations ({max_operations})", operations.len());
            return Err(Error::plain(Status::PayloadTooLarge, detail));
        }
        let mut ids = HashSet::new();
        let read = |(index, item)| operation(item, &mut ids).map_err(|e: Error| e.at_operation(index));
        Ok(Self { fail_on_errors, operations: operations.iter().enumerate().map(read).collect() })
    }
}

/// What each operation of a bulk request calls itself, malformed ones too: its method and its `bulkId`.
#[must_use]
pub fn bulk_labels(body: &Value) -> Vec<(String, Option<String>)> {
    let operations = body.as_object().and_then(|body| member(body, "Operations"));
    let label = |item: &Value, name: &str| {
        item.as_object().and_then(|item| member(item, name)).and_then(Value::as_str).map(str::to_owned)
    };
    let items = operations.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| (label(item, "method").unwrap_or_default(), label(item, "bulkId"))).collect()
}

fn operation(item: &Value, ids: &mut HashSet<String>) -> Result<BulkOperation, Error> {
    let Value::Object(item) = item else {
        return Err(Error::syntax(format!("an operation must be an object, and is {}", kind(item))));
    };
    let method = text(item, "method")?.and_then(BulkMethod::from_word);
    let method = method.ok_or_else(|| Error::syntax("method is required: POST, PUT, PATCH or DELETE"))?;
    let bulk_id = bulk_id(item, method, ids)?;
    let path = text(item, "path")?.filter(|path| path.starts_with('/'));
    let path =
        path.ok_or_else(|| Error::syntax("path is required: relative to the base URL, as in \"/Users\""))?;
    let data = member(item, "data").cloned().unwrap_or_default();
    if method != BulkMethod::Delete && data.is_null() {
        return Err(Error::syntax(format!("data is required for {}", method.as_str())));
    }
    let version = text(item, "version")?.map(str::to_owned);
    Ok(BulkOperation { method, bulk_id, version, path: path.to_owned(), data })
}

fn bulk_id(item: &Object, method: BulkMethod, ids: &mut HashSet<String>) -> Result<Option<String>, Error> {
    match text(item, "bulkId")?.filter(|id| !id.is_empty()) {
        None if method == BulkMethod::Post => {
            Err(Error::syntax("bulkId is required for POST (RFC 7644 §3.7)"))
        }
        Some(id) if !ids.insert(id.to_owned()) => Err(Error::value(format!(
            "bulkId {:?} is used twice: it must be unique in the request",
            shown(id)
        ))),
        id => Ok(id.map(str::to_owned)),
    }
}

/// What came of one operation (RFC 7644 §3.7.3).
#[derive(Debug, Clone, PartialEq)]
pub struct BulkResult {
    /// The method as the client sent it.
    pub method: String,
    /// The client's name for the resource.
    pub bulk_id: Option<String>,
    /// The version after the operation.
    pub version: Option<String>,
    /// The resource's URL; for all but a failed POST.
    pub location: Option<String>,
    /// The status the operation alone would have had.
    pub status: u16,
    /// The body: the error's when it failed.
    pub response: Option<Value>,
}

impl BulkResult {
    fn to_json(&self) -> Value {
        let mut body = json!({ "method": self.method, "status": self.status.to_string() });
        let optional = [
            ("bulkId", self.bulk_id.clone().map(Value::from)),
            ("version", self.version.clone().map(Value::from)),
            ("location", self.location.clone().map(Value::from)),
            ("response", self.response.clone()),
        ];
        if let Some(body) = body.as_object_mut() {
            body.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        body
    }
}

/// The body of the answer to a bulk request.
#[must_use]
pub fn bulk_response(results: &[BulkResult]) -> Value {
    let operations: Vec<_> = results.iter().map(BulkResult::to_json).collect();
    json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations })
}
