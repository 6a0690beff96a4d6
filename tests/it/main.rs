//! The integration tests: one binary, linked once.

#[cfg(test)]
mod connect;
#[cfg(test)]
mod memberships;
#[cfg(test)]
mod storage;
