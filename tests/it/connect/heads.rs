//! Heads that two servers would read differently (RFC 9112 §3.2, §6.1, §6.3).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::harness::{PATIENCE, Server};

/// Everything that comes back for these bytes.
async fn sent(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut read)).await.expect("an end in time").unwrap();
    String::from_utf8_lossy(&read).into_owned()
}

fn post(fields: &str, body: &str) -> String {
    let path = super::harness::path("Echo");
    format!("POST {path} HTTP/1.1\r\ncontent-type: application/json\r\n{fields}\r\n{body}")
}

const CHUNKED: &str = "2\r\n{}\r\n0\r\n\r\n";

#[tokio::test]
async fn one_host_and_chunked_alone() {
    let server = Server::start().await;
    for (fields, body) in [
        ("", ""),
        ("host: a\r\nhost: a\r\ncontent-length: 2\r\n", "{}"),
        ("host: a\r\nHOST: b\r\ncontent-length: 2\r\n", "{}"),
        ("host: a, b\r\ncontent-length: 2\r\n", "{}"),
        ("host: ann@a\r\ncontent-length: 2\r\n", "{}"),
        ("host: a b\r\ncontent-length: 2\r\n", "{}"),
        ("content-length: 2\r\n", "{}"),
        ("host: a\r\ntransfer-encoding: gzip, chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: chunked, chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: identity, chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: identity\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: identity\r\ncontent-length: 2\r\n", "{}"),
        ("host: a\r\ntransfer-encoding: gzip\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: chunked;q=1\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: xchunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding:\r\n", CHUNKED),
        ("host: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n", CHUNKED),
        ("host: a\r\ntransfer-encoding: chunked\r\ncontent-length: 12\r\n", CHUNKED),
    ] {
        // what would be smuggled is not answered
        let bytes = post(fields, body) + "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let answer = sent(&server, &bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{fields:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{fields:?}: {answer}");
    }
}

#[tokio::test]
async fn what_is_well_formed_is_served_also_one_after_the_other() {
    let server = Server::start().await;
    let chunked = post("host: a:80\r\ntransfer-encoding: Chunked\r\n", CHUNKED);
    let sized = post("host: [::1]:80\r\ncontent-length: 2\r\n", "{}");
    let last = post("host: a\r\nconnection: close\r\ncontent-length: 2\r\n", "{}");
    let answer = sent(&server, &format!("{chunked}{sized}{chunked}{last}")).await;
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 4, "{answer}");
    let old = "GET /healthz HTTP/1.0\r\n\r\n";
    assert!(sent(&server, old).await.starts_with("HTTP/1.0 200 "), "HTTP/1.0 needs no Host");
    // a good request is not taken for the bad one behind it
    let bad = post("host: a\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n", CHUNKED);
    let answer = sent(&server, &format!("{sized}{bad}")).await;
    assert_eq!(
        (answer.matches("HTTP/1.1 200 ").count(), answer.matches("HTTP/1.1 400 ").count()),
        (1, 1),
        "{answer}"
    );
}

#[tokio::test]
async fn a_refused_head_has_an_id_and_a_sentence() {
    let server = Server::start().await;
    let answer = sent(&server, &post("", "")).await;
    assert!(answer.contains("x-request-id: ") && answer.ends_with("the request has no Host"), "{answer}");
}
