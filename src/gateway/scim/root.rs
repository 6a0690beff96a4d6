//! Queries over all resource types: `GET /` and `POST /.search` (gateway floor): RFC 7644 §3.4.2.1, §3.4.3.

use axum::extract::State;

use super::{
    Scim,
    auth::Session,
    error::Failure,
    groups,
    http::{Answer, Json},
    query::{self, Query},
    users,
    window::Window,
};
use crate::scim::message::ListQuery;

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

/// One list: the users, then the groups, each in the order asked for.
async fn find(scim: &Scim, session: &Session, asked: &ListQuery) -> Result<Answer, Failure> {
    let window = Window::of_all(scim, session, asked)?;
    let (users, mut resources) = users::find(scim, session, asked, &window).await?;
    let rest = window.behind(users, resources.len() as u64);
    let (groups, more) = groups::find(scim, session, asked, &rest).await?;
    resources.extend(more);
    Ok(Answer::ok(window.page(users + groups, resources)))
}
