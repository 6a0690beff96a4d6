//! `/Groups` (gateway floor): RFC 7644 §3.3 to §3.6.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    error::Failure,
    http::{Answer, Json},
    map_group::{from_patch, location, to_change, to_resource},
    precondition::{Precondition, tag},
    query::{self, Asked, Query},
    record,
};
use crate::{
    domain::{
        id::IdpGroupId,
        idp_group::{GroupEffect, GroupView, IdpGroup},
    },
    scim::{
        message::ListQuery,
        patch::{Patch, dialect::rewrite_resource},
        path::AttributePath,
        resource::{Mode, Projection, accept, project},
    },
    services::{self, idp_group},
};

pub(super) async fn create(
    State(scim): State<Scim>,
    session: Session,
    Asked(projection): Asked,
    Json(mut body): Json,
) -> Result<Answer, Failure> {
    let rewrites = rewrite_resource(&scim.group, &mut body, session.profile());
    let accepted = accept(&scim.group, &body, Mode::Create)?;
    record::intake(&session, &rewrites, &accepted.ignored);
    let change = to_change(&scim.group, &accepted.resource);
    let effect = idp_group::create(&scim.services, &session.caller, &change).await?;
    record::effect(&session, &effect);
    let location = location(&scim, &effect.group);
    Ok(after(&scim, &session, effect, &projection).await?.created(location))
}

pub(super) async fn get(
    State(scim): State<Scim>,
    session: Session,
    Path(id): Path<String>,
    Asked(projection): Asked,
    precondition: Precondition,
) -> Result<Answer, Failure> {
    let wanted = wants_members(&scim, &projection);
    let found = idp_group::get(&scim.services, &session.caller, parse(&id)?, wanted).await?;
    if precondition.is_known(found.group.version) {
        return Ok(Answer::empty(StatusCode::NOT_MODIFIED).of(tag(found.group.version)));
    }
    Ok(answer(&scim, &found, &projection))
}

pub(super) async fn list(
    State(scim): State<Scim>,
    session: Session,
    Query(query): Query,
) -> Result<Answer, Failure> {
    find(&scim, &session, &query).await
}

pub(super) async fn search(
    State(scim): State<Scim>,
    session: Session,
    Json(body): Json,
) -> Result<Answer, Failure> {
    find(&scim, &session, &query::from_search(&body)?).await
}

async fn find(scim: &Scim, session: &Session, asked: &ListQuery) -> Result<Answer, Failure> {
    let wanted = query::to_services(&scim.group, asked)?;
    let members = wants_members(scim, &asked.projection);
    let page = idp_group::list(&scim.services, &session.caller, &wanted, members).await?;
    let resources = page.items.iter().map(|found| view(scim, found, &asked.projection));
    Ok(Answer::ok(query::list_response(asked, page.total, resources.collect())))
}

pub(super) async fn replace(
    State(scim): State<Scim>,
    session: Session,
    Path(id): Path<String>,
    Asked(projection): Asked,
    precondition: Precondition,
    Json(mut body): Json,
) -> Result<Answer, Failure> {
    let rewrites = rewrite_resource(&scim.group, &mut body, session.profile());
    let decide = |old: &IdpGroup| {
        precondition.check(old.version)?;
        let current = to_resource(&scim, &GroupView { group: old.clone(), members: None });
        let accepted = accept(&scim.group, &body, Mode::Replace { current: &current })?;
        record::intake(&session, &rewrites, &accepted.ignored);
        Ok::<_, Failure>(to_change(&scim.group, &accepted.resource))
    };
    let effect = idp_group::update(&scim.services, &session.caller, parse(&id)?, decide).await?;
    record::effect(&session, &effect);
    after(&scim, &session, effect, &projection).await
}

pub(super) async fn patch(
    State(scim): State<Scim>,
    session: Session,
    Path(id): Path<String>,
    Asked(projection): Asked,
    precondition: Precondition,
    Json(body): Json,
) -> Result<Answer, Failure> {
    let patch = Patch::parse(&scim.group, &body, session.profile())?;
    record::intake(&session, &patch.rewrites, &patch.ignored);
    let decide = |old: &IdpGroup| {
        precondition.check(old.version)?;
        Ok::<_, Failure>(from_patch(&scim, patch.clone(), old)?)
    };
    let effect = idp_group::update(&scim.services, &session.caller, parse(&id)?, decide).await?;
    record::effect(&session, &effect);
    // RFC 7644 §3.5.2 leaves the choice, but for `attributes`; a long list of members helps no client
    if effect.group.member_count > scim.group_answer_members && projection.is_default() {
        return Ok(Answer::empty(StatusCode::NO_CONTENT).of(tag(effect.group.version)));
    }
    after(&scim, &session, effect, &projection).await
}

pub(super) async fn delete(
    State(scim): State<Scim>,
    session: Session,
    Path(id): Path<String>,
    precondition: Precondition,
) -> Result<Answer, Failure> {
    let check = |old: &IdpGroup| precondition.check(old.version);
    idp_group::delete(&scim.services, &session.caller, parse(&id)?, check).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The answer to a write: the group as it is after it.
async fn after(
    scim: &Scim,
    session: &Session,
    effect: GroupEffect,
    projection: &Projection,
) -> Result<Answer, Failure> {
    if !wants_members(scim, projection) {
        return Ok(answer(scim, &GroupView { group: effect.group, members: None }, projection));
    }
    let found = idp_group::get(&scim.services, &session.caller, effect.group.id, true).await?;
    Ok(answer(scim, &found, projection))
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
    project(&scim.group, &to_resource(scim, found), projection)
}

fn answer(scim: &Scim, found: &GroupView, projection: &Projection) -> Answer {
    Answer::ok(view(scim, found, projection)).of(tag(found.group.version))
}
