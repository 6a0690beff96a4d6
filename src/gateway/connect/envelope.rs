//! The envelope that Connect streams and gRPC share: one byte of flags, four of length, the message.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tonic::Status;

use super::compression::too_large;

/// The message is compressed (Connect, "Streaming-Request"; gRPC's `Compressed-Flag`).
pub(super) const COMPRESSED: u8 = 0b0000_0001;
/// The message is an `EndStreamResponse`; answers only.
pub(super) const END_STREAM: u8 = 0b0000_0010;

const PREFIX: usize = 5;

/// `data` in an envelope.
pub(super) fn wrap(flags: u8, data: &[u8]) -> Result<Bytes, Status> {
    let length = u32::try_from(data.len()).map_err(|_| too_large(u32::MAX as usize))?;
    let mut out = BytesMut::with_capacity(PREFIX + data.len());
    out.put_u8(flags);
    out.put_u32(length);
    out.put_slice(data);
    Ok(out.freeze())
}

/// One message in its envelope.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) flags: u8,
    pub(super) data: Bytes,
}

/// Cuts bytes, as they come from the network, into envelopes.
#[derive(Debug)]
pub(super) struct Cutter {
    buffer: BytesMut,
    max: usize,
}

impl Cutter {
    /// A cutter that refuses messages of more than `max` bytes, before it has buffered them.
    pub(super) fn new(max: usize) -> Self {
        Self { buffer: BytesMut::new(), max }
    }

    /// More bytes.
    pub(super) fn push(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// True if no part of an envelope is left over.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next envelope, if all of it is there.
    pub(super) fn cut(&mut self) -> Result<Option<Envelope>, Status> {
        let Some((flags, length)) = self.prefix() else { return Ok(None) };
        if length > self.max {
            return Err(too_large(self.max));
        }
        if self.buffer.len() - PREFIX < length {
            return Ok(None);
        }
        self.buffer.advance(PREFIX);
        Ok(Some(Envelope { flags, data: self.buffer.split_to(length).freeze() }))
    }

    fn prefix(&self) -> Option<(u8, usize)> {
        let [flags, length @ ..] = self.buffer.first_chunk::<PREFIX>()?;
        Some((*flags, u32::from_be_bytes(*length) as usize))
    }
}

#[cfg(test)]
mod tests;
