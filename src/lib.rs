//! Roster: SCIM in, gRPC out.

pub mod domain;
pub mod gateway;
pub mod proto;
pub mod services;
pub mod storage;
