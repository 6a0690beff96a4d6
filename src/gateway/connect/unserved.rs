//! Calls of what nobody serves: the routes below say in words what is missing, as they do by gRPC.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::Request;
use tonic::Status;

use super::Options;
use super::codec::Codec;
use super::error::{Ending, status_in};
use super::service::Call;
use super::{request, stream};

/// `unimplemented`, in the form in which a client that speaks so reads it: a stream ends with its last envelope
/// (Connect, "Streaming-Response"), and a unary call is an error with the HTTP status of its code ("Error Codes").
pub(super) async fn refuse(
    stream: Option<Codec>,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Response {
    let ending = ask(request, call).await.complete(options);
    match stream {
        Some(codec) => stream::ended(codec, &ending),
        None => ending.into_response(),
    }
}

/// What the routes below say of a call without a message.
async fn ask(request: Request<Body>, call: Call) -> Ending {
    let (parts, _) = request.into_parts();
    let head = match request::grpc_head(parts) {
        Ok(head) => head,
        Err(status) => return status.into(),
    };
    let (answer, _) = call(Request::from_parts(head, Body::empty())).await.into_parts();
    let status = status_in(&answer.headers).unwrap_or_else(|| Status::unimplemented("no such method"));
    Ending { status, metadata: request::metadata(answer.headers) }
}
