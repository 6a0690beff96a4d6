//! The RPCs over gRPC (h2c), by generated clients, against a running server.

mod audit;
mod authentication;
mod deletion;
mod errors;
mod groups;
mod lists;
mod members;
mod names;
mod open;
mod owner;
mod owner_users;
mod permissions;
mod quotas;
mod rights;
mod roster;
mod settings;
mod tokens;
mod users;
mod validation;
mod warnings;
