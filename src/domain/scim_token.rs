//! SCIM tokens, the bearer secrets of IdPs (domain floor).

use super::{
    Invalid,
    clock::Timestamp,
    id::{ScimTokenId, UserId},
    role::codes,
};

/// Whose habits the requests of a token follow, where the RFC and a client disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientProfile {
    /// Any client: what can mean only one thing is understood.
    #[default]
    Generic,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// The RFC to the letter, for conformance suites.
    Strict,
}

codes! {
    ClientProfile { Generic = 1 "generic", Okta = 2 "okta", Entra = 3 "entra", Strict = 4 "strict" }
}

/// A SCIM token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimToken {
    /// Its id.
    pub id: ScimTokenId,
    /// What admins wrote of it.
    pub description: String,
    /// Whose habits its requests follow.
    pub profile: ClientProfile,
    /// The admin who made it; none when the program did.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it ends; never, when there is none.
    pub expire_time: Option<Timestamp>,
}

/// The last use of a SCIM token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// When the request came.
    pub time: Timestamp,
    /// The address it came from.
    pub address: Option<String>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
}

/// How a SCIM token is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The last use; none of a token that was never used.
    pub last: Option<TokenUse>,
    /// Requests of the last day, to the hour.
    pub requests: u64,
    /// Those of them that were not done.
    pub failures: u64,
}

/// What a new SCIM token is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewScimToken {
    /// What it is for, at most 350 characters.
    pub description: String,
    /// Whose habits its requests follow.
    pub profile: ClientProfile,
    /// When it ends; never, when there is none.
    pub expire_time: Option<Timestamp>,
}

/// What an update of a SCIM token changes; `None` leaves a field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScimTokenPatch {
    /// New description.
    pub description: Option<String>,
    /// New profile.
    pub profile: Option<ClientProfile>,
}

/// Checks the end of a new SCIM token, which may be never.
///
/// # Errors
/// A time in the past.
pub fn check_expire_time(wanted: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
    match wanted {
        Some(time) if time <= now => Err(Invalid::new("expire_time", "must be in the future")),
        other => Ok(other),
    }
}
