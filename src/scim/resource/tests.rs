//! Tests of `resource`; floor `scim`.
