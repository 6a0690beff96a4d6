//! The codec of our messages: protobuf, of which a request may not be larger in memory than its bytes give reason for.
//!
//! A message of nothing takes two bytes on the wire and a hundred and more in memory, so a limit on bytes alone bounds
//! little. The fields of a large request are counted, by the descriptors, before it is decoded.

mod count;

use std::marker::PhantomData;

use prost::{Message, Name, bytes::Buf};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

/// Reads `U` and writes `T`; what `build.rs` gives every service of ours, and every client.
#[derive(Debug)]
pub struct Bounded<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Bounded<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Bounded<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> ProstEncoder<T> {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> BoundedDecoder<U> {
        BoundedDecoder(PhantomData)
    }
}

/// Reads `U`.
#[derive(Debug)]
pub struct BoundedDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let length = buffer.remaining();
        if length <= count::UNCOUNTED || !is_request::<U>() {
            return decoded(U::decode(buffer));
        }
        let message = buffer.copy_to_bytes(length);
        count::check(&U::full_name(), &message)?;
        decoded(U::decode(message))
    }
}

/// By the rule of names that `buf lint` holds every method to. What a client of ours reads is the answer of a server
/// that it chose.
fn is_request<U: Name>() -> bool {
    U::NAME.ends_with("Request")
}

/// gRPC, "Status codes": what cannot be read is an internal error.
fn decoded<U>(read: Result<U, prost::DecodeError>) -> Result<Option<U>, Status> {
    read.map(Some).map_err(|error| Status::internal(error.to_string()))
}
