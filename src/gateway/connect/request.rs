//! What all Connect requests have in common: version, time-out, encodings, and the head of the gRPC request
//! that they become.

use std::num::NonZeroU64;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb, Version, header};
use tonic::Status;

use super::Options;
use super::compression::Compression;

/// The encodings of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encodings {
    /// Of the request's messages.
    pub(super) request: Compression,
    /// For the answer's messages.
    pub(super) answer: Compression,
}

impl Encodings {
    /// Connect, "Content-Encoding" and "Accept-Encoding", or their streaming twins of other names.
    pub(super) fn of(headers: &HeaderMap, content: &HeaderName, accept: &HeaderName) -> Result<Self, Status> {
        // a value that is not text names no coding that we know
        let name = headers.get(content).map(|value| value.to_str().unwrap_or("?"));
        let request = Compression::of_request(name)?;
        Ok(Self { request, answer: Compression::of_answer(headers.get(accept), request) })
    }
}

/// Connect, "Connect-Protocol-Version": servers may reject a request without it, and must know the one it names.
pub(super) fn check_version(options: Options, headers: &HeaderMap) -> Result<(), Status> {
    match headers.get("connect-protocol-version") {
        Some(version) if version == "1" => Ok(()),
        None if !options.require_version => Ok(()),
        _ => Err(Status::invalid_argument("connect-protocol-version header must be \"1\"")),
    }
}

/// The head of the same request as a gRPC client would have sent it.
pub(super) fn grpc_head(mut parts: Parts) -> Result<Parts, Status> {
    let timeout = timeout(&parts.headers)?;
    for name in NOT_GRPC {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
    if let Some(timeout) = timeout {
        parts.headers.insert("grpc-timeout", timeout);
    }
    parts.method = Verb::POST;
    // tonic-web refuses any older version that is not gRPC-Web
    parts.version = Version::HTTP_2;
    Ok(parts)
}

/// Headers of the Connect request that would say something untrue of the gRPC request: framing, hop-by-hop, and
/// gRPC's own words, which have no meaning in Connect (an accepted gRPC encoding would compress the answer below).
const NOT_GRPC: [&str; 13] = [
    "accept-encoding",
    "connect-accept-encoding",
    "connect-content-encoding",
    "connect-protocol-version",
    "connect-timeout-ms",
    "connection",
    "content-encoding",
    "content-length",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-timeout",
    "keep-alive",
    "transfer-encoding",
];

/// Connect, "Timeout-Milliseconds": "positive integer as ASCII string of at most 10 digits"; as `grpc-timeout`.
fn timeout(headers: &HeaderMap) -> Result<Option<HeaderValue>, Status> {
    headers.get("connect-timeout-ms").map(grpc_timeout).transpose()
}

fn grpc_timeout(value: &HeaderValue) -> Result<HeaderValue, Status> {
    let invalid = || Status::invalid_argument("connect-timeout-ms header must be 1 to 10 digits, and not 0");
    let digits = value.to_str().map_err(|_| invalid())?;
    if digits.len() > 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let milliseconds: NonZeroU64 = digits.parse().map_err(|_| invalid())?;
    HeaderValue::try_from(in_grpc_units(milliseconds)).map_err(|_| invalid())
}

/// gRPC allows eight digits and a unit, so long time-outs lose their milliseconds.
fn in_grpc_units(milliseconds: NonZeroU64) -> String {
    match milliseconds.get() {
        0..100_000_000 => format!("{milliseconds}m"),
        longer => format!("{}S", longer / 1000),
    }
}

/// The metadata of a gRPC answer: its headers without what belongs to the framing.
pub(super) fn metadata(mut headers: HeaderMap) -> HeaderMap {
    for name in NOT_METADATA {
        headers.remove(name);
    }
    headers
}

const NOT_METADATA: [&str; 9] = [
    "content-length",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "trailer",
    "transfer-encoding",
];

#[cfg(test)]
mod tests;
