//! The layer alone, over gRPC answers made by hand: what tonic's handlers cannot be made to send.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use prost_reflect::DescriptorPool;
use roster::gateway::connect::{self, Options};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

use super::echo::DESCRIPTORS;
use super::harness::{envelope, envelopes, path};

fn fields(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let field = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let mut map = HeaderMap::new();
    for (name, value) in fields.iter().map(field) {
        map.append(name, value);
    }
    map
}

/// A gRPC answer: a head, messages, and trailers if it has any.
#[derive(Clone, Default)]
struct Below {
    status: u16,
    headers: HeaderMap,
    messages: Vec<u8>,
    trailers: Option<HeaderMap>,
}

impl Below {
    fn ok(messages: usize, trailers: &[(&'static str, &'static str)]) -> Self {
        let messages = envelope(0, b"\x0a\x02hi").repeat(messages);
        Self { status: 200, headers: HeaderMap::new(), messages, trailers: Some(fields(trailers)) }
    }

    fn response(self) -> Response<Body> {
        let data = Frame::data(Bytes::from(self.messages));
        let frames = [Some(data), self.trailers.map(Frame::trailers)].into_iter().flatten();
        let body = StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>).collect::<Vec<_>>()));
        let mut response = Response::new(Body::new(body));
        *response.status_mut() = self.status.try_into().unwrap();
        *response.headers_mut() = self.headers;
        response
    }
}

/// Calls a method of the echo service through the layer; gives the answer's head and body.
async fn call(below: Below, method: &str, options: Options) -> (Response<()>, Vec<u8>) {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let grpc =
        service_fn(move |_: Request<Body>| std::future::ready(Ok::<_, Infallible>(below.clone().response())));
    let is_stream = method == "Expand";
    let content_type = if is_stream { "application/connect+json" } else { "application/json" };
    let body = if is_stream { envelope(0, b"{}") } else { b"{}".to_vec() };
    let request =
        Request::post(path(method)).header("content-type", content_type).body(Body::from(body)).unwrap();
    let response = connect::layer(&pool, options)
        .layer(connect::Below { web: grpc.clone(), grpc })
        .oneshot(request)
        .await
        .unwrap();
    let (head, body) = response.into_parts();
    (Response::from_parts(head, ()), body.collect().await.unwrap().to_bytes().to_vec())
}

async fn unary(below: Below) -> (Response<()>, Value) {
    let (head, body) = call(below, "Echo", Options::default()).await;
    (head, serde_json::from_slice(&body).unwrap())
}

/// The end-of-stream message, which must be the last.
async fn end_of_stream(below: Below) -> Value {
    let (head, body) = call(below, "Expand", Options::default()).await;
    assert_eq!(head.status(), 200);
    let (flags, end) = envelopes(&body).pop().unwrap();
    assert_eq!(flags, 2);
    serde_json::from_slice(&end).unwrap()
}

const TWICE: [(&str, &str); 3] = [("grpc-status", "0"), ("acme-cost", "1"), ("acme-cost", "2")];

#[tokio::test]
async fn trailing_metadata_of_a_unary_call_are_prefixed_headers() {
    let (head, body) = unary(Below::ok(1, &TWICE)).await;
    assert_eq!((head.status().as_u16(), body), (200, json!({ "text": "hi" })));
    let costs: Vec<_> = head.headers().get_all("trailer-acme-cost").iter().collect();
    assert_eq!(costs, ["1", "2"]);
    assert!(head.headers().keys().all(|name| !name.as_str().contains("grpc")));
}

#[tokio::test]
async fn trailing_metadata_of_a_stream_are_lists_in_its_last_envelope() {
    let end = end_of_stream(Below::ok(1, &TWICE)).await;
    assert_eq!(end, json!({ "metadata": { "acme-cost": ["1", "2"] } }));
}

#[tokio::test]
async fn trailing_metadata_of_an_error_are_prefixed_too() {
    let below = Below::ok(0, &[("grpc-status", "9"), ("grpc-message", "50%25%20off"), ("acme-cost", "1")]);
    let (head, body) = unary(below).await;
    assert_eq!(
        (head.status().as_u16(), body),
        (400, json!({ "code": "failed_precondition", "message": "50% off" }))
    );
    assert_eq!(head.headers()["trailer-acme-cost"], "1");
}

#[tokio::test]
async fn a_unary_answer_is_one_message() {
    for count in [0, 2] {
        let (_, body) = unary(Below::ok(count, &[("grpc-status", "0")])).await;
        assert_eq!(body["code"], "unimplemented", "{count}");
    }
}

#[tokio::test]
async fn an_answer_without_a_status_is_internal() {
    let cut_off = Below { trailers: None, ..Below::ok(1, &[]) };
    for below in [Below::ok(1, &[]), cut_off] {
        assert_eq!(unary(below.clone()).await.1["code"], "internal");
        assert_eq!(end_of_stream(below).await["error"]["code"], "internal");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_grpc_at_all_is_unknown() {
    let below = Below { status: 418, ..Below::default() };
    assert_eq!(unary(below.clone()).await.1["code"], "unknown");
    assert_eq!(end_of_stream(below).await["error"]["code"], "unknown");
}

#[tokio::test]
async fn details_that_do_not_decode_are_left_out() {
    let below = Below::ok(0, &[("grpc-status", "5"), ("grpc-status-details-bin", "////")]);
    assert_eq!(unary(below).await.1, json!({ "code": "not_found" }));
}

#[tokio::test]
async fn servers_may_reject_traffic_without_a_version() {
    let options = Options { require_version: true, ..Options::default() };
    let (head, body) = call(Below::ok(1, &TWICE), "Echo", options).await;
    assert_eq!(head.status(), 400, "{body:?}");
}
