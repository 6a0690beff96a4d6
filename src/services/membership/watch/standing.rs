//! Whether someone may still watch (services floor).

use tokio::time::Instant;

use super::super::super::{Error, Services, access};
use crate::{
    domain::{
        actor::{Actor, Caller},
        id::{OrganizationId, TokenId},
        user::User,
    },
    storage,
};

/// Who watches, and by which token.
#[derive(Clone, Debug)]
pub struct Watcher {
    /// Who.
    pub caller: Caller,
    /// The API token that they signed in with; the stream ends with it.
    pub token: Option<TokenId>,
}

impl From<Caller> for Watcher {
    fn from(caller: Caller) -> Self {
        Self { caller, token: None }
    }
}

/// Who watches, and when they were last let in.
#[derive(Debug)]
pub(super) struct Standing {
    watcher: Watcher,
    asked: Instant,
}

impl Standing {
    /// Of someone who was let in just now.
    pub(super) fn new(watcher: Watcher) -> Self {
        Self { watcher, asked: Instant::now() }
    }

    /// When it was last asked.
    pub(super) fn asked(&self) -> Instant {
        self.asked
    }

    /// Lets in again who may watch `organization`, or all.
    ///
    /// # Errors
    /// The token is deleted or has ended, the user is switched off; the caller may not see the organization any more, or
    /// is no server admin any more.
    pub(super) async fn check(
        &mut self,
        services: &Services,
        organization: Option<OrganizationId>,
    ) -> Result<(), Error> {
        self.asked = Instant::now();
        self.refresh(services).await?;
        let Some(id) = organization else { return access::require_server_admin(&self.watcher.caller) };
        let db = services.store.reader();
        let gone = || Error::not_found("organization", id).of_field("organization_ref");
        let found = storage::organization::find(db, id).await?.ok_or_else(gone)?;
        access::role_in(db, &self.watcher.caller, found.id).await?.ok_or_else(gone)?;
        Ok(())
    }

    /// Takes over the role on the server that the user has now.
    async fn refresh(&mut self, services: &Services) -> Result<(), Error> {
        let Watcher { caller, token } = &mut self.watcher;
        let Actor::User { id, server_role, .. } = &mut caller.actor else { return Ok(()) };
        let db = services.store.reader();
        if let Some(token) = *token {
            let found = storage::token::find(db, token).await?;
            found.filter(|token| token.expire_time > services.now()).ok_or_else(Error::unauthenticated)?;
        }
        let user = storage::user::find(db, *id).await?.filter(User::is_active);
        *server_role = user.ok_or_else(Error::unauthenticated)?.server_role;
        Ok(())
    }
}
