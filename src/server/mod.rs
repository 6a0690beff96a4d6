//! Server: assembly of the floors, and everything between them and the socket.
//!
//! ```text
//! listen (tls) ─ edge (forwarded, request_id, access_log; metrics, traces) ─ plain routes (health, SCIM, …)
//!                                           └ cors ─ connect ─ gRPC-Web ─ guard ─ tonic routes
//! ```

pub mod access_log;
pub mod application;
pub mod cors;
mod edge;
pub mod forwarded;
pub mod listen;
pub mod metrics;
pub mod notify;
pub mod ready;
pub mod request_id;
pub mod router;
pub mod shutdown;
mod slashes;
pub mod telemetry;
pub mod tls;
pub mod traces;
