//! Compressed messages of gRPC, unpacked in front of the routes: by the decoder that Connect has, which gives up data of
//! which nothing comes out. tonic's own bounds what comes out alone.

use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, HttpBody};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::unfold;
use http::{HeaderName, Request};
use tonic::Status;
use tower::{BoxError, Layer, Service};

use super::compression::Compression;
use super::envelope::{self, COMPRESSED, Cutter, Envelope};

/// Health and reflection, which need no token.
const OPEN: &str = "/grpc.";
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Puts an [`Unpack`] in front of gRPC routes.
#[derive(Clone, Copy, Debug)]
pub struct UnpackLayer {
    /// The largest message, in bytes after decompression.
    pub max_message: usize,
}

impl<S> Layer<S> for UnpackLayer {
    type Service = Unpack<S>;

    fn layer(&self, inner: S) -> Unpack<S> {
        Unpack { inner, max: self.max_message }
    }
}

/// gRPC routes that are given messages in gzip as they are without.
#[derive(Clone, Debug)]
pub struct Unpack<S> {
    inner: S,
    max: usize,
}

impl<S, B> Service<Request<B>> for Unpack<S>
where
    S: Service<Request<Body>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let mut request = request.map(Body::new);
        let coding = request.headers().get(ENCODING).and_then(|name| name.to_str().ok());
        let is_gzip = coding.and_then(Compression::from_name) == Some(Compression::Gzip);
        // whatever else it names, the routes refuse; those that are open to all read small messages, and none in gzip
        if is_gzip && !request.uri().path().starts_with(OPEN) {
            request.headers_mut().remove(ENCODING);
            request = request.map(|body| Packed::new(body, self.max).into_body());
        }
        self.inner.call(request)
    }
}

/// A body whose messages may be compressed.
struct Packed {
    source: BodyDataStream,
    cutter: Cutter,
    max: usize,
}

impl Packed {
    fn new(body: Body, max: usize) -> Self {
        Self { source: body.into_data_stream(), cutter: Cutter::new(max), max }
    }

    /// Its messages; an error is the last item, and what the handler then sees.
    fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), |packed| async move {
            let mut packed = packed?;
            let item = packed.next().await?;
            let rest = item.is_ok().then_some(packed);
            Some((item, rest))
        }))
    }

    async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        loop {
            if let Some(cut) = self.cutter.cut().transpose() {
                return Some(cut.and_then(|envelope| self.unpacked(envelope)));
            }
            match self.source.next().await {
                Some(Ok(data)) => self.cutter.push(&data),
                Some(Err(error)) => return Some(Err(Status::cancelled(format!("read body: {error}")))),
                None if self.cutter.is_empty() => return None,
                None => return Some(Err(Status::internal("the request ends inside a message"))),
            }
        }
    }

    fn unpacked(&self, envelope: Envelope) -> Result<Bytes, Status> {
        match envelope.flags {
            COMPRESSED => envelope::wrap(0, &Compression::Gzip.decompress(envelope.data, self.max)?),
            flags => envelope::wrap(flags, &envelope.data),
        }
    }
}
