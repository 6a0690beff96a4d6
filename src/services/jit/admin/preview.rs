//! What a change of the e-mails that make a server admin would do, by the decision of the real change (services floor).

use super::super::super::{Error, Services, access, user as account};
use super::{find, not_listed, require_not_configured};
use crate::{
    domain::{
        actor::Caller,
        jit::{decide, email_key},
        role::ServerRole,
        user::{User, UserState},
    },
    storage::{self, user::UserFilter},
};

/// A change of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// As [`super::add_email`].
    Add,
    /// As [`super::remove_email`].
    Remove,
}

/// What becomes of someone who has the e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The account as it is.
    pub user: User,
    /// Its role on the server then.
    pub after: ServerRole,
}

/// What `proposal` would do to those who have the e-mail; nothing is written.
///
/// # Errors
/// Those of the change.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    email: &str,
    proposal: Proposal,
) -> Result<Vec<Effect>, Error> {
    access::require_server_admin(caller)?;
    let key = &email_key(email)?;
    let db = services.store.reader();
    match find(db, key).await? {
        Some(found) => require_not_configured(&found)?,
        None if proposal == Proposal::Remove => return Err(not_listed(email)),
        None => {}
    }
    let is_meant = proposal == Proposal::Add && storage::jit::vouched_for(db, key).await?.len() == 1;
    let mut effects = Vec::new();
    for id in storage::jit::people_with(db, key).await? {
        let Some(user) = storage::user::find(db, id).await? else { continue };
        let standing = storage::jit::standing(db, id, Some(key)).await?;
        let decided = decide(&user, is_meant && !standing.suspended, standing.marked);
        effects.push(Effect { after: decided.unwrap_or(user.server_role), user });
    }
    require_an_admin(services, &effects).await?;
    Ok(effects)
}

/// Somebody must be an active server admin still.
async fn require_an_admin(services: &Services, effects: &[Effect]) -> Result<(), Error> {
    let loses = |effect: &&Effect| {
        effect.user.is_active()
            && effect.user.server_role == ServerRole::Admin
            && effect.after == ServerRole::Member
    };
    let Some(last) = effects.iter().rfind(loses) else { return Ok(()) };
    let filter = UserFilter {
        states: vec![UserState::Active],
        roles: vec![ServerRole::Admin],
        ..UserFilter::default()
    };
    let admins = storage::user::count(services.store.reader(), &filter).await?;
    let losing = effects.iter().filter(loses).count();
    if u64::try_from(losing).is_ok_and(|losing| losing >= admins) {
        return Err(account::last_admin(&last.user));
    }
    Ok(())
}
