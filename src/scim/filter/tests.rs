//! Tests of `filter`; floor `scim`.
