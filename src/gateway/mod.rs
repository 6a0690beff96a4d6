//! The gateways: each translates one protocol, and holds no rule of its own.

pub mod rpc;
