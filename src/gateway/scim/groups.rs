//! `/Groups` (gateway floor): RFC 7644 §3.3 to §3.6.

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    error::Failure,
    http::{Answer, Json},
    intake::{parse_patch, take_in},
    map_group::{patched, split_members, to_attributes, to_members, to_resource, without_members},
    map_resource::location,
    precondition::tag,
    query, record,
    window::Window,
};
use crate::{
    domain::{
        id::IdpGroupId,
        idp_group::{GroupEffect, GroupView, IdpGroup},
    },
    scim::{
        message::ListQuery,
        path::AttributePath,
        resource::{Projection, project},
    },
    services::{self, idp_group},
};

pub(super) async fn create(context: Context, Json(mut body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, .. } = &context;
    let incoming = take_in(session, &scim.group, &mut body)?;
    let members = to_members(incoming.resource())?;
    let attributes = to_attributes(&scim.group, &incoming.create()?);
    let effect = idp_group::create(&scim.services, &session.caller, &attributes, &[members]).await?;
    record::effect(session, &effect);
    Ok(after(&context, effect).await?.created())
}

pub(super) async fn get(context: Context, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, projection, precondition } = &context;
    // who has the group already is not shown its members
    let wanted = |group: &IdpGroup| !precondition.is_known(group.version) && wants_members(scim, projection);
    let found = idp_group::get(&scim.services, &session.caller, parse(&id)?, wanted).await?;
    if precondition.is_known(found.group.version) {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).of(tag(found.group.version)));
    }
    Ok(answer(&context, &found))
}

/// How many groups `asked` means, and those of them that stand in the window.
pub(super) async fn find(
    scim: &Scim,
    session: &Session,
    asked: &ListQuery,
    window: &Window,
) -> Result<(u64, Vec<Value>), Failure> {
    let wanted = query::to_services(&scim.group, asked, window)?;
    let members = wants_members(scim, &asked.projection);
    let page = idp_group::list(&scim.services, &session.caller, &wanted, members).await?;
    let resources = page.items.iter().map(|found| view(scim, found, &asked.projection));
    Ok((page.total, resources.collect()))
}

pub(super) async fn replace(context: Context, Id(id): Id, Json(mut body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let incoming = take_in(session, &scim.group, &mut body)?;
    let members = [to_members(incoming.resource())?];
    let decide = |old: &IdpGroup| {
        precondition.check(old.version)?;
        let resource = incoming.replace(&without_members(scim, old))?;
        Ok::<_, Failure>(Some(to_attributes(&scim.group, &resource)))
    };
    let effect = idp_group::update(&scim.services, &session.caller, parse(&id)?, &members, decide).await?;
    record::effect(session, &effect);
    after(&context, effect).await
}

pub(super) async fn patch(context: Context, Id(id): Id, Json(body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, projection, precondition } = &context;
    let patch = parse_patch(session, &scim.group, &body)?;
    let (members, rest) = split_members(scim, patch)?;
    let decide = |old: &IdpGroup| {
        precondition.check(old.version)?;
        Ok::<_, Failure>(patched(scim, &rest, old)?)
    };
    let effect = idp_group::update(&scim.services, &session.caller, parse(&id)?, &members, decide).await?;
    record::effect(session, &effect);
    // RFC 7644 §3.5.2 leaves the choice, but for `attributes`; a long list of members helps no client
    if effect.group.member_count > scim.group_answer_members && projection.is_default() {
        return Ok(Answer::empty(StatusCode::NO_CONTENT).of(tag(effect.group.version)));
    }
    after(&context, effect).await
}

pub(super) async fn delete(context: Context, Id(id): Id) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = &context;
    let check = |old: &IdpGroup| precondition.check(old.version);
    idp_group::delete(&scim.services, &session.caller, parse(&id)?, check).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The answer to a write: the group as it is after it.
async fn after(context: &Context, effect: GroupEffect) -> Result<Answer, Failure> {
    let Context { scim, session, projection, .. } = context;
    if !wants_members(scim, projection) {
        return Ok(answer(context, &GroupView { group: effect.group, members: None }));
    }
    let found = idp_group::get(&scim.services, &session.caller, effect.group.id, |_| true).await?;
    Ok(answer(context, &found))
}

fn parse(id: &str) -> Result<IdpGroupId, Failure> {
    Ok(id.parse().map_err(|_| services::Error::not_found("group", id))?)
}

/// Members are read only when the answer shows them: a group may have very many.
fn wants_members(scim: &Scim, projection: &Projection) -> bool {
    let any =
        |name: &str| AttributePath { sub: Some(name.to_owned()), ..AttributePath::attribute("members") };
    let mut parts = ["value", "display", "$ref", "type"].into_iter().map(any);
    projection.includes(&scim.group, &AttributePath::attribute("members"))
        || parts.any(|path| projection.includes(&scim.group, &path))
}

fn view(scim: &Scim, found: &GroupView, projection: &Projection) -> Value {
    project(&scim.group, to_resource(scim, found), projection)
}

fn answer(context: &Context, found: &GroupView) -> Answer {
    let scim = &context.scim;
    let location = location(scim, &scim.group, found.group.id);
    Answer::ok(view(scim, found, &context.projection)).of(tag(found.group.version)).at(location)
}
