//! Who asks, and in which request (domain floor).

use std::net::IpAddr;

use super::{
    id::{ScimTokenId, TokenId, UserId},
    role::ServerRole,
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user, by an API token.
    User {
        /// The account.
        id: UserId,
        /// Its registry name.
        username: String,
        /// Its role on the server at the time of the request.
        server_role: ServerRole,
        /// The API token: what it does ends with this token.
        token: TokenId,
    },
    /// An IdP, by a SCIM token.
    ScimToken {
        /// The token.
        id: ScimTokenId,
    },
    /// The program itself: `bootstrap`, `serve --dev`, jobs.
    System,
}

impl Actor {
    /// The word for this kind of actor in the audit log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::ScimToken { .. } => "scim_token",
            Self::System => "system",
        }
    }

    /// The actor's id as text; empty for the program itself.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::User { id, .. } => id.to_string(),
            Self::ScimToken { id } => id.to_string(),
            Self::System => String::new(),
        }
    }

    /// Whether the actor may do everything on the server.
    #[must_use]
    pub const fn is_server_admin(&self) -> bool {
        matches!(self, Self::System | Self::User { server_role: ServerRole::Admin, .. })
    }
}

/// Who asks, with what the audit log keeps of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// The id of the request, also on every log line of it.
    pub request_id: String,
    /// The address the request came from.
    pub address: Option<IpAddr>,
    /// The client's own name for itself.
    pub user_agent: Option<String>,
    /// The name of a SCIM token: its description; empty for others, who have one in [`Actor`] or none.
    pub token_name: String,
}

/// Longest name of a client that is kept, in characters.
const USER_AGENT_MAX: usize = 255;

impl Caller {
    /// Who asks in a request over the network; a client's name for itself is cut to 255 characters.
    #[must_use]
    pub fn remote(
        actor: Actor,
        request_id: String,
        address: Option<IpAddr>,
        user_agent: Option<&str>,
    ) -> Self {
        let user_agent = user_agent.filter(|agent| !agent.is_empty());
        let user_agent = user_agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect());
        let address = address.map(|address| address.to_canonical());
        Self { actor, request_id, address, user_agent, token_name: String::new() }
    }

    /// The same, of a SCIM token of this name.
    #[must_use]
    pub fn named(self, token_name: impl Into<String>) -> Self {
        Self { token_name: token_name.into(), ..self }
    }

    /// The program itself, outside any request.
    #[must_use]
    pub fn system(request_id: impl Into<String>) -> Self {
        Self::remote(Actor::System, request_id.into(), None, None)
    }

    /// The user who asks, if it is one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.actor {
            Actor::User { id, .. } => Some(id),
            Actor::ScimToken { .. } | Actor::System => None,
        }
    }
}
