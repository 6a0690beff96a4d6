//! The time in which the server takes no changes (domain floor).

use super::{Invalid, membership::Given, name};

/// Longest message, in characters.
const MESSAGE_MAX: usize = 350;

/// An admin's word that the server only reads for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// The message in every refusal of a change.
    pub message: String,
    /// Who began it, and when.
    pub given: Given,
}

/// A message must be given, in at most 350 characters.
///
/// # Errors
/// It is empty or longer.
pub fn check_message(message: &str) -> Result<(), Invalid> {
    if message.trim().is_empty() {
        return Err(Invalid::new("message", "must be given"));
    }
    name::check_length("message", message, MESSAGE_MAX)
}
