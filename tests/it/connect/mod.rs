//! The three RPC protocols over one port, spoken by hand: a table of raw HTTP cases for each part of the Connect
//! specification (<https://connectrpc.com/docs/protocol>), whose sentences the names of the cases repeat.

mod compression;
mod cors;
mod echo;
mod errors;
mod get;
mod grpc;
mod grpc_json;
mod grpc_web;
mod harness;
mod heads;
mod http2;
mod layer;
mod observing;
mod serving;
mod streams;
mod timeouts;
mod unary;
