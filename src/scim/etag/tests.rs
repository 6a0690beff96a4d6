//! Tests of `etag`; floor `scim`.
