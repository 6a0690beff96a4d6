//! Whether someone may still watch (services floor).

use tokio::time::Instant;

use super::super::super::{Error, Services, access, standing};
use crate::{
    domain::{
        actor::{Actor, Caller},
        id::OrganizationId,
    },
    storage,
};

/// Who watches, and when they were last let in.
#[derive(Debug)]
pub(super) struct Standing {
    caller: Caller,
    asked: Instant,
}

impl Standing {
    /// Of someone who was let in just now.
    pub(super) fn new(caller: Caller) -> Self {
        Self { caller, asked: Instant::now() }
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
        let Some(id) = organization else { return access::require_server_admin(&self.caller) };
        let db = services.store.reader();
        let gone = || Error::not_found("organization", id).of_field("organization_ref");
        let found = storage::organization::find(db, id).await?.ok_or_else(gone)?;
        if access::role_in(db, &self.caller, found.id).await?.is_none() {
            // a user who was deactivated just now has lost the role with all else
            self.refresh(services).await?;
            return Err(gone());
        }
        Ok(())
    }

    /// Takes over the role on the server that the user has now.
    async fn refresh(&mut self, services: &Services) -> Result<(), Error> {
        let Actor::User { id, token, server_role, .. } = &mut self.caller.actor else { return Ok(()) };
        *server_role = standing::of_user(services.store.reader(), *id, *token, services.now()).await?;
        Ok(())
    }
}
