//! Tests of `schema`; floor `scim`.
