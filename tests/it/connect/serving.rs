//! The socket's side: HTTP versions, silent connections, and the drain.

use std::time::Duration;

use roster::server::cors::Cors;
use roster::server::listen::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::echo::EchoRequest;
use super::echo::wire::echo_service_client::EchoServiceClient;
use super::harness::{PATIENCE, Server, path};

#[tokio::test]
async fn connect_json_over_http_2() {
    let server = Server::start().await;
    let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request = http.post(server.url(&path("Echo"))).json(&serde_json::json!({ "text": "hi" }));
    let response = request.send().await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["text"], "hi");
}

#[tokio::test]
async fn a_chunked_request_is_read() {
    let server = Server::start().await;
    let chunks = futures::stream::iter(["{\"text\"", ":\"hi\"}"].map(Ok::<_, std::io::Error>));
    let body =
        reqwest::Body::wrap(http_body_util::StreamBody::new(futures::StreamExt::map(chunks, |chunk| {
            chunk.map(|chunk| http_body::Frame::data(bytes::Bytes::from(chunk)))
        })));
    let request =
        reqwest::Client::new().post(server.url(&path("Echo"))).header("content-type", "application/json");
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["text"], "hi");
}

#[tokio::test]
async fn an_early_refusal_reaches_a_client_that_is_still_sending() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("PUT {} HTTP/1.1\r\nhost: test\r\ncontent-length: 6291456\r\n\r\n", path("Echo"));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 405");
    // more than the buffers of a socket hold: it goes through only if somebody reads it
    stream.write_all(&vec![0; 6 << 20]).await.unwrap();
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn a_connection_that_sends_no_request_is_closed() {
    let quick = limits(|limits| limits.head = Duration::from_millis(50));
    let server = Server::start_with(Cors::default(), quick).await;
    for start in ["", "P", "PRI * HTTP/2.0\r\n", "GET /healthz HTTP/1.1\r\nhost"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // comes back only because the server closes
        let closed = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{start:?}");
    }
}

async fn stalled(server: &Server) -> tonic::Streaming<super::echo::EchoResponse> {
    let mut client = EchoServiceClient::connect(server.url("")).await.unwrap();
    let mut messages = client.stall(EchoRequest::default()).await.unwrap().into_inner();
    messages.message().await.unwrap().unwrap();
    messages
}

#[tokio::test]
async fn a_stopped_server_refuses_connections_and_ends_within_its_bound() {
    let bounded = limits(|limits| limits.drain = Duration::from_millis(50));
    let server = Server::start_with(Cors::default(), bounded).await;
    let mut in_flight = stalled(&server).await;
    server.stop.cancel();
    timeout(PATIENCE, server.ended).await.expect("an end in time").unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(timeout(PATIENCE, in_flight.message()).await.expect("an end in time").is_err());
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_stop() {
    let patient = limits(|limits| (limits.drain, limits.head) = (PATIENCE * 9, PATIENCE * 9));
    let server = Server::start_with(Cors::default(), patient).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    server.stop.cancel();
    timeout(PATIENCE, server.ended).await.expect("an end in time").unwrap();
}

#[tokio::test]
async fn a_request_in_flight_is_answered_after_the_stop() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 13";
    stream.write_all(format!("POST {} {head}\r\n\r\n", path("Echo")).as_bytes()).await.unwrap();
    let mut go_on = [0; 12];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100", "the handler is reading the body");
    server.stop.cancel();
    stream.write_all(br#"{"text":"hi"}"#).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("HTTP/1.1 200") && answer.contains(r#""text":"hi""#), "{answer}");
    server.ended.await.unwrap();
}
