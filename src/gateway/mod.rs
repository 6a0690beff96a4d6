//! The gateways: each translates one protocol, and holds no rule of its own.

pub mod connect;
pub mod oauth;
pub mod ops;
pub mod rpc;
pub mod scim;
