//! The integration tests: one binary, linked once.

// the attribute is what clippy's `allow-…-in-tests` looks for
#[cfg(test)]
mod connect;
