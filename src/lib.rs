//! Roster: SCIM in, gRPC out.
