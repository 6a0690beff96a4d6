//! Tests of `patch`; floor `scim`.
