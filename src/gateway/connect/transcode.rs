//! gRPC and gRPC-Web with messages in JSON (`application/grpc+json`): the messages become binary on their way down, and JSON
//! on their way up. Everything else passes through.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream::unfold;
use http::{HeaderMap, HeaderValue, Request, Version, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tonic::Status;

use super::codec::Codec;
use super::compression::Compression;
use super::envelope::{self, Cutter, Envelope};
use super::request::Encodings;
use super::route::Method;
use super::service::Call;
use super::stream::{Inbound, Terms};
use super::{Options, grpc};

/// The bit of the envelope in which gRPC-Web sends trailers.
const TRAILERS: u8 = 0b1000_0000;
const ENCODING: &str = "grpc-encoding";

/// Which of the two protocols a call speaks, whose routes are below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// gRPC.
    Grpc,
    /// gRPC-Web.
    Web,
}

impl Spoken {
    /// The content type without, and with, JSON.
    fn types(self) -> [HeaderValue; 2] {
        let types = match self {
            Self::Grpc => ["application/grpc", "application/grpc+json"],
            Self::Web => ["application/grpc-web+proto", "application/grpc-web+json"],
        };
        types.map(HeaderValue::from_static)
    }
}

/// Calls the routes below with the binary form of the messages.
pub(super) async fn serve(
    method: Arc<Method>,
    spoken: Spoken,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Response {
    let [_, json] = spoken.types();
    let is_old = spoken == Spoken::Grpc && request.version() < Version::HTTP_2;
    let mut response = match down(Arc::clone(&method), spoken, options, request) {
        Ok(request) if is_old => grpc::over_http_1(request, call).await,
        Ok(request) => call(request).await,
        Err(status) => (options.complete)(&status).into_http(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    // an answer of trailers alone ends with its head
    if response.headers().contains_key("grpc-status") {
        return response;
    }
    response.map(|body| Upward { body, cutter: Cutter::new(u32::MAX as usize), method }.into_body())
}

fn down(
    method: Arc<Method>,
    spoken: Spoken,
    options: Options,
    request: Request<Body>,
) -> Result<Request<Body>, Status> {
    let (mut parts, body) = request.into_parts();
    let named = parts.headers.get(ENCODING).map(|name| name.to_str().unwrap_or("?"));
    let encodings = Encodings { request: Compression::of_request(named)?, answer: Compression::Identity };
    // neither way: what comes back is read here
    for name in [ENCODING, "grpc-accept-encoding", "content-length"] {
        parts.headers.remove(name);
    }
    let [binary, _] = spoken.types();
    parts.headers.insert(header::CONTENT_TYPE, binary);
    let terms = Terms { method, codec: Codec::Json, encodings, options };
    Ok(Request::from_parts(parts, Inbound::new(body, terms).into_body()))
}

/// An answer's body on its way up.
struct Upward {
    body: Body,
    cutter: Cutter,
    method: Arc<Method>,
}

impl Upward {
    fn into_body(self) -> Body {
        let frames = unfold(Some(self), |state| async move {
            let mut state = state?;
            let frame = state.next().await?;
            let is_last = !matches!(&frame, Ok(frame) if frame.is_data());
            Some((frame, (!is_last).then_some(state)))
        });
        Body::new(StreamBody::new(frames))
    }

    async fn next(&mut self) -> Option<Result<Frame<Bytes>, axum::Error>> {
        loop {
            match self.cutter.cut().and_then(|cut| cut.map(|envelope| self.message(envelope)).transpose()) {
                Ok(Some(message)) => return Some(Ok(Frame::data(message))),
                Ok(None) => {}
                Err(status) => return Some(Ok(Frame::trailers(trailers(&status)))),
            }
            match self.body.frame().await?.map(Frame::into_data) {
                Ok(Ok(data)) => self.cutter.push(&data),
                Ok(Err(trailers)) => return Some(Ok(trailers)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn message(&self, envelope: Envelope) -> Result<Bytes, Status> {
        if envelope.flags & TRAILERS != 0 {
            return envelope::wrap(envelope.flags, &envelope.data);
        }
        envelope::wrap(0, &Codec::Json.encode(&self.method.output, envelope.data)?)
    }
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if status.add_header(&mut trailers).is_err() {
        trailers.insert("grpc-status", i32::from(status.code()).into());
    }
    trailers
}
