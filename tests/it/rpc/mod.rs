//! The RPCs over gRPC (h2c), by generated clients, against a running server.

mod authentication;
mod groups;
mod lists;
mod members;
mod open;
mod owner;
mod permissions;
mod roster;
mod tokens;
mod users;
mod validation;
