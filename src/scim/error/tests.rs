//! Tests of `error`; floor `scim`.
