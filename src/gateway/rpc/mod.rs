//! Gateway floor: gRPC, by tonic.

pub mod guard;
