//! The maintenance mode: the server only reads, and says why (services floor).
//!
//! It is a fact in the database, and confirmed in the transaction of each change (`standing`), so it holds on all
//! instances at once. What the server does by itself goes on, and so do the commands that work on the database directly, so
//! that an admin without a token is not locked out.

use super::{
    Error, Services, access,
    audit::{self, Entry},
};
use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot, Subject, SubjectKind},
        maintenance::{Maintenance, check_message},
        membership::Given,
    },
    storage::maintenance as stored,
};

/// Takes no changes from now on, with this message for who wants one; changes that are under way are awaited. Where it
/// has begun already it gets the new message.
///
/// # Errors
/// The caller is no server admin; there is no message, or a long one.
pub async fn begin(services: &Services, caller: &Caller, message: &str) -> Result<Maintenance, Error> {
    access::require_server_admin(caller)?;
    check_message(message)?;
    let write = services.change_in_maintenance(caller, |unit| async move {
        let old = stored::find(&*unit.tx).await?;
        if let Some(same) = old.as_ref().filter(|old| old.message == message) {
            return Ok(same.clone());
        }
        let actor = &unit.caller.actor;
        let given = Given { actor_kind: actor.kind().to_owned(), actor_id: actor.id(), time: unit.now };
        let new = Maintenance { message: message.to_owned(), given };
        stored::put(&*unit.tx, &new).await?;
        let entry = Entry::new(Action::MaintenanceBegun, subject());
        audit::record(&unit, entry.changed(snapshot(old.as_ref()), snapshot(Some(&new)))).await?;
        Ok(new)
    });
    write.await
}

/// Takes changes again. Without maintenance it changes nothing.
///
/// # Errors
/// The caller is no server admin.
pub async fn end(services: &Services, caller: &Caller) -> Result<(), Error> {
    access::require_server_admin(caller)?;
    let write = services.change_in_maintenance(caller, |unit| async move {
        let Some(old) = stored::find(&*unit.tx).await? else { return Ok(()) };
        stored::delete(&*unit.tx).await?;
        let entry = Entry::new(Action::MaintenanceEnded, subject());
        audit::record(&unit, entry.changed(snapshot(Some(&old)), Snapshot::empty())).await
    });
    write.await
}

/// The maintenance that is under way.
///
/// # Errors
/// The caller is no server admin.
pub async fn get(services: &Services, caller: &Caller) -> Result<Option<Maintenance>, Error> {
    access::require_server_admin(caller)?;
    current(services).await
}

/// The same, for who watches the server.
///
/// # Errors
/// When the database fails.
pub async fn current(services: &Services) -> Result<Option<Maintenance>, Error> {
    Ok(stored::find(services.store.reader()).await?)
}

fn subject() -> Subject {
    Subject { kind: SubjectKind::Server, id: String::new(), name: String::new() }
}

fn snapshot(maintenance: Option<&Maintenance>) -> Snapshot {
    Snapshot::empty().with_some("message", maintenance.map(|maintenance| &maintenance.message))
}
