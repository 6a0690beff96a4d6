//! The settings that the configuration holds (services floor).

use super::super::{Error, Services, Unit};
use super::{admin, derive_everyone, put, take};
use crate::{
    domain::{
        actor::Caller,
        id::UserId,
        jit::{check_role, email_key},
        organization::Organization,
        role::OrganizationRole,
    },
    storage::{self, Held, Holds, jit::Lock},
};

/// What the configuration says. All instances on one database must say the same: the last that starts is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Organizations by name, each with the role that everyone gets.
    pub organizations: Vec<(String, OrganizationRole)>,
    /// E-mails that make a server admin.
    pub admin_emails: Vec<String>,
}

impl Configuration {
    /// The role that everyone gets in the organization of this name.
    fn role_in(&self, name: &str) -> Option<OrganizationRole> {
        self.organizations.iter().find(|(configured, _)| configured == name).map(|(_, role)| *role)
    }
}

/// Makes the settings what the configuration says, at the start: what it does not say any more is taken back, and what
/// admins set by RPC stays. An organization that is not there yet is joined when it is made.
///
/// # Errors
/// A role is OWNER, an e-mail is none; a change would leave the server without an active admin.
pub async fn configure(services: &Services) -> Result<(), Error> {
    let wanted = &*services.jit;
    let caller = &Caller::system("configuration");
    let holds = Holds::nothing().alone([Lock::Organizations, Lock::Emails].map(Held::Settings));
    let write = services.change_holding(caller, holds, |unit| async move {
        configure_organizations(&unit, wanted).await?;
        configure_emails(&unit, wanted).await
    });
    write.await
}

async fn configure_organizations(unit: &Unit<'_>, wanted: &Configuration) -> Result<(), Error> {
    for set in storage::jit::organizations(&*unit.tx, None).await? {
        if set.set_by.configured && wanted.role_in(&set.organization_name).is_none() {
            let found = storage::organization::find(&*unit.tx, set.organization_id).await?;
            take(unit, &found.ok_or_else(|| Error::not_found("organization", &set.organization_name))?, &set)
                .await?;
        }
    }
    for (name, role) in &wanted.organizations {
        check_role(*role)?;
        if let Some(found) = storage::organization::find_by_name(&*unit.tx, name).await?
            && put(unit, &found, *role, true).await?
        {
            derive_everyone(unit, found.id).await?;
        }
    }
    Ok(())
}

async fn configure_emails(unit: &Unit<'_>, wanted: &Configuration) -> Result<(), Error> {
    let keys = wanted.admin_emails.iter().map(|email| Ok((email_key(email)?, email)));
    let keys: Vec<(String, &String)> = keys.collect::<Result<_, Error>>()?;
    let set = storage::jit::emails(&*unit.tx).await?;
    // those that come first: whoever is a server admin by another one may then go
    for (key, email) in &keys {
        let found = set.iter().find(|found| email_key(&found.email).as_ref() == Ok(key));
        if !found.is_some_and(|found| found.set_by.configured) {
            admin::put(unit, email, key, true).await?;
        }
    }
    for found in set.iter().filter(|found| found.set_by.configured) {
        let key = email_key(&found.email)?;
        if !keys.iter().any(|(wanted, _)| *wanted == key) {
            admin::take(unit, &found.email, &key).await?;
        }
    }
    admin::settle_everyone(unit).await
}

/// Everyone joins an organization that was made just now, when the configuration says so: who is to be derived.
pub(in super::super) async fn adopt(
    services: &Services,
    unit: &Unit<'_>,
    organization: &Organization,
) -> Result<Vec<UserId>, Error> {
    let Some(role) = services.jit.role_in(&organization.name) else { return Ok(Vec::new()) };
    check_role(role)?;
    unit.require_alone(Held::Settings(Lock::Organizations))?;
    put(unit, organization, role, true).await?;
    Ok(storage::jit::people(&*unit.tx).await?)
}
