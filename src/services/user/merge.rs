//! Two accounts of one person become one (services floor).
//!
//! One function plans a merge, for the preview and for the merge itself, so that a preview is what is done.

mod plan;

pub use plan::{Membership, Merge};

use plan::plan;

use super::{
    Ref, User,
    delete::hold,
    update::{require_for_update, touch},
};
use crate::{
    domain::{
        Invalid,
        actor::Caller,
        audit::{Action, Snapshot},
        id::{ScimUserId, UserId},
        role::ServerRole,
        user::{Provenance, UserState, UserType, merge::are_both_pushed},
    },
    services::{
        Error, Kind, Reason, Services, Unit, access,
        audit::{self, Entry},
        idp_group, jit, membership, standing, token,
    },
    storage::{self, Connection, user::merge as stored},
};

const FROM: &str = "from_user_ref";
const INTO: &str = "into_user_ref";

/// What a merge of `from` into `into` would do; nothing is written.
///
/// # Errors
/// Those of the merge.
pub async fn preview(
    services: &Services,
    caller: &Caller,
    from: &Ref<UserId>,
    into: &Ref<UserId>,
) -> Result<Merge, Error> {
    access::require_server_admin(caller)?;
    let db = services.store.reader();
    let (from, into) = (find(db, from, FROM).await?, find(db, into, INTO).await?);
    require_mergeable(caller, &from, &into)?;
    let merge = plan(db, from, into).await?;
    require_kept_caller(caller, &merge)?;
    Ok(merge)
}

/// Makes `from` part of `into`, which keeps its id and its name, and gets the direct roles and the organizations of `from`. What an IdP
/// pushes of one of them stays pushed. The tokens of `from` end, and its name is given to nobody else.
///
/// # Errors
/// The caller is no server admin, or is `from`; one of them is not there, or is no person; they are the same; an IdP pushes both, and
/// both are active; an organization would have no owner, or the server no admin.
pub async fn merge(
    services: &Services,
    caller: &Caller,
    from: &Ref<UserId>,
    into: &Ref<UserId>,
) -> Result<Merge, Error> {
    access::require_server_admin(caller)?;
    let db = services.store.reader();
    let (from, into) = (find(db, from, FROM).await?.id, find(db, into, INTO).await?.id);
    let write = services.change_holding(caller, standing::of_users([from, into]), |unit| async move {
        hold(&unit, &[from, into]).await?;
        storage::user::hold_admins(&*unit.tx).await?;
        let from = require_for_update(&unit, from).await.map_err(|error| error.renamed("user_id", FROM))?;
        let into = require_for_update(&unit, into).await.map_err(|error| error.renamed("user_id", INTO))?;
        require_mergeable(unit.caller, &from, &into)?;
        let merge = plan(&*unit.tx, from, into).await?;
        require_kept_caller(unit.caller, &merge)?;
        carry_out(&unit, merge).await
    });
    write.await
}

async fn find(db: &impl Connection, user: &Ref<UserId>, field: &'static str) -> Result<User, Error> {
    let found = super::find_many(db, std::slice::from_ref(user)).await?;
    found.into_iter().next().ok_or_else(|| Error::not_found("user", user).of_field(field))
}

fn require_mergeable(caller: &Caller, from: &User, into: &User) -> Result<(), Error> {
    if from.id == into.id {
        return Err(Invalid::new(INTO, "must be another user than the one that is merged").into());
    }
    for (user, field) in [(from, FROM), (into, INTO)] {
        if user.user_type != UserType::Personal {
            let message = format!("{} is no person; only accounts of people are merged", user.username);
            return Err(Error::new(Kind::Invalid, Reason::InvalidField, message).of_field(field));
        }
    }
    if caller.user_id() == Some(from.id) {
        let message = "this would end your own account and its tokens; merge the other way round, or as another server admin";
        return Err(Error::precondition(Reason::OwnAccount, message).of_field(FROM));
    }
    if are_both_pushed(from, into) {
        let message = format!(
            "the identity provider pushes both {} and {}; deactivate or delete there the one that should go, then merge",
            from.username, into.username
        );
        return Err(Error::precondition(Reason::BothProvisioned, message).of_field(FROM));
    }
    Ok(())
}

