//! Queries over all resource types: `GET /` and `POST /.search` (gateway floor): RFC 7644 §3.4.2.1, §3.4.3.

use axum::extract::State;

use super::{
    Scim,
    auth::Session,
    error::Failure,
    http::{Answer, Json},
    query::{self, Query},
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

/// One list: the users, the groups, then the resources of each declared type, each in the order asked for.
async fn find(scim: &Scim, session: &Session, asked: &ListQuery) -> Result<Answer, Failure> {
    let window = Window::of_all(scim, session, asked)?;
    let (mut rest, mut total, mut resources) = (window.clone(), 0, Vec::new());
    for endpoint in &*scim.endpoints {
        let (count, found) = endpoint.find(scim, session, asked, &rest).await?;
        rest = rest.behind(count, found.len() as u64);
        total += count;
        resources.extend(found);
    }
    Ok(Answer::ok(window.page(total, resources)))
}
