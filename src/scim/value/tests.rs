//! Tests of `value`; floor `scim`.
