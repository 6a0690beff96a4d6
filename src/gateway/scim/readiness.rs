//! `GET /scim/v2/readiness`: what an admin should know before and while this IdP pushes (gateway floor).

use axum::extract::State;
use serde_json::{Value, json};

use super::{Scim, auth::Session, error::Failure, http::Answer};
use crate::services::provisioning::readiness::{Warning, check};

pub(super) async fn get(State(scim): State<Scim>, session: Session) -> Result<Answer, Failure> {
    let warnings = check(&scim.services, &session.caller, &session.token).await?;
    let warnings: Vec<_> = warnings.iter().map(to_json).collect();
    Ok(Answer::ok(json!({ "ready": warnings.is_empty(), "warnings": warnings })))
}

fn to_json(warning: &Warning) -> Value {
    json!({
        "code": warning.kind.name(),
        "what": warning.what,
        "why": warning.why,
        "fix": warning.fix,
        "subjects": warning.subjects,
    })
}
