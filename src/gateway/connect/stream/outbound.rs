//! The answer's direction: gRPC frames become Connect envelopes, trailers the end-of-stream message.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures::stream::unfold;
use http::HeaderMap;
use http_body_util::BodyExt;
use tonic::Status;

use super::super::compression::Compression;
use super::super::envelope::{self, COMPRESSED, Cutter, Envelope};
use super::super::error::{Ending, status_in};
use super::super::request;
use super::{Terms, end_frame};

/// An answer's body on its way up.
pub(super) struct Outbound {
    body: Body,
    cutter: Cutter,
    terms: Terms,
}

impl Outbound {
    pub(super) fn new(body: Body, terms: Terms) -> Self {
        // what our own handlers send is not limited
        Self { body, cutter: Cutter::new(u32::MAX as usize), terms }
    }

    /// The envelopes; the end-of-stream message is the last, and comes exactly once.
    pub(super) fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), |state| async move {
            let mut state = state?;
            Some(match state.next().await {
                Ok(message) => (Ok::<_, Infallible>(message), Some(state)),
                Err(ending) => (Ok(end_frame(&ending.complete(state.terms.options))), None),
            })
        }))
    }

    async fn next(&mut self) -> Result<Bytes, Ending> {
        loop {
            if let Some(frame) = self.cutter.cut()? {
                return Ok(self.envelope(frame)?);
            }
            let frame = self.body.frame().await.ok_or_else(|| Ending::internal("no grpc-status"))?;
            match frame.map_err(Ending::internal)?.into_data() {
                Ok(data) => self.cutter.push(&data),
                Err(frame) => return Err(ending(frame.into_trailers().unwrap_or_default())),
            }
        }
    }

    fn envelope(&self, frame: Envelope) -> Result<Bytes, Status> {
        let Terms { method, codec, encodings, options } = &self.terms;
        let data = codec.encode(&method.output, frame.data)?;
        if encodings.answer == Compression::Identity || data.len() < options.min_compress {
            return envelope::wrap(0, &data);
        }
        envelope::wrap(COMPRESSED, &encodings.answer.compress(data)?)
    }
}

fn ending(trailers: HeaderMap) -> Ending {
    let status = status_in(&trailers).unwrap_or_else(|| Status::internal("no grpc-status"));
    Ending { status, metadata: request::metadata(trailers) }
}
