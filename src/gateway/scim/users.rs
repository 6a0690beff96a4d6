//! `/Users` (gateway floor): RFC 7644 §3.3 to §3.6.

use axum::http::StatusCode;
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    deactivation::{Wish, watch},
    error::Failure,
    http::{Answer, Json},
    intake::{apply, parse_patch, take_in},
    map_resource::location,
    map_user::{from_whole, to_push, to_resource, without_made_name},
    precondition::tag,
    query,
    window::Window,
};
use crate::{
    domain::{
        id::ScimUserId,
        user::{ProvisionedUser, User},
    },
    scim::{
        message::ListQuery,
        resource::{Projection, project},
    },
    services::{self, provisioning::user},
};

pub(super) async fn create(context: Context, Json(mut body): Json) -> Result<Answer, Failure> {
    let Context { scim, session, .. } = &context;
    let incoming = take_in(session, &scim.user, &mut body)?;
    let written = incoming.on_request();
    let push = from_whole(&scim.user, incoming.create()?, true);
    let made = user::create(&scim.services, &session.caller, &push).await?;
    Ok(answer(&context.after_writing(written), &made).created())
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

pub(super) async fn replace(context: Context, Id(id): Id, Json(body): Json) -> Result<Answer, Failure> {
    let wish = Wish::of(&body);
    let done = put(&context, &id, body).await;
    watch(&context, &id, wish, &done).await;
    done
}

async fn put(context: &Context, id: &str, mut body: Value) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = context;
    let incoming = take_in(session, &scim.user, &mut body)?;
    let decide = |old: &ProvisionedUser| {
        precondition.check(old.user.version)?;
        let resource = incoming.replace(&to_resource(scim, old))?;
        Ok::<_, Failure>(from_whole(&scim.user, resource, old.user.is_active()))
    };
    let changed = user::update(&scim.services, &session.caller, parse(id)?, decide).await?;
    Ok(answer(&context.after_writing(incoming.on_request()), &changed))
}

pub(super) async fn patch(context: Context, Id(id): Id, Json(body): Json) -> Result<Answer, Failure> {
    let wish = Wish::of(&body);
    let done = change(&context, &id, &body).await;
    watch(&context, &id, wish, &done).await;
    done
}

async fn change(context: &Context, id: &str, body: &Value) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = context;
    let patch = parse_patch(session, &scim.user, body)?;
    let id = parse(id)?;
    if patch.is_heavy() {
        // before the writer is held
        let found = user::get(&scim.services, &session.caller, id).await?;
        patch.check_work(&scim.user, to_resource(scim, &found))?;
    }
    let decide = |old: &ProvisionedUser| {
        precondition.check(old.user.version)?;
        let mut resource = to_resource(scim, old);
        apply(session, &scim.user, &patch, &mut resource)?;
        without_made_name(&mut resource, &old.user);
        Ok::<_, Failure>(to_push(&scim.user, resource, old.user.is_active()))
    };
    let changed = user::update(&scim.services, &session.caller, id, decide).await?;
    Ok(answer(&context.after_writing(patch.on_request(&scim.user)), &changed))
}

pub(super) async fn delete(context: Context, Id(id): Id) -> Result<Answer, Failure> {
    let done = remove(&context, &id).await;
    watch(&context, &id, Some(Wish::Off), &done).await;
    done
}

async fn remove(context: &Context, id: &str) -> Result<Answer, Failure> {
    let Context { scim, session, precondition, .. } = context;
    let check = |old: &User| precondition.check(old.version);
    user::delete(&scim.services, &session.caller, parse(id)?, check).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn parse(id: &str) -> Result<ScimUserId, Failure> {
    Ok(id.parse().map_err(|_| services::Error::not_found("user", id))?)
}

fn view(scim: &Scim, found: &ProvisionedUser, projection: &Projection) -> Value {
    project(&scim.user, to_resource(scim, found), projection)
}

fn answer(context: &Context, found: &ProvisionedUser) -> Answer {
    let scim = &context.scim;
    let location = location(scim, &scim.user, found.user.scim_id);
    Answer::ok(view(scim, found, &context.projection)).of(tag(found.user.version)).at(location)
}
