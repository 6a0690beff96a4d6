//! A service with a method of every shape, and its messages.

use std::collections::HashMap;
use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use prost::Message;
use tonic::{Code, Request, Response, Status, Streaming};

/// Generated code.
#[expect(clippy::pedantic, unreachable_pub, reason = "generated")]
pub(crate) mod wire {
    include!(concat!(env!("OUT_DIR"), "/roster.test.v1.rs"));
}

use wire::echo_service_server::EchoService;
pub(crate) use wire::{Detail, EchoRequest, EchoResponse, FailRequest};

/// The descriptors of the service.
pub(crate) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/test_descriptor.bin"));

pub(crate) struct Echo;

type Answers = Pin<Box<dyn Stream<Item = Result<EchoResponse, Status>> + Send>>;

fn answer(headers: &tonic::metadata::MetadataMap, message: EchoRequest) -> EchoResponse {
    let headers = headers.clone().into_headers();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: HashMap<_, _> =
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    EchoResponse { text: message.text, big_number: message.big_number, headers }
}

fn echoed(request: Request<EchoRequest>) -> Response<EchoResponse> {
    let (metadata, _, message) = request.into_parts();
    let mut response = Response::new(answer(&metadata, message));
    if let Some(value) = metadata.get("x-echo") {
        response.metadata_mut().insert("x-echo", value.clone());
    }
    response
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// The number for a handler that panics.
pub(crate) const PANIC: i32 = -1;

fn failure(request: FailRequest) -> Status {
    let FailRequest { code, message, detail, metadata } = request;
    assert!(code != PANIC, "as asked for");
    let value = Detail { text: detail.clone() }.encode_to_vec();
    let any = prost_types::Any { type_url: "type.googleapis.com/roster.test.v1.Detail".into(), value };
    let details = if detail.is_empty() { vec![] } else { vec![any] };
    let encoded = RpcStatus { code, message: message.clone(), details }.encode_to_vec();
    let mut status = Status::with_details(Code::from(code), message, encoded.into());
    if let Ok(value) = metadata.parse()
        && !metadata.is_empty()
    {
        status.metadata_mut().insert("x-reason", value);
    }
    status
}

#[tonic::async_trait]
impl EchoService for Echo {
    type ExpandStream = Answers;
    type BreakStream = Answers;
    type StallStream = Answers;
    type ConverseStream = Answers;

    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        Ok(echoed(request))
    }

    async fn read(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        Ok(echoed(request))
    }

    async fn fail(&self, request: Request<FailRequest>) -> Result<Response<EchoResponse>, Status> {
        Err(failure(request.into_inner()))
    }

    async fn hang(&self, _: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        std::future::pending().await
    }

    async fn collect(
        &self,
        request: Request<Streaming<EchoRequest>>,
    ) -> Result<Response<EchoResponse>, Status> {
        let (metadata, _, mut messages) = request.into_parts();
        let mut all = EchoRequest::default();
        while let Some(message) = messages.message().await? {
            all.text.push_str(&message.text);
        }
        Ok(Response::new(answer(&metadata, all)))
    }

    async fn expand(&self, request: Request<EchoRequest>) -> Result<Response<Answers>, Status> {
        let count = request.get_ref().count;
        let message = echoed(request).into_inner();
        let numbered = move |number| {
            let mut message = message.clone();
            message.big_number = i64::from(number);
            Ok(message)
        };
        Ok(Response::new(stream::iter(0..count).map(numbered).boxed()))
    }

    async fn r#break(&self, request: Request<FailRequest>) -> Result<Response<Answers>, Status> {
        let first = Ok(EchoResponse { text: "first".into(), ..EchoResponse::default() });
        let last = Err(failure(request.into_inner()));
        Ok(Response::new(stream::iter([first, last]).boxed()))
    }

    async fn stall(&self, request: Request<EchoRequest>) -> Result<Response<Answers>, Status> {
        let first = stream::iter([Ok(echoed(request).into_inner())]);
        Ok(Response::new(first.chain(stream::pending()).boxed()))
    }

    async fn converse(&self, request: Request<Streaming<EchoRequest>>) -> Result<Response<Answers>, Status> {
        let (metadata, _, messages) = request.into_parts();
        Ok(Response::new(
            messages.map(move |message| message.map(|message| answer(&metadata, message))).boxed(),
        ))
    }
}
