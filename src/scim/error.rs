//! Mistakes of the SCIM protocol and their wire form (RFC 7644 §3.12, RFC 9865 §2); floor `scim`.

use std::fmt;

use serde_json::{Value, json};

use super::urn;

/// The `scimType` of an error (RFC 7644 table 9, RFC 9865 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter's syntax is wrong, or an attribute cannot be compared in that way.
    InvalidFilter,
    /// The query gives more results than the service provider is willing to handle.
    TooMany,
    /// A value that must be unique is in use.
    Uniqueness,
    /// The attribute cannot be changed, or not any more.
    Mutability,
    /// The body is not what the message's schema asks for.
    InvalidSyntax,
    /// The `path` of a PATCH operation is malformed or names nothing known.
    InvalidPath,
    /// The `path` names nothing that can be operated on.
    NoTarget,
    /// A value is missing, of the wrong type, or not allowed.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request holds sensitive data in its URI.
    Sensitive,
    /// The cursor is not one of ours, or belongs to another query (RFC 9865).
    InvalidCursor,
    /// The cursor is too old (RFC 9865).
    ExpiredCursor,
    /// The `count` does not fit the cursor (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::InvalidFilter,
        Self::TooMany,
        Self::Uniqueness,
        Self::Mutability,
        Self::InvalidSyntax,
        Self::InvalidPath,
        Self::NoTarget,
        Self::InvalidValue,
        Self::InvalidVers,
        Self::Sensitive,
        Self::InvalidCursor,
        Self::ExpiredCursor,
        Self::InvalidCount,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The status that RFC 7644 §3.12 pairs with this type.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Uniqueness => Status::Conflict,
            Self::Sensitive => Status::Forbidden,
            _ => Status::BadRequest,
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The HTTP status that an error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// 400
    BadRequest,
    /// 403
    Forbidden,
    /// 409
    Conflict,
    /// 412
    PreconditionFailed,
    /// 413
    PayloadTooLarge,
    /// 501
    NotImplemented,
}

impl Status {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
            Self::PayloadTooLarge => 413,
            Self::NotImplemented => 501,
        }
    }
}

/// A mistake in a SCIM request, told so that an admin can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// What kind of mistake it is, where RFC 7644 §3.12 has a word for it.
    pub scim_type: Option<ScimType>,
    /// The status to answer with.
    pub status: Status,
    /// What is wrong and what would be right, in words.
    pub detail: String,
    /// The index of the PATCH or bulk operation that is at fault, from 0.
    pub operation: Option<usize>,
}

impl Error {
    /// An error of `scim_type`, with the status that belongs to it.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self {
            scim_type: Some(scim_type),
            status: scim_type.status(),
            detail: detail.into(),
            operation: None,
        }
    }

    /// An error that has a status but no `scimType`.
    pub fn plain(status: Status, detail: impl Into<String>) -> Self {
        Self { scim_type: None, status, detail: detail.into(), operation: None }
    }

    /// The same error, said of the operation at `index`; the first index given stays.
    #[must_use]
    pub fn at_operation(mut self, index: usize) -> Self {
        if self.operation.is_none() {
            self.operation = Some(index);
            self.detail = format!("Operations[{index}]: {}", self.detail);
        }
        self
    }

    /// The body of the answer (RFC 7644 §3.12).
    #[must_use]
    pub fn to_json(&self) -> Value {
        body(self.status.code(), self.scim_type, &self.detail)
    }

    pub(crate) fn filter(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidFilter, detail)
    }

    pub(crate) fn path(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidPath, detail)
    }

    pub(crate) fn value(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidValue, detail)
    }

    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidSyntax, detail)
    }

    pub(crate) fn mutability(detail: impl Into<String>) -> Self {
        Self::new(ScimType::Mutability, detail)
    }

    pub(crate) fn no_target(detail: impl Into<String>) -> Self {
        Self::new(ScimType::NoTarget, detail)
    }
}

/// The body of any error answer; `status` is a string there (RFC 7644 §3.12).
#[must_use]
pub fn body(status: u16, scim_type: Option<ScimType>, detail: &str) -> Value {
    let mut body = json!({ "schemas": [urn::ERROR], "status": status.to_string(), "detail": detail });
    if let (Some(kind), Some(map)) = (scim_type, body.as_object_mut()) {
        map.insert("scimType".to_owned(), Value::from(kind.as_str()));
    }
    body
}

#[cfg(test)]
mod tests;
