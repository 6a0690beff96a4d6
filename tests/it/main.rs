//! The integration tests: one binary, linked once.

// the futures of whole conversations are deep
#![recursion_limit = "256"]

// the attribute is what clippy's `allow-…-in-tests` looks for
#[cfg(test)]
mod app;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod idp;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod memberships;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod operate;
#[cfg(test)]
mod pasted;
#[cfg(test)]
mod process;
#[cfg(test)]
mod provisioning;
#[cfg(test)]
mod published;
#[cfg(test)]
mod pushes;
#[cfg(test)]
mod revisions;
#[cfg(test)]
mod rpc;
#[cfg(test)]
mod scim;
#[cfg(test)]
mod standby;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod support;
#[cfg(test)]
mod watches;
