//! The integration tests: one binary, linked once.

#[cfg(test)]
mod memberships;
#[cfg(test)]
mod storage;
