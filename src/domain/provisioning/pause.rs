//! An admin's word that the writes of IdPs are to be refused (domain floor).

use crate::domain::{Invalid, id::ScimTokenId, membership::Given, name};

/// Longest reason, in characters.
const REASON_MAX: usize = 350;

/// A pause of one SCIM token, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The token; all of them when there is none.
    pub scope: Option<ScimTokenId>,
    /// Why.
    pub reason: String,
    /// Who paused, and when.
    pub given: Given,
}

/// A reason must be given, in at most 350 characters.
///
/// # Errors
/// It is empty or longer.
pub fn check_reason(reason: &str) -> Result<(), Invalid> {
    if reason.trim().is_empty() {
        return Err(Invalid::new("reason", "must be given"));
    }
    name::check_length("reason", reason, REASON_MAX)
}
