//! What stands at an endpoint: users, groups, or resources of a declared type (gateway floor): RFC 7644 §3.2.
//!
//! The one place that tells them apart. Routes, bulk requests and queries over all types go through it.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    routing::{get, post},
};
use serde_json::Value;

use super::{
    Scim,
    auth::Session,
    context::{Context, Id},
    error::Failure,
    groups,
    http::{Answer, Json},
    query::{self, Query},
    resources, users,
    window::Window,
};
use crate::scim::{message::ListQuery, schema::ResourceType};

/// What stands at an endpoint.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    Users,
    Groups,
    /// Resources that have no rules but their schema.
    Declared(Arc<ResourceType>),
}

impl Endpoint {
    /// Where resources of this type are served.
    pub(super) fn of(resource_type: &Arc<ResourceType>) -> Self {
        match resource_type.name.as_str() {
            "User" => Self::Users,
            "Group" => Self::Groups,
            _ => Self::Declared(Arc::clone(resource_type)),
        }
    }

    pub(super) fn resource_type<'a>(&'a self, scim: &'a Scim) -> &'a ResourceType {
        match self {
            Self::Users => &scim.user,
            Self::Groups => &scim.group,
            Self::Declared(resource_type) => resource_type,
        }
    }

    /// Its routes, at `path`.
    pub(super) fn routes(self, path: &str) -> Router<Scim> {
        Router::new()
            .route(path, get(list).post(create))
            .route(&format!("{path}/.search"), post(search))
            .route(&format!("{path}/{{id}}"), get(get_one).put(replace).patch(patch).delete(delete))
            .layer(Extension(self))
    }

    pub(super) async fn create(&self, context: Context, body: Json) -> Result<Answer, Failure> {
        match self {
            Self::Users => users::create(context, body).await,
            Self::Groups => groups::create(context, body).await,
            Self::Declared(kind) => resources::create(context, kind, body).await,
        }
    }

    async fn get(&self, context: Context, id: Id) -> Result<Answer, Failure> {
        match self {
            Self::Users => users::get(context, id).await,
            Self::Groups => groups::get(context, id).await,
            Self::Declared(kind) => resources::get(context, kind, id).await,
        }
    }

    pub(super) async fn replace(&self, context: Context, id: Id, body: Json) -> Result<Answer, Failure> {
        match self {
            Self::Users => users::replace(context, id, body).await,
            Self::Groups => groups::replace(context, id, body).await,
            Self::Declared(kind) => resources::replace(context, kind, id, body).await,
        }
    }

    pub(super) async fn patch(&self, context: Context, id: Id, body: Json) -> Result<Answer, Failure> {
        match self {
            Self::Users => users::patch(context, id, body).await,
            Self::Groups => groups::patch(context, id, body).await,
            Self::Declared(kind) => resources::patch(context, kind, id, body).await,
        }
    }

    pub(super) async fn delete(&self, context: Context, id: Id) -> Result<Answer, Failure> {
        match self {
            Self::Users => users::delete(context, id).await,
            Self::Groups => groups::delete(context, id).await,
            Self::Declared(kind) => resources::delete(context, kind, id).await,
        }
    }

    /// How many resources `asked` means, and those of them that stand in the window.
    pub(super) async fn find(
        &self,
        scim: &Scim,
        session: &Session,
        asked: &ListQuery,
        window: &Window,
    ) -> Result<(u64, Vec<Value>), Failure> {
        match self {
            Self::Users => users::find(scim, session, asked, window).await,
            Self::Groups => groups::find(scim, session, asked, window).await,
            Self::Declared(kind) => resources::find(scim, session, kind, asked, window).await,
        }
    }

    async fn list(&self, scim: &Scim, session: &Session, asked: &ListQuery) -> Result<Answer, Failure> {
        let window = Window::of_type(scim, session, &self.resource_type(scim).name, asked)?;
        let (total, resources) = self.find(scim, session, asked, &window).await?;
        Ok(Answer::ok(window.page(total, resources)))
    }
}

type Here = Extension<Endpoint>;

async fn create(Extension(here): Here, context: Context, body: Json) -> Result<Answer, Failure> {
    here.create(context, body).await
}

async fn get_one(Extension(here): Here, context: Context, id: Id) -> Result<Answer, Failure> {
    here.get(context, id).await
}

async fn replace(Extension(here): Here, context: Context, id: Id, body: Json) -> Result<Answer, Failure> {
    here.replace(context, id, body).await
}

async fn patch(Extension(here): Here, context: Context, id: Id, body: Json) -> Result<Answer, Failure> {
    here.patch(context, id, body).await
}

async fn delete(Extension(here): Here, context: Context, id: Id) -> Result<Answer, Failure> {
    here.delete(context, id).await
}

async fn list(
    Extension(here): Here,
    State(scim): State<Scim>,
    session: Session,
    Query(query): Query,
) -> Result<Answer, Failure> {
    here.list(&scim, &session, &query).await
}

async fn search(
    Extension(here): Here,
    State(scim): State<Scim>,
    session: Session,
    Json(body): Json,
) -> Result<Answer, Failure> {
    here.list(&scim, &session, &query::from_search(&body)?).await
}
