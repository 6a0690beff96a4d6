//! The gateway for those who run the server: health, readiness, status, version, and what there is at all (gateway floor).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::services::{Error, Services, maintenance};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone)]
struct Ops {
    services: Services,
    accepting: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// `/healthz` without the database, `/readyz` and `/-/status` with it, `/version`, and `/`. `accepting` tells whether the
/// server has started and is not stopping. An instance that only reads is ready, and says so: a load balancer can tell by that
/// where to send writes.
pub fn routes(services: Services, accepting: impl Fn() -> bool + Send + Sync + 'static) -> Router {
    let ops = Ops { services, accepting: Arc::new(accepting) };
    Router::new()
        .route("/", get(root))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/-/status", get(status))
        .route("/version", get(async || Json(json!({ "version": VERSION }))))
        .with_state(ops)
}

/// What is served where, for who opens the address in a browser.
async fn root() -> Json<Value> {
    Json(json!({
        "name": "Roster",
        "version": VERSION,
        "status": "/-/status",
        "scim": "/scim/v2",
        "scim_openapi": "/scim/v2/openapi.json",
        "device_sign_in": "/oauth2/device",
        "rpc": "/SERVICE/METHOD by Connect, gRPC and gRPC-Web; reflection lists the services",
    }))
}

/// How the server is.
enum Standing {
    /// All is well.
    Ready,
    /// The database takes no writes, as a standby does.
    ReadOnly,
    /// An admin began the maintenance mode, with this message.
    Maintenance(String),
    /// The server has not started yet, or stops.
    Stopping,
    /// The database does not answer.
    Unavailable,
}

impl Standing {
    async fn of(ops: &Ops) -> Self {
        if !(ops.accepting)() {
            return Self::Stopping;
        }
        Self::of_database(&ops.services).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the database does not answer");
            Self::Unavailable
        })
    }

    async fn of_database(services: &Services) -> Result<Self, Error> {
        services.check_ready().await?;
        if services.only_reads().await? {
            return Ok(Self::ReadOnly);
        }
        let maintenance = maintenance::current(services).await?;
        Ok(maintenance.map_or(Self::Ready, |maintenance| Self::Maintenance(maintenance.message)))
    }

    fn code(&self) -> StatusCode {
        match self {
            Self::Ready | Self::ReadOnly | Self::Maintenance(_) => StatusCode::OK,
            Self::Stopping | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

async fn readyz(State(ops): State<Ops>) -> impl IntoResponse {
    let standing = Standing::of(&ops).await;
    let text = match standing {
        Standing::Ready => "ready\n",
        Standing::ReadOnly => "ready, read-only\n",
        Standing::Maintenance(_) => "ready, in maintenance\n",
        Standing::Stopping => "stopping\n",
        Standing::Unavailable => "the database does not answer\n",
    };
    (standing.code(), text)
}

/// The status page: the whole in one word, and its parts.
async fn status(State(ops): State<Ops>) -> Response {
    let standing = Standing::of(&ops).await;
    let (word, server, database) = match &standing {
        Standing::Ready => ("ok", "ok", "ok"),
        Standing::ReadOnly => ("read_only", "ok", "read_only"),
        Standing::Maintenance(_) => ("maintenance", "maintenance", "ok"),
        Standing::Stopping => ("stopping", "stopping", "unknown"),
        Standing::Unavailable => ("unavailable", "ok", "unavailable"),
    };
    let checks = json!({ "server": server, "database": database });
    let body = match &standing {
        Standing::Maintenance(message) => {
            json!({ "status": word, "version": VERSION, "message": message, "checks": checks })
        }
        _ => json!({ "status": word, "version": VERSION, "checks": checks }),
    };
    (standing.code(), Json(body)).into_response()
}
