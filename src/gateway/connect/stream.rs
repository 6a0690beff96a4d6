//! Streaming calls: enveloped messages both ways, and the end-of-stream message (Connect, "Streaming RPCs").

mod inbound;
mod outbound;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use tonic::Status;

use super::Options;
use super::codec::Codec;
use super::compression::SUPPORTED;
use super::envelope::{self, END_STREAM};
use super::error::{Ending, end_of_stream, status_in};
use super::request::{self, Encodings};
use super::route::Method;
use super::service::Call;
pub(super) use inbound::Inbound;
use outbound::Outbound;

const CONTENT_ENCODING: HeaderName = HeaderName::from_static("connect-content-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("connect-accept-encoding");

/// One streaming call, as both directions see it.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) method: Arc<Method>,
    pub(super) codec: Codec,
    pub(super) encodings: Encodings,
    pub(super) options: Options,
}

/// Connect, "Streaming-Request" and "Streaming-Response": the HTTP status is 200 whatever happens.
pub(super) async fn post(
    method: Arc<Method>,
    codec: Codec,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Response {
    let opened = open(method, codec, options, request, call).await;
    opened.unwrap_or_else(|ending| ended(codec, &ending.complete(options)))
}

/// A stream that ends before its first message.
pub(super) fn ended(codec: Codec, ending: &Ending) -> Response {
    let body = Body::from(end_frame(ending));
    let mut response = respond(HeaderMap::new(), codec, body);
    response.extensions_mut().insert(ending.status.code());
    response
}

async fn open(
    method: Arc<Method>,
    codec: Codec,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Result<Response, Ending> {
    let (parts, body) = request.into_parts();
    request::check_version(options, &parts.headers)?;
    let encodings = Encodings::of(&parts.headers, &CONTENT_ENCODING, &ACCEPT_ENCODING)?;
    let head = request::grpc_head(parts)?;
    let terms = Terms { method, codec, encodings, options };
    let frames = Inbound::new(body, terms.clone()).into_body();
    let response = call(Request::from_parts(head, frames)).await;
    answer(response, terms)
}

/// Headers now, messages as they come.
fn answer(response: Response, terms: Terms) -> Result<Response, Ending> {
    let (head, body) = response.into_parts();
    let early = early_end(head.status, &head.headers);
    let metadata = request::metadata(head.headers);
    if let Some(status) = early {
        return Err(Ending { status, metadata });
    }
    let (codec, encoding) = (terms.codec, terms.encodings.answer.header());
    let mut response = respond(metadata, codec, Outbound::new(body, terms).into_body());
    if let Some(name) = encoding {
        response.headers_mut().insert(CONTENT_ENCODING, name);
    }
    Ok(response)
}

/// The status of an answer that ends with its head; its metadata are trailers.
fn early_end(status: StatusCode, headers: &HeaderMap) -> Option<Status> {
    let refused = || (status != StatusCode::OK).then(|| Status::unknown(format!("HTTP {status}")));
    status_in(headers).or_else(refused)
}

fn respond(metadata: HeaderMap, codec: Codec, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.headers_mut() = metadata;
    response.headers_mut().insert(header::CONTENT_TYPE, codec.stream_type());
    response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(SUPPORTED));
    response
}

/// Connect, "Error and `EndStreamResponse`": the last envelope of every answer.
fn end_frame(ending: &Ending) -> bytes::Bytes {
    let end = end_of_stream(ending).to_string();
    // fails above 4 GiB only, which no header block reaches
    envelope::wrap(END_STREAM, end.as_bytes()).unwrap_or_default()
}
