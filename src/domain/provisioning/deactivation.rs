//! Deactivations that an IdP asked for and did not get (domain floor).

use crate::domain::{
    clock::Timestamp,
    id::{ScimTokenId, UserId},
};

/// A request that would have switched a user off, and was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedDeactivation {
    /// Who is active still.
    pub user: UserId,
    /// Whose request it was.
    pub token: ScimTokenId,
    /// The request.
    pub request_id: String,
    /// Why it was refused.
    pub detail: String,
    /// When.
    pub time: Timestamp,
}
