//! The integration tests: one binary, linked once.

#[cfg(test)]
mod app;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod idp;
#[cfg(test)]
mod memberships;
#[cfg(test)]
mod scim;
#[cfg(test)]
mod storage;
