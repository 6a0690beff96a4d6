//! `[quotas]`: how many of a thing there may be (config floor).

use super::section;
use crate::config::setting::{AtLeast, Creators};

section! {
    /// `[quotas]`; 0 is no limit.
    Quotas = "quotas" {
        /// Who may make organizations.
        create_organizations: Creators;
        /// Organizations that one user makes.
        organizations_per_user: AtLeast<0>;
        /// API tokens of one user.
        tokens_per_user: AtLeast<0>;
        /// Groups that are mapped to one organization.
        groups_per_organization: AtLeast<0>;
        /// Organizations that one group is mapped to.
        organizations_per_group: AtLeast<0>;
    }
}
