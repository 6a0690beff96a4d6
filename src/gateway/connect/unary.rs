//! Unary calls: a bare message in, a bare message or an error out.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tonic::{Code, Status};

use super::Options;
use super::codec::Codec;
use super::compression::{Compression, too_large};
use super::envelope::{self, Cutter};
use super::error::{Ending, status_in};
use super::request::{self, Encodings};
use super::route::Method;
use super::service::Call;

/// Connect, "Unary-Request".
pub(super) async fn post(
    method: &Method,
    codec: Codec,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Result<Response, Ending> {
    let (parts, body) = request.into_parts();
    request::check_version(options, &parts.headers)?;
    let encodings = Encodings::of(&parts.headers, &header::CONTENT_ENCODING, &header::ACCEPT_ENCODING)?;
    let head = request::grpc_head(parts)?;
    let data = encodings.request.decompress(read(body, options.max_message).await?, options.max_message)?;
    let message = codec.decode(&method.input, data, options)?;
    let answer = Answer { method, codec, encoding: encodings.answer, options };
    answer.to(head, &message, call).await
}

/// The whole body, of at most `max` bytes.
async fn read(body: Body, max: usize) -> Result<Bytes, Status> {
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(max)),
        Err(error) if is_late(error.as_ref()) => {
            Err(Status::deadline_exceeded("the message arrived too slowly"))
        }
        Err(error) => Err(Status::cancelled(format!("read body: {error}"))),
    }
}

/// Whether the server in front gave the body up.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let mut failures = causes.filter_map(|error| error.downcast_ref::<std::io::Error>());
    failures.any(|error| error.kind() == std::io::ErrorKind::TimedOut)
}

/// How a unary call is to be answered.
pub(super) struct Answer<'a> {
    pub(super) method: &'a Method,
    pub(super) codec: Codec,
    pub(super) encoding: Compression,
    pub(super) options: Options,
}

impl Answer<'_> {
    /// Calls the method with `message`, in binary protobuf; Connect, "Unary-Response".
    pub(super) async fn to(self, head: Parts, message: &[u8], call: Call) -> Result<Response, Ending> {
        let frame = envelope::wrap(0, message)?;
        let response = call(Request::from_parts(head, Body::from(frame))).await;
        let (metadata, data) = collect(response).await?;
        self.success(metadata, only_message(&data)?)
    }

    fn success(&self, metadata: HeaderMap, message: Bytes) -> Result<Response, Ending> {
        let data = self.codec.encode(&self.method.output, message)?;
        let is_small = data.len() < self.options.min_compress;
        let encoding = if is_small { Compression::Identity } else { self.encoding };
        let mut response = Response::new(Body::from(encoding.compress(data)?));
        *response.headers_mut() = metadata;
        response.headers_mut().insert(header::CONTENT_TYPE, self.codec.unary_type());
        if let Some(name) = encoding.header() {
            response.headers_mut().insert(header::CONTENT_ENCODING, name);
        }
        Ok(response)
    }
}

/// Metadata and body of a gRPC answer that succeeded.
async fn collect(response: Response) -> Result<(HeaderMap, Bytes), Ending> {
    let (head, body) = response.into_parts();
    let early = early_end(head.status, &head.headers);
    let mut metadata = request::metadata(head.headers);
    if let Some(status) = early {
        return Err(Ending { status, metadata });
    }
    let collected = body.collect().await.map_err(Ending::internal)?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let status = status_in(&trailers).unwrap_or_else(|| Status::internal("no grpc-status"));
    metadata.extend(prefixed(&request::metadata(trailers)));
    if status.code() == Code::Ok {
        Ok((metadata, collected.to_bytes()))
    } else {
        Err(Ending { status, metadata })
    }
}

/// The error of an answer that ends with its head.
fn early_end(status: StatusCode, headers: &HeaderMap) -> Option<Status> {
    match status_in(headers) {
        Some(status) => Some(status).filter(|status| status.code() != Code::Ok),
        None if status == StatusCode::OK => None,
        None => Some(Status::unknown(format!("HTTP {status}"))),
    }
}

/// Connect, "Prefixed-Trailing-Metadata".
fn prefixed(trailers: &HeaderMap) -> HeaderMap {
    let prefix = |name: &HeaderName| HeaderName::try_from(format!("trailer-{name}"));
    trailers.iter().filter_map(|(name, value)| Some((prefix(name).ok()?, value.clone()))).collect()
}

fn only_message(data: &[u8]) -> Result<Bytes, Status> {
    let mut cutter = Cutter::new(u32::MAX as usize);
    cutter.push(data);
    match cutter.cut()? {
        Some(envelope) if envelope.flags == 0 && cutter.is_empty() => Ok(envelope.data),
        _ => Err(Status::unimplemented("the method's answer is not one message")),
    }
}
