//! Content codings, and the limit that holds on what comes out of them.

mod metered;

use std::cell::Cell;
use std::io::{Read, Write};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::HeaderValue;
use metered::Metered;
use tonic::Status;

use crate::quote::shown;

/// The names of what we can read and write, in the order in which we list them.
pub(super) const SUPPORTED: &str = "gzip,zstd";

/// RFC 9659 §3: a zstd window in HTTP is at most 8 MiB. Without the bound a few bytes could make the decoder
/// take 128 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Connect, "Content-Coding".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Compression {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// The coding that a request names. "Servers should return an error with code unimplemented and a message
    /// listing the supported encodings" for any other (Connect, "Unary-Request").
    pub(super) fn of_request(name: Option<&str>) -> Result<Self, Status> {
        match name {
            None => Ok(Self::Identity),
            Some(name) if name.is_empty() || name.eq_ignore_ascii_case("identity") => Ok(Self::Identity),
            Some(name) => Self::from_name(name).ok_or_else(|| {
                let name = shown(name);
                let text = format!("unknown compression {name:?}: supported encodings are {SUPPORTED}");
                Status::unimplemented(text)
            }),
        }
    }

    /// The coding for the answer: the first in the client's ordered list that we know. "If the client omits
    /// Accept-Encoding, servers must assume that the client accepts the Content-Encoding used for the request."
    pub(super) fn of_answer(accepted: Option<&HeaderValue>, of_request: Self) -> Self {
        let Some(accepted) = accepted else { return of_request };
        let mut names = accepted.to_str().unwrap_or_default().split(',');
        names.find_map(Self::from_accepted).unwrap_or(Self::Identity)
    }

    /// One item of an `Accept-Encoding` list; a weight of nothing refuses it (RFC 9110 §12.4.2).
    fn from_accepted(item: &str) -> Option<Self> {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().to_ascii_lowercase();
        let refused = matches!(weight.as_str(), "q=0" | "q=0." | "q=0.0" | "q=0.00" | "q=0.000");
        Self::from_name(name.trim()).filter(|_| !refused)
    }

    /// In any case, and `x-gzip` is another name (RFC 9110 §8.4.1, §8.4.1.3).
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The header value, if there is anything to say.
    pub(super) fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Zstd => Some(HeaderValue::from_static("zstd")),
        }
    }

    /// The message inside `data`, which may not be larger than `max` bytes. "Servers must not attempt to
    /// decompress zero-length HTTP request content" (Connect, "Unary-Request").
    pub(super) fn decompress(self, data: Bytes, max: usize) -> Result<Bytes, Status> {
        if data.is_empty() {
            return Ok(data);
        }
        // decoders read the first header as they are made
        let allowed = Cell::new(metered::allowance(0));
        let metered = Metered::new(&data, &allowed);
        match self {
            Self::Identity if data.len() > max => Err(too_large(max)),
            Self::Identity => Ok(data),
            Self::Gzip => read_bounded(MultiGzDecoder::new(metered), &allowed, max),
            Self::Zstd => {
                let reader = zstd_reader(metered).map_err(|error| malformed(&error))?;
                read_bounded(reader, &allowed, max)
            }
        }
    }

    /// `data` in this coding.
    pub(super) fn compress(self, data: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Identity => Ok(data),
            Self::Gzip => gzip(&data),
            Self::Zstd => zstd::encode_all(data.as_ref(), 1).map(Bytes::from),
        }
        .map_err(|error| Status::internal(format!("compress: {error}")))
    }
}

/// The status for a message above the limit of `max` bytes.
pub(super) fn too_large(max: usize) -> Status {
    Status::resource_exhausted(format!("message is larger than the configured maximum of {max} bytes"))
}

fn malformed(error: &std::io::Error) -> Status {
    Status::invalid_argument(format!("decompress: {error}"))
}

/// Reads no further than a part beyond `max`, so that a bomb costs no more than an honest message, and allows no more
/// to be taken than what came out gives reason for, so that data of which nothing comes out do not either.
fn read_bounded(mut reader: impl Read, allowed: &Cell<usize>, max: usize) -> Result<Bytes, Status> {
    let (mut out, mut part) = (Vec::new(), [0; 8 << 10]);
    while out.len() <= max {
        allowed.set(metered::allowance(out.len()));
        let count = reader.read(&mut part).map_err(|error| malformed(&error))?;
        if count == 0 {
            return Ok(out.into());
        }
        out.extend_from_slice(part.get(..count).unwrap_or_default());
    }
    Err(too_large(max))
}

fn zstd_reader(data: Metered<'_>) -> std::io::Result<impl Read> {
    let mut reader = zstd::Decoder::with_buffer(data)?;
    reader.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
    Ok(reader)
}

fn gzip(data: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data)?;
    encoder.finish().map(Bytes::from)
}

#[cfg(test)]
mod tests;
