//! Roster: SCIM in, gRPC out.

pub mod domain;
pub mod storage;
