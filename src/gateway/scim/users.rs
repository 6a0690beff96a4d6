//! `/Users` (gateway floor): RFC 7644 §3.3 to §3.6.

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    error::Failure,
    http::{Answer, Json},
    map_resource::location,
    map_user::{from_whole, to_push, to_resource},
    precondition::tag,
    query, record,
    window::Window,
};
use crate::{
    domain::{
        id::ScimUserId,
        user::{ProvisionedUser, User},
    },
    scim::{
        message::ListQuery,
        patch::{Patch, dialect::rewrite_resource},
        resource::{Incoming, Projection, project},
    },
    services::{self, provisioning::user},
};

pub(super) async fn create(context: Context, Json(mut body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, .. } = &context;
    let rewrites = rewrite_resource(&scim.user, &mut body, session.profile());
    let incoming = Incoming::read(&scim.user, &body)?;
    record::intake(session, &rewrites, incoming.ignored());
    let written = incoming.on_request();
    let push = from_whole(&scim.user, incoming.create()?, true);
    let made = user::create(&scim.services, &session.caller, &push).await?;
    let location = location(scim, &scim.user, made.user.scim_id);
    Ok(answer(&context.after_writing(written), &made).created(location))
}

pub(super) async fn get(context: Context, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let found = user::get(&scim.services, &session.caller, parse(&id)?).await?;
    if precondition.is_known(found.user.version) {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).of(tag(found.user.version)));
    }
    Ok(answer(&context, &found))
}

/// How many users `asked` means, and those of them that stand in the window.
pub(super) async fn find(
    scim: &Scim,
    session: &Session,
    asked: &ListQuery,
    window: &Window,
) -> Result<(u64, Vec<Value>), Failure> {
    let wanted = query::to_services(&scim.user, asked, window)?;
    let page = user::list(&scim.services, &session.caller, &wanted).await?;
    let resources = page.items.iter().map(|found| view(scim, found, &asked.projection));
    Ok((page.total, resources.collect()))
}

pub(super) async fn replace(context: Context, Id(id): Id, Json(mut body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let rewrites = rewrite_resource(&scim.user, &mut body, session.profile());
    let incoming = Incoming::read(&scim.user, &body)?;
    record::intake(session, &rewrites, incoming.ignored());
    let decide = |old: &ProvisionedUser| {
        precondition.check(old.user.version)?;
        let resource = incoming.replace(&to_resource(scim, old))?;
        Ok::<_, Failure>(from_whole(&scim.user, resource, old.user.is_active()))
    };
    let changed = user::update(&scim.services, &session.caller, parse(&id)?, decide).await?;
    Ok(answer(&context.after_writing(incoming.on_request()), &changed))
}

pub(super) async fn patch(context: Context, Id(id): Id, Json(body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let patch = Patch::parse(&scim.user, &body, session.profile())?;
    record::intake(session, &patch.rewrites, &patch.ignored);
    let id = parse(&id)?;
    if patch.is_heavy() {
        // before the writer is held
        let found = user::get(&scim.services, &session.caller, id).await?;
        patch.check_work(&scim.user, to_resource(scim, &found))?;
    }
    let decide = |old: &ProvisionedUser| {
        precondition.check(old.user.version)?;
        let mut resource = to_resource(scim, old);
        patch.apply(&scim.user, &mut resource)?;
        Ok::<_, Failure>(to_push(&scim.user, &resource, old.user.is_active()))
    };
    let changed = user::update(&scim.services, &session.caller, id, decide).await?;
    Ok(answer(&context.after_writing(patch.on_request(&scim.user)), &changed))
}

pub(super) async fn delete(context: Context, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let check = |old: &User| precondition.check(old.version);
    user::delete(&scim.services, &session.caller, parse(&id)?, check).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn parse(id: &str) -> Result<ScimUserId, Failure> {
    Ok(id.parse().map_err(|_| services::Error::not_found("user", id))?)
}

fn view(scim: &Scim, found: &ProvisionedUser, projection: &Projection) -> Value {
    project(&scim.user, to_resource(scim, found), projection)
}

fn answer(context: &Context, found: &ProvisionedUser) -> Answer {
    Answer::ok(view(&context.scim, found, &context.projection)).of(tag(found.user.version))
}
