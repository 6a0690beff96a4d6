//! Roster: SCIM in, gRPC out.

pub mod gateway;
pub mod server;
