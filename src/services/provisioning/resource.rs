//! Resources of declared types (services floor): what their schema says is all that there is to them.

use crate::{
    domain::{
        actor::Caller,
        audit::{Action, Snapshot, Subject, SubjectKind},
        id::ResourceId,
        predicate::{ResourcePage, ResourceQuery},
        resource::{Resource, ResourcePush},
    },
    services::{
        Error, Kind, Reason, Retryable, Services, Unit, access,
        audit::{self, Entry},
        provisioning::walk,
    },
    storage,
};

/// Makes a resource of this type.
///
/// # Errors
/// [`Kind::AlreadyExists`] when another one has one of its unique values; a value is too long.
pub async fn create(
    services: &Services,
    caller: &Caller,
    resource_type: &str,
    push: &ResourcePush,
) -> Result<Resource, Error> {
    access::require_scim(caller)?;
    push.check()?;
    let write = services.change(caller, |unit| async move {
        let new = Resource {
            id: ResourceId::generate(unit.now),
            resource_type: resource_type.to_owned(),
            attributes: push.attributes.clone(),
            create_time: unit.now,
            update_time: unit.now,
            version: 1,
        };
        storage::resource::insert(&*unit.tx, &new).await?;
        take_values(&unit, &new, push).await?;
        record(&unit, Action::ResourceCreated, &new, (Snapshot::empty(), snapshot(&new))).await?;
        Ok(new)
    });
    write.await
}

/// Changes a resource as `decide` says after a look at it; all in one transaction. A change that changes nothing
/// leaves the resource's time and version alone.
///
/// # Errors
/// There is no such resource; [`Kind::AlreadyExists`] when another one has one of its new unique values; what
/// `decide` fails with.
pub async fn update<E, D>(
    services: &Services,
    caller: &Caller,
    resource_type: &str,
    id: ResourceId,
    decide: D,
) -> Result<Resource, E>
where
    E: From<Error> + Retryable,
    D: Fn(&Resource) -> Result<ResourcePush, E> + Sync,
{
    access::require_scim(caller)?;
    let decide = &decide;
    let write = services.change(caller, |unit| async move {
        let old = require_for_update(&unit, resource_type, id).await?;
        let push = decide(&old)?;
        Ok::<_, E>(replace(&unit, old, push).await?)
    });
    write.await
}

async fn replace(unit: &Unit<'_>, old: Resource, push: ResourcePush) -> Result<Resource, Error> {
    push.check()?;
    if old.attributes == push.attributes {
        return Ok(old);
    }
    let new = Resource {
        attributes: push.attributes.clone(),
        update_time: unit.now,
        version: old.version + 1,
        ..old.clone()
    };
    storage::resource::update(&*unit.tx, &new).await?;
    take_values(unit, &new, &push).await?;
    record(unit, Action::ResourceUpdated, &new, (snapshot(&old), snapshot(&new))).await?;
    Ok(new)
}

/// Deletes a resource if `check` lets it; its unique values are free again.
///
/// # Errors
/// There is no such resource; what `check` fails with.
pub async fn delete<E, C>(
    services: &Services,
    caller: &Caller,
    resource_type: &str,
    id: ResourceId,
    check: C,
) -> Result<(), E>
where
    E: From<Error> + Retryable,
    C: Fn(&Resource) -> Result<(), E> + Sync,
{
    access::require_scim(caller)?;
    let check = &check;
    let write = services.change(caller, |unit| async move {
        let old = require_for_update(&unit, resource_type, id).await?;
        check(&old)?;
        storage::resource::delete(&*unit.tx, id).await.map_err(Error::from)?;
        let change = (snapshot(&old), Snapshot::empty());
        Ok::<_, E>(record(&unit, Action::ResourceDeleted, &old, change).await?)
    });
    write.await
}

/// The resource of this type with this id.
///
/// # Errors
/// There is none.
pub async fn get(
    services: &Services,
    caller: &Caller,
    resource_type: &str,
    id: ResourceId,
) -> Result<Resource, Error> {
    access::require_scim(caller)?;
    let found = storage::resource::find(services.store.reader(), resource_type, id).await?;
    found.ok_or_else(|| Error::not_found(resource_type, id))
}

/// The resources of this type that `query` asks for.
///
/// # Errors
/// When the database fails.
pub async fn list(
    services: &Services,
    caller: &Caller,
    resource_type: &str,
    query: &ResourceQuery,
) -> Result<ResourcePage<Resource>, Error> {
    access::require_scim(caller)?;
    let db = services.store.reader();
    let read = async |query: &_| Ok(storage::resource::list(db, resource_type, query).await?);
    walk::page(services, &format!("type {resource_type}"), query, |listed| listed.id.to_string(), read).await
}

async fn require_for_update(unit: &Unit<'_>, resource_type: &str, id: ResourceId) -> Result<Resource, Error> {
    let found = storage::resource::find_for_update(&*unit.tx, resource_type, id).await?;
    found.ok_or_else(|| Error::not_found(resource_type, id))
}

async fn take_values(unit: &Unit<'_>, resource: &Resource, push: &ResourcePush) -> Result<(), Error> {
    let taken = storage::resource::take_values(&*unit.tx, resource, &push.unique).await?;
    let Some(first) = taken.first() else { return Ok(()) };
    let message = format!(
        "another {} has this value of {}, which must be unique",
        resource.resource_type, first.attribute
    );
    Err(Error::new(Kind::AlreadyExists, Reason::Taken, message))
}

/// The log has what the client sent but values that nobody may read, which the gateway left out of `search`.
fn snapshot(resource: &Resource) -> Snapshot {
    let attributes = &resource.attributes;
    Snapshot::empty()
        .with_some("external_id", attributes.external_id.as_ref())
        .with("scim", &attributes.search)
        .with("version", resource.version)
}

async fn record(
    unit: &Unit<'_>,
    action: Action,
    resource: &Resource,
    (before, after): (Snapshot, Snapshot),
) -> Result<(), Error> {
    let (id, name) = (resource.id.to_string(), resource.resource_type.clone());
    let subject = Subject { kind: SubjectKind::Resource, id, name };
    audit::record(unit, Entry::new(action, subject).changed(before, after)).await
}