/// Nobody switches off the own account by a merge.
fn require_kept_caller(caller: &Caller, merge: &Merge) -> Result<(), Error> {
    if merge.merged.is_active() || caller.user_id() != Some(merge.into.id) {
        return Ok(());
    }
    let message =
        "this would switch off your own account, as the other one is; do it as another server admin";
    Err(Error::precondition(Reason::OwnAccount, message).of_field(INTO))
}

async fn carry_out(unit: &Unit<'_>, merge: Merge) -> Result<Merge, Error> {
    let Merge { from, into, .. } = &merge;
    token::delete_all(unit, from).await?;
    if !merge.merged.is_active() {
        token::delete_all(unit, into).await?;
    }
    move_groups(unit, &merge).await?;
    stored::move_roles(&*unit.tx, from.id, into.id).await?;
    end(unit, from, into).await?;
    let merged = become_one(unit, &merge).await?;
    for key in [from, into].into_iter().filter_map(|user| user.person.email_key()) {
        if merged.person.email_key().as_ref() != Some(&key) {
            jit::settle_others(unit, &key).await?;
        }
    }
    let merged = jit::settle(unit, merged, None).await?;
    membership::derive(unit, &[from.id, into.id], None).await?;
    Ok(Merge { merged, ..merge })
}

/// The groups of the SCIM resource that stays are those of the account; the IdP could take nobody out of the others.
async fn move_groups(unit: &Unit<'_>, merge: &Merge) -> Result<(), Error> {
    let (from, into) = (merge.from.id, merge.into.id);
    if merge.merged.scim_id != merge.from.scim_id {
        return idp_group::leave_all(unit, from).await;
    }
    idp_group::leave_all(unit, into).await?;
    Ok(stored::move_resource(&*unit.tx, from, into).await?)
}

/// The account that is merged is kept for the audit log, and its name with it.
async fn end(unit: &Unit<'_>, from: &User, into: &User) -> Result<(), Error> {
    let mut gone = User {
        // the other account may get its resource
        scim_id: ScimUserId::generate(unit.now),
        provenance: Provenance::Deleted,
        state: UserState::Deactivated,
        server_role: ServerRole::Member,
        ..from.clone()
    };
    touch(unit, &mut gone);
    storage::user::update(&*unit.tx, &gone).await?;
    storage::jit::mark(&*unit.tx, from.id, false).await?;
    storage::jit::suspend(&*unit.tx, from.id, false).await?;
    let after =
        audit::user_snapshot(&gone).with("merged_into", into.id).with("merged_into_name", &into.username);
    let entry = Entry::new(Action::UserDeleted, audit::user(from));
    audit::record(unit, entry.changed(audit::user_snapshot(from), after)).await
}

async fn become_one(unit: &Unit<'_>, merge: &Merge) -> Result<User, Error> {
    let role = if merge.by_hand { ServerRole::Admin } else { ServerRole::Member };
    let mut merged = User { server_role: role, ..merge.merged.clone() };
    touch(unit, &mut merged);
    storage::user::update(&*unit.tx, &merged).await?;
    storage::jit::mark(&*unit.tx, merged.id, false).await?;
    storage::jit::suspend(&*unit.tx, merged.id, merge.suspended).await?;
    let entry = Entry::new(Action::UserMerged, audit::user(&merge.into));
    let after = audit::user_snapshot(&merged);
    let after = with_merged(after, &merge.from);
    audit::record(unit, entry.changed(audit::user_snapshot(&merge.into), after)).await?;
    Ok(merged)
}

fn with_merged(snapshot: Snapshot, from: &User) -> Snapshot {
    snapshot.with("merged_user", from.id).with("merged_username", &from.username)
}
