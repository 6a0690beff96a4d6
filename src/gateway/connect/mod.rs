//! Gateway floor: the Connect protocol, in front of gRPC routes.
//!
//! Connect and gRPC share paths, codes and the five-byte envelope, so one layer can turn each Connect request
//! into the gRPC request that a gRPC client would have sent, call the tonic routes below it in memory, and turn
//! the answer back. Authentication, deadlines and handlers exist once, below, and there is no code per method:
//! JSON comes from the descriptors.
//!
//! "Connect" in the comments of this folder cites <https://connectrpc.com/docs/protocol>, by its section names.
//!
//! | Module | What |
//! |---|---|
//! | `route` | which protocol, codec and method a request speaks of, or how it is refused |
//! | `gate` | who decides about a call before its body is read |
//! | `request` | what all Connect requests have in common: version, time-out, encodings, headers |
//! | `unary`, `get` | one message in, one message out, without envelopes |
//! | `grpc`, `unpack` | what is not Connect, passed through, and unpacked |
//! | `transcode` | the same with messages in JSON |
//! | `stream` | enveloped messages both ways and the end-of-stream message |
//! | `unserved` | calls of what nobody serves |
//! | `fields` | values that the decoder of JSON would lose or mistake, refused or put right before |
//! | `codec`, `compression`, `envelope`, `error` | bytes |

mod codec;
mod compression;
mod envelope;
mod error;
mod fields;
mod gate;
mod get;
mod grpc;
mod request;
mod route;
mod service;
mod stream;
mod transcode;
mod unary;
mod unpack;
mod unserved;

pub use error::code_name;
pub use fields::Broken;
pub use gate::{Admission, Gate};
pub use service::{Below, ConnectLayer, ConnectService};
pub use unpack::{Unpack, UnpackLayer};

use prost_reflect::DescriptorPool;
use tonic::Status;

/// What a server may choose; the default is what Roster serves with.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The largest message, in bytes after decompression; above it the answer is `resource_exhausted`.
    pub max_message: usize,
    /// Answers smaller than this many bytes are sent uncompressed even to a client that accepts compression.
    pub min_compress: usize,
    /// Refuse a Connect request that does not state the protocol version (curl sends none, so: off).
    pub require_version: bool,
    /// The status for fields that break a rule of the schema; there is at least one.
    pub refuse: fn(Vec<Broken>) -> Status,
    /// What an error of this layer becomes before it is sent.
    pub complete: fn(&Status) -> Status,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_message: 4 << 20,
            min_compress: 1024,
            require_version: false,
            refuse: fields::refuse,
            complete: Status::clone,
        }
    }
}

/// The layer for all methods of the services in `pool`.
///
/// The pool must hold each service that is routed below, also reflection and health: of a method that it does not
/// know the routes below are asked what to say, and it is `unimplemented`.
#[must_use]
pub fn layer(pool: &DescriptorPool, options: Options) -> ConnectLayer {
    ConnectLayer::new(pool, options)
}
