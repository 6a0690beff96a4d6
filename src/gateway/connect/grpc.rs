//! gRPC and gRPC-Web pass through to the routes below, which speak both.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Request, Version, header};

use super::service::Call;

/// The request as it came, but for its content type, which is one that the layers below spell so.
pub(super) fn spelled(content_type: HeaderValue, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::CONTENT_TYPE, content_type);
    request
}

/// gRPC asks for HTTP/2, yet Buf Studio's agent sends it as HTTP/1.1 to a target without TLS, and expects trailers
/// after the chunks; an HTTP/1.1 answer has to announce them (RFC 9110 §6.6.2).
pub(super) async fn over_http_1(mut request: Request<Body>, call: Call) -> Response {
    const TRAILERS: HeaderValue =
        HeaderValue::from_static("grpc-status, grpc-message, grpc-status-details-bin");
    *request.version_mut() = Version::HTTP_2;
    let mut response = call(request).await;
    response.headers_mut().insert(header::TRAILER, TRAILERS);
    response
}
