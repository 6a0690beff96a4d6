//! Roster: SCIM in, gRPC out.

pub mod scim;
