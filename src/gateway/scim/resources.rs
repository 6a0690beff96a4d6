//! Resources of declared types (gateway floor): RFC 7644 §3.3 to §3.6. Their schema is all there is to them.

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    error::Failure,
    http::{Answer, Json},
    intake::{apply, parse_patch, take_in},
    map_resource::{location, to_push, to_resource},
    precondition::tag,
    query,
    window::Window,
};
use crate::{
    domain::{id::ResourceId, resource::Resource},
    scim::{
        message::ListQuery,
        resource::{Projection, project},
        schema::ResourceType,
    },
    services::{self, provisioning::resource},
};

pub(super) async fn create(
    context: Context,
    kind: &ResourceType,
    Json(mut body): Json,
) -> Result<Answer, Failure> {
    let Context { scim, session, .. } = &context;
    let incoming = take_in(session, kind, &mut body)?;
    let written = incoming.on_request();
    let push = to_push(kind, &incoming.create()?);
    let made = resource::create(&scim.services, &session.caller, &kind.name, &push).await?;
    Ok(answer(&context.after_writing(written), kind, &made).created())
}

pub(super) async fn get(context: Context, kind: &ResourceType, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let found = resource::get(&scim.services, &session.caller, &kind.name, parse(kind, &id)?).await?;
    if precondition.is_known(found.version) {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).of(tag(found.version)));
    }
    Ok(answer(&context, kind, &found))
}

/// How many resources `asked` means, and those of them that stand in the window.
pub(super) async fn find(
    scim: &Scim,
    session: &Session,
    kind: &ResourceType,
    asked: &ListQuery,
    window: &Window,
) -> Result<(u64, Vec<Value>), Failure> {
    let wanted = query::to_services(kind, asked, window)?;
    let page = resource::list(&scim.services, &session.caller, &kind.name, &wanted).await?;
    let resources = page.items.iter().map(|found| view(scim, kind, found, &asked.projection));
    Ok((page.total, resources.collect()))
}

pub(super) async fn replace(
    context: Context,
    kind: &ResourceType,
    Id(id): Id,
    Json(mut body): Json,
) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let incoming = take_in(session, kind, &mut body)?;
    let decide = |old: &Resource| {
        precondition.check(old.version)?;
        let resource = incoming.replace(&to_resource(scim, kind, old))?;
        Ok::<_, Failure>(to_push(kind, &resource))
    };
    let id = parse(kind, &id)?;
    let changed = resource::update(&scim.services, &session.caller, &kind.name, id, decide).await?;
    let written = incoming.on_request();
    Ok(answer(&context.after_writing(written), kind, &changed))
}

pub(super) async fn patch(
    context: Context,
    kind: &ResourceType,
    Id(id): Id,
    Json(body): Json,
) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let patch = parse_patch(session, kind, &body)?;
    let id = parse(kind, &id)?;
    if patch.is_heavy() {
        // before the writer is held
        let found = resource::get(&scim.services, &session.caller, &kind.name, id).await?;
        patch.check_work(kind, to_resource(scim, kind, &found))?;
    }
    let decide = |old: &Resource| {
        precondition.check(old.version)?;
        let mut resource = to_resource(scim, kind, old);
        apply(session, kind, &patch, &mut resource)?;
        Ok::<_, Failure>(to_push(kind, &resource))
    };
    let changed = resource::update(&scim.services, &session.caller, &kind.name, id, decide).await?;
    Ok(answer(&context.after_writing(patch.on_request(kind)), kind, &changed))
}

pub(super) async fn delete(context: Context, kind: &ResourceType, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let check = |old: &Resource| precondition.check(old.version);
    resource::delete(&scim.services, &session.caller, &kind.name, parse(kind, &id)?, check).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn parse(kind: &ResourceType, id: &str) -> Result<ResourceId, Failure> {
    Ok(id.parse().map_err(|_| services::Error::not_found(&kind.name, id))?)
}

fn view(scim: &Scim, kind: &ResourceType, found: &Resource, projection: &Projection) -> Value {
    project(kind, to_resource(scim, kind, found), projection)
}

fn answer(context: &Context, kind: &ResourceType, found: &Resource) -> Answer {
    let scim = &context.scim;
    let location = location(scim, kind, found.id);
    Answer::ok(view(scim, kind, found, &context.projection)).of(tag(found.version)).at(location)
}
