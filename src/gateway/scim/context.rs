//! What every operation on a resource goes by, whether it came alone or in a bulk request (gateway floor).

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};

use super::{Scim, auth::Session, error::Failure, precondition::Precondition, query::asked_projection};
use crate::quote::shown;
use crate::scim::{path::AttributePath, resource::Projection};

/// Who asks, for which version, and what the answer is to show.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) scim: Scim,
    pub(super) session: Session,
    pub(super) projection: Projection,
    pub(super) precondition: Precondition,
}

impl Context {
    /// Of an operation whose changes are counted into the session's record.
    pub(super) fn new(
        scim: &Scim,
        session: Session,
        projection: Projection,
        precondition: Precondition,
    ) -> Self {
        let services = scim.services.observed(&session.record.tally);
        Self { scim: Scim { services, ..scim.clone() }, session, projection, precondition }
    }

    /// The same for the answer to a write of these attributes, which are returned on request alone.
    pub(super) fn after_writing(&self, written: Vec<AttributePath>) -> Self {
        Self { projection: self.projection.clone().after_writing(written), ..self.clone() }
    }
}

impl FromRequestParts<Scim> for Context {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, scim: &Scim) -> Result<Self, Failure> {
        let session = Session::from_request_parts(parts, scim).await?;
        let precondition = Precondition::of_headers(&parts.headers);
        Ok(Self::new(scim, session, asked_projection(parts)?, precondition))
    }
}

/// The id at the end of a resource's path.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Path::from_request_parts(parts, state).await;
        // what is not UTF-8 is the id of nothing
        let nothing =
            |_| Failure::status(StatusCode::NOT_FOUND, format!("there is nothing at {}", shown(&parts.uri)));
        read.map(|Path(id)| Self(id)).map_err(nothing)
    }
}
