//! Tests of `sort`; floor `scim`.
