//! Roster: SCIM in, gRPC out.
//!
//! Identity providers push users and groups over SCIM; Roster turns groups into organization memberships with
//! roles; everyone else reads and administers that over gRPC, gRPC-Web and Connect.
//!
//! The floors, from the ground up; a request goes straight down and straight up:
//!
//! - [`domain`]: our types and rules, pure. [`scim`]: the rules of RFC 7643 and 7644, pure, knowing nothing of ours.
//!   [`quote`]: how an error repeats a value, for all of them.
//! - [`storage`]: the only place that knows sea-orm; SQLite and PostgreSQL.
//! - [`services`]: use cases: authorize, decide, one transaction, audit.
//! - [`gateway`]: each translates one protocol into calls of the services; [`proto`] is the wire contract.
//! - [`server`], [`config`], [`cli`]: assembly, listening, draining; what is configured; what is typed.
//!
//! `docs/architecture.md` tells why, and follows three requests through the files.

pub mod cli;
pub mod config;
pub mod domain;
pub mod gateway;
pub mod proto;
pub mod quote;
pub mod scim;
pub mod server;
pub mod services;
pub mod storage;
