//! The domain floor: our types and rules, pure. No async, no JSON, no SQL, no HTTP, no protobuf.

pub mod actor;
pub mod audit;
pub mod clock;
pub mod count;
pub mod device_grant;
pub mod id;
pub mod idp_group;
pub mod jit;
pub mod maintenance;
pub mod membership;
pub mod name;
pub mod organization;
pub mod owner;
pub mod page;
pub mod predicate;
pub mod provisioning;
pub mod resource;
pub mod role;
pub mod scim_token;
pub mod secret;
pub mod token;
pub mod user;

/// A value that breaks a rule of the domain: which field, and what the rule is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Invalid {
    /// The field as the published API names it, for example `page_size`.
    pub field: &'static str,
    /// The rule in words an admin can act on.
    pub rule: String,
}

impl Invalid {
    /// A broken `rule` of `field`.
    pub fn new(field: &'static str, rule: impl Into<String>) -> Self {
        Self { field, rule: rule.into() }
    }
}
