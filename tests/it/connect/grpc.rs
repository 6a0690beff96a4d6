//! gRPC over HTTP/2 without TLS, by tonic's own client and by hand.

use futures::stream;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::echo::wire::echo_service_client::EchoServiceClient;
use super::echo::{EchoRequest, FailRequest};
use super::harness::{Raw, Server, envelope, path};

async fn client(server: &Server) -> EchoServiceClient<Channel> {
    EchoServiceClient::connect(server.url("")).await.unwrap()
}

fn hi() -> EchoRequest {
    EchoRequest { text: "hi".into(), count: 2, ..EchoRequest::default() }
}

#[tokio::test]
async fn all_shapes() {
    let server = Server::start().await;
    let mut client = client(&server).await;
    assert_eq!(client.echo(hi()).await.unwrap().into_inner().text, "hi");
    assert_eq!(client.collect(stream::iter([hi(), hi()])).await.unwrap().into_inner().text, "hihi");
    let mut expanded = client.expand(hi()).await.unwrap().into_inner();
    let mut numbers = Vec::new();
    while let Some(message) = expanded.message().await.unwrap() {
        numbers.push(message.big_number);
    }
    assert_eq!(numbers, [0, 1]);
    let mut conversed = client.converse(stream::iter([hi()])).await.unwrap().into_inner();
    assert_eq!(conversed.message().await.unwrap().unwrap().text, "hi");
    assert!(conversed.message().await.unwrap().is_none());
}

#[tokio::test]
async fn errors_keep_code_text_details_and_metadata() {
    let server = Server::start().await;
    let fail = FailRequest { code: 5, message: "gone".into(), detail: "d".into(), metadata: "m".into() };
    let status = client(&server).await.fail(fail).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "gone"));
    assert!(!status.details().is_empty());
    assert_eq!(status.metadata().get("x-reason").unwrap(), "m");
}

#[tokio::test]
async fn an_oversized_message_is_resource_exhausted() {
    let server = Server::start().await;
    let large = EchoRequest { text: "x".repeat(5 << 20), ..EchoRequest::default() };
    let status = client(&server).await.echo(large).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
}

#[tokio::test]
async fn an_oversized_message_in_the_midst_of_a_stream_is_too() {
    let server = Server::start().await;
    let large = EchoRequest { text: "x".repeat(5 << 20), ..EchoRequest::default() };
    let mut answers = client(&server).await.converse(stream::iter([hi(), large])).await.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().text, "hi");
    assert_eq!(answers.message().await.unwrap_err().code(), Code::ResourceExhausted);
}

/// Sends a gRPC request as HTTP/2; gives the HTTP status and, if it is in the head, the gRPC status.
async fn by_hand(server: &Server, path: &str, headers: &[(&str, &str)]) -> (u16, Option<Status>) {
    let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut request = http.post(server.url(path)).body(envelope(0, b""));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    (response.status().as_u16(), Status::from_header_map(response.headers()))
}

const GRPC: (&str, &str) = ("content-type", "application/grpc");

#[tokio::test]
async fn a_deadline_ends_the_call_on_the_server() {
    let server = Server::start().await;
    let (http, status) = by_hand(&server, &path("Hang"), &[GRPC, ("grpc-timeout", "1m")]).await;
    assert_eq!((http, status.unwrap().code()), (200, Code::DeadlineExceeded));
}

#[tokio::test]
async fn an_unknown_method_is_status_12_and_http_200() {
    let server = Server::start().await;
    for target in ["/no.such.Service/Method", "/nothing", &path("Nothing")] {
        let (http, status) = by_hand(&server, target, &[GRPC]).await;
        assert_eq!((http, status.unwrap().code()), (200, Code::Unimplemented), "{target}");
    }
}

#[tokio::test]
async fn only_known_sub_formats_are_served() {
    let server = Server::start().await;
    assert_eq!(by_hand(&server, &path("Echo"), &[("content-type", "application/grpc+thrift")]).await.0, 415);
    assert_eq!(
        by_hand(&server, &path("Echo"), &[("content-type", "application/grpc; charset=utf-8")]).await.0,
        200
    );
}

#[tokio::test]
async fn grpc_is_called_by_post() {
    let server = Server::start().await;
    let get = Raw::new("GET", path("Read")).header("content-type", "application/grpc-web");
    let answer = server.send(&get).await;
    assert!(answer.status >= 400 && answer.json()["code"] == "invalid_argument", "{answer:?}");
}

#[tokio::test]
async fn grpc_over_http_1_has_announced_trailers() {
    let server = Server::start().await;
    let call = |method, body: &[u8]| {
        Raw::post(method, "application/grpc", envelope(0, body)).header("te", "trailers")
    };
    let answer = server.send(&call("Echo", b"\x0a\x02hi")).await;
    assert_eq!((answer.status, answer.trailer("grpc-status")), (200, Some("0")), "{answer:?}");
    let broken = server.send(&call("Break", b"\x08\x05")).await;
    assert_eq!((broken.status, broken.trailer("grpc-status")), (200, Some("5")), "{broken:?}");
    assert_eq!(server.send(&call("Fail", b"\x08\x05")).await.header("grpc-status"), Some("5"));
}
