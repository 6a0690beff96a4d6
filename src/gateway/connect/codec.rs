//! Message codecs: canonical protobuf JSON, by descriptor, and the binary form, which is passed on untouched.

mod values;

use bytes::Bytes;
use http::HeaderValue;
use prost_reflect::prost::Message;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor};
use tonic::Status;

use super::{Options, fields};
use crate::quote::foreign;

/// Connect, "Message-Codec".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Codec {
    /// Binary protobuf.
    Proto,
    /// The canonical JSON mapping of protobuf.
    Json,
}

impl Codec {
    /// The codec of this name, as in `application/{name}` and `encoding={name}`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "proto" => Some(Self::Proto),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The content type of a unary message.
    pub(super) fn unary_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Proto => "application/proto",
            Self::Json => "application/json",
        })
    }

    /// The content type of a stream of messages.
    pub(super) fn stream_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Proto => "application/connect+proto",
            Self::Json => "application/connect+json",
        })
    }

    /// A message in this codec, as binary protobuf.
    pub(super) fn decode(
        self,
        message: &MessageDescriptor,
        data: Bytes,
        options: Options,
    ) -> Result<Bytes, Status> {
        match self {
            Self::Proto => Ok(data),
            Self::Json => json_to_protobuf(message, &data, options),
        }
    }

    /// A binary protobuf message, in this codec.
    pub(super) fn encode(self, message: &MessageDescriptor, data: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Proto => Ok(data),
            Self::Json => protobuf_to_json(message, data),
        }
    }
}

/// Field names in camelCase or as in the schema; unknown fields are ignored, as connect-go does, so that an old
/// server reads a new client. Unknown values of enums are not: what they stand for would count as not given.
fn json_to_protobuf(message: &MessageDescriptor, json: &[u8], options: Options) -> Result<Bytes, Status> {
    values::check(json)?;
    let walked = fields::walk(message, json).map_err(|error| unreadable(&error))?;
    if !walked.broken.is_empty() {
        return Err((options.refuse)(walked.broken));
    }
    let tolerant = DeserializeOptions::new().deny_unknown_fields(false);
    let mut input = serde_json::Deserializer::from_slice(&walked.json);
    let decoded = DynamicMessage::deserialize_with_options(message.clone(), &mut input, &tolerant)
        .and_then(|decoded| input.end().map(|()| decoded))
        .map_err(|error| unreadable(&error))?;
    Ok(decoded.encode_to_vec().into())
}

fn unreadable(error: &serde_json::Error) -> Status {
    Status::invalid_argument(format!("unmarshal message: {}", foreign(error)))
}

fn protobuf_to_json(message: &MessageDescriptor, data: Bytes) -> Result<Bytes, Status> {
    let decoded = DynamicMessage::decode(message.clone(), data)
        .map_err(|error| Status::internal(format!("decode message: {error}")))?;
    serde_json::to_vec(&decoded)
        .map(Bytes::from)
        .map_err(|error| Status::internal(format!("marshal message: {error}")))
}
