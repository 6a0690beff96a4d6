//! Gateway floor: errors as clients can take them.
//!
//! gRPC carries the message and the details in headers, and clients give headers little room: grpcio refuses more than 8 KiB
//! of them at random, and a Node client that met a larger one never ends. So both together stay below [`MOST`] bytes, as
//! they are encoded.

use prost::Message;
use tonic::{Code, Status};

use super::detail;
use crate::{
    proto::google_rpc::{ErrorInfo, FieldViolation, RpcStatus},
    quote::bounded,
};

/// The message and the details, as gRPC encodes them, in bytes.
pub(super) const MOST: usize = 4 << 10;
/// What the fields that break a rule may take of it; the rest is for what stands around them.
const FOR_FIELDS: usize = 3 << 10;
/// Characters of a message that was too long.
const MESSAGE_MAX: usize = 512;
/// Characters of the path of one field, and of its rule.
const FIELD_MAX: usize = 240;
/// Characters that are few whatever they are: each can take twelve bytes.
const SHORT_MAX: usize = 64;

/// The status as it is sent: with the reason for machines where a layer of the protocol gave none, and not too large.
#[must_use]
pub fn complete(status: &Status) -> Status {
    if status.code() == Code::Ok {
        return status.clone();
    }
    let reason = detail::reason_of(status);
    let info = || detail::packed(&detail::error_info(reason, None));
    let mut details = RpcStatus::decode(status.details()).unwrap_or_default().details;
    if !details.iter().any(detail::is::<ErrorInfo>) {
        details.insert(0, info());
    }
    let whole = rebuilt(status, status.message().to_owned(), details.clone());
    if size(&whole) <= MOST {
        return whole;
    }
    details.retain(detail::is::<ErrorInfo>);
    let short = rebuilt(status, bounded(status.message(), MESSAGE_MAX), details);
    if size(&short) <= MOST {
        return short;
    }
    rebuilt(status, bounded(status.message(), SHORT_MAX), vec![info()])
}

/// The same status with another message and other details.
fn rebuilt(status: &Status, message: String, details: Vec<prost_types::Any>) -> Status {
    let rpc = RpcStatus { code: status.code() as i32, message: message.clone(), details };
    let (details, metadata) = (rpc.encode_to_vec().into(), status.metadata().clone());
    Status::with_details_and_metadata(status.code(), message, details, metadata)
}

/// The bytes of message and details in the headers of gRPC.
fn size(status: &Status) -> usize {
    percent_encoded(status.message()) + in_base64(status.details().len())
}

fn in_base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// gRPC over HTTP/2, "Percent-Encoded", as tonic writes it: three bytes for all that may not stand in a header, or in a URL.
fn percent_encoded(text: &str) -> usize {
    text.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum()
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'%' | b'<' | b'>' | b'`' | b'?' | b'{' | b'}')
}

/// The sentence about one field.
pub(super) fn sentence(broken: &FieldViolation) -> String {
    format!("{}: {}", broken.field, broken.description)
}

/// The first of the fields that break a rule, as many as there is room for and at least one, and how many more there are.
pub(super) fn first_of(broken: Vec<FieldViolation>) -> (Vec<FieldViolation>, usize) {
    let (mut taken, all) = (0, broken.len());
    let mut kept = Vec::new();
    for one in broken {
        let long = cut(&one, FIELD_MAX);
        let one = if cost(&long) <= FOR_FIELDS { long } else { cut(&one, SHORT_MAX) };
        taken += cost(&one);
        if !kept.is_empty() && taken > FOR_FIELDS {
            break;
        }
        kept.push(one);
    }
    let more = all - kept.len();
    (kept, more)
}

fn cut(broken: &FieldViolation, most: usize) -> FieldViolation {
    let (field, description) = (bounded(&broken.field, most), bounded(&broken.description, most));
    FieldViolation { field, description }
}

/// A field is told three times: in the message, in the message that the details repeat, and as a detail.
fn cost(broken: &FieldViolation) -> usize {
    /// Between two sentences, and around a detail.
    const AROUND: usize = 8;
    let sentence = sentence(broken);
    percent_encoded(&sentence) + AROUND + in_base64(2 * (sentence.len() + AROUND))
}

#[cfg(test)]
mod tests;
