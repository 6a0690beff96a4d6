//! Tests of `json`; floor `scim`.
