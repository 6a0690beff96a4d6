//! The request's direction: Connect envelopes become gRPC frames, one by one.

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::unfold;
use tonic::Status;

use super::super::compression::Compression;
use super::super::envelope::{self, COMPRESSED, Cutter, Envelope};
use super::Terms;

/// A request body on its way down.
pub(in crate::gateway::connect) struct Inbound {
    source: BodyDataStream,
    cutter: Cutter,
    terms: Terms,
    taken: usize,
}

impl Inbound {
    pub(in crate::gateway::connect) fn new(body: Body, terms: Terms) -> Self {
        let cutter = Cutter::new(terms.options.max_message);
        Self { source: body.into_data_stream(), cutter, terms, taken: 0 }
    }

    /// The gRPC frames; an error is the last item, and what the handler then sees.
    pub(in crate::gateway::connect) fn into_body(self) -> Body {
        Body::from_stream(unfold(Some(self), |state| async move {
            let mut state = state?;
            let item = state.next().await?;
            let rest = item.is_ok().then_some(state);
            Some((item, rest))
        }))
    }

    async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        loop {
            if let Some(cut) = self.cutter.cut().transpose() {
                return Some(cut.and_then(|envelope| self.frame(envelope)));
            }
            match self.source.next().await {
                Some(Ok(data)) => self.cutter.push(&data),
                Some(Err(error)) => return Some(Err(Status::cancelled(format!("read body: {error}")))),
                None => return self.end().err().map(Err),
            }
        }
    }

    fn frame(&mut self, envelope: Envelope) -> Result<Bytes, Status> {
        if self.taken > 0 && !self.terms.method.client_streaming {
            return Err(Status::unimplemented("the method takes one request message, more came"));
        }
        self.taken += 1;
        let data = self.decompress(envelope)?;
        let message = self.terms.codec.decode(&self.terms.method.input, data, self.terms.options)?;
        envelope::wrap(0, &message)
    }

    /// "Request streams must always leave this bit unset" is said of the end-of-stream bit, and the six others
    /// are reserved (Connect, "Streaming-Request").
    fn decompress(&self, envelope: Envelope) -> Result<Bytes, Status> {
        match (envelope.flags, self.terms.encodings.request) {
            (0, _) => Ok(envelope.data),
            (COMPRESSED, Compression::Identity) => {
                Err(Status::internal("compressed message without an encoding"))
            }
            (COMPRESSED, encoding) => encoding.decompress(envelope.data, self.terms.options.max_message),
            (flags, _) => Err(Status::invalid_argument(format!("invalid envelope flags {flags:#010b}"))),
        }
    }

    fn end(&self) -> Result<(), Status> {
        if !self.cutter.is_empty() {
            return Err(Status::invalid_argument("the request ends inside an envelope"));
        }
        if self.taken == 0 && !self.terms.method.client_streaming {
            return Err(Status::unimplemented("the method takes one request message, none came"));
        }
        Ok(())
    }
}
