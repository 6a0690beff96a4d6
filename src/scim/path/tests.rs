//! Tests of `path`; floor `scim`.
