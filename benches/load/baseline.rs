//! The baselines, as servers of their own: what can be had with the same crates and no product around them.

use anyhow::{Context as _, Result, bail};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use roster::proto::roster::v1::{
    BatchCheckMembershipsRequest, BatchCheckMembershipsResponse, CheckMembershipRequest,
    CheckMembershipResponse, ExplainMembershipRequest, ExplainMembershipResponse, ListMembershipsRequest,
    ListMembershipsResponse, MembershipDecision, WatchMembershipsRequest, WatchMembershipsResponse,
    membership_service_server as server,
};
use sqlx::{
    PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::net::TcpListener;
use tonic::{Request, Response as Reply, Status, transport::server::TcpIncoming};

/// What makes this binary a baseline instead of the driver.
pub(crate) const ARGUMENT: &str = "baseline";

/// Serves until it is killed.
pub(crate) async fn run(arguments: &[String]) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    match arguments {
        [kind, url] if kind == "bodies" => bodies(listener, url).await,
        [kind] if kind == "constant" => constant(listener).await,
        _ => bail!("no such baseline: {arguments:?}"),
    }
}

/// Answers each path with the text that a table has for it: one query a request.
async fn bodies(listener: TcpListener, url: &str) -> Result<()> {
    const QUERY: &str = "SELECT body FROM body WHERE path = $1";
    let router = if let Some(file) = url.strip_prefix("sqlite:") {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let find = |State(pool): State<SqlitePool>, uri: Uri| async move {
            answer(sqlx::query_scalar(QUERY).bind(uri.to_string()).fetch_optional(&pool).await)
        };
        Router::new().fallback(find).with_state(pool)
    } else {
        let pool = PgPoolOptions::new().max_connections(16).connect(url).await?;
        let find = |State(pool): State<PgPool>, uri: Uri| async move {
            answer(sqlx::query_scalar(QUERY).bind(uri.to_string()).fetch_optional(&pool).await)
        };
        Router::new().fallback(find).with_state(pool)
    };
    axum::serve(listener, router).await.context("the baseline failed")
}

fn answer(found: Result<Option<String>, sqlx::Error>) -> Response {
    match found {
        Ok(Some(body)) => ([(header::CONTENT_TYPE, "application/scim+json")], body).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Answers every question with the same decision.
async fn constant(listener: TcpListener) -> Result<()> {
    let service = server::MembershipServiceServer::new(Constant);
    let server = tonic::transport::Server::builder().add_service(service);
    server.serve_with_incoming(TcpIncoming::from(listener)).await.context("the baseline failed")
}

struct Constant;

#[tonic::async_trait]
impl server::MembershipService for Constant {
    type WatchMembershipsStream = futures::stream::Empty<Result<WatchMembershipsResponse, Status>>;

    async fn check_membership(
        &self,
        _: Request<CheckMembershipRequest>,
    ) -> Result<Reply<CheckMembershipResponse>, Status> {
        let decision = MembershipDecision { is_member: true, ..MembershipDecision::default() };
        Ok(Reply::new(CheckMembershipResponse { decision: Some(decision), revision: 1 }))
    }

    async fn batch_check_memberships(
        &self,
        _: Request<BatchCheckMembershipsRequest>,
    ) -> Result<Reply<BatchCheckMembershipsResponse>, Status> {
        Err(Status::unimplemented("not a baseline"))
    }

    async fn list_memberships(
        &self,
        _: Request<ListMembershipsRequest>,
    ) -> Result<Reply<ListMembershipsResponse>, Status> {
        Err(Status::unimplemented("not a baseline"))
    }

    async fn explain_membership(
        &self,
        _: Request<ExplainMembershipRequest>,
    ) -> Result<Reply<ExplainMembershipResponse>, Status> {
        Err(Status::unimplemented("not a baseline"))
    }

    async fn watch_memberships(
        &self,
        _: Request<WatchMembershipsRequest>,
    ) -> Result<Reply<Self::WatchMembershipsStream>, Status> {
        Err(Status::unimplemented("not a baseline"))
    }
}
