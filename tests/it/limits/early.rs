//! Answers that are given before the body was read: they arrive, and what is sent on is thrown away, for a while.

use std::net::SocketAddr;

use roster::domain::scim_token::ClientProfile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    PATIENCE,
    connections::{connect, status},
    frames::{DATA, END_STREAM, HEADERS, Peer, RST_STREAM, WINDOW_UPDATE},
};
use crate::{app::App, storage::Database};

const CALL: &str = "/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser";

/// A request whose body nobody wants.
struct Unwanted {
    method: &'static str,
    path: &'static str,
    media_type: &'static str,
    /// With a token of this kind.
    token: Option<String>,
    status: u16,
}

/// Each early answer, in each protocol that has it.
async fn all(app: &App) -> Vec<Unwanted> {
    let scim = app.scim_token(ClientProfile::Generic).await;
    let unwanted = |method, path, media_type, token: Option<&str>, status| Unwanted {
        method,
        path,
        media_type,
        token: token.map(str::to_owned),
        status,
    };
    let json = "application/json";
    vec![
        unwanted("POST", "/scim/v2/Bulk", json, Some(&scim), 413),
        unwanted("POST", "/scim/v2/Users/.search", json, Some(&scim), 413),
        unwanted("POST", "/scim/v2/Bulk", json, None, 401),
        unwanted("POST", "/scim/v2/Groups", json, None, 401),
        unwanted("PUT", "/scim/v2/Users", json, Some(&scim), 405),
        unwanted("PATCH", "/scim/v2/Nothing", json, Some(&scim), 404),
        unwanted("POST", "/scim/v1/Users", json, None, 404),
        unwanted("POST", "/oauth2/device/registration", json, None, 413),
        unwanted("POST", "/healthz", json, None, 405),
        unwanted("PUT", CALL, json, None, 405),
        unwanted("PUT", "/nothing", json, None, 404),
        unwanted("POST", "/no.such.Service/Method", json, None, 501),
        unwanted("POST", CALL, "text/plain", None, 415),
        unwanted("POST", CALL, json, None, 401),
        unwanted("POST", CALL, "application/proto", None, 401),
        unwanted("POST", CALL, json, Some(&app.admin_token), 429),
    ]
}

fn address(app: &App) -> SocketAddr {
    app.url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// As Python's `http.client` does: the whole body, and then a look at what the server says.
#[tokio::test]
async fn a_client_of_http_1_that_writes_all_before_it_reads_gets_its_answer() {
    let app = App::start(Database::sqlite().await).await;
    let body = vec![b' '; 17_000_000];
    for Unwanted { method, path, media_type, token, status: expected } in all(&app).await {
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\n{token}content-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = connect(address(&app), head.as_bytes()).await;
        let written = timeout(PATIENCE, stream.write_all(&body)).await.expect("taken in time");
        written.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert_eq!(status(&mut stream).await, format!("HTTP/1.1 {expected}"), "{method} {path} {media_type}");
    }
}

#[tokio::test]
async fn a_client_of_http_2_that_still_sends_gets_its_answer_and_no_reset() {
    const FRAMES: usize = 2_000_000 / 16_384;
    let app = App::start(Database::sqlite().await).await;
    for Unwanted { method, path, media_type, token, status } in all(&app).await {
        // too small to be too large
        if matches!(status, 413 | 429) {
            continue;
        }
        let mut peer = Peer::connect(address(&app), &[]).await;
        let token = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", media_type)];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        peer.ask(1, (method, path), &headers, false).await;
        let (mut sent, mut answered) = (0, false);
        // the first as the settings of the server say; the second keeps the client waiting until they are there
        let (mut of_stream, mut of_connection) = (512 << 10, 65_535);
        loop {
            // as much as the server takes (§5.2)
            while sent < FRAMES && of_stream.min(of_connection) >= 16_384 {
                (sent, of_stream, of_connection) = (sent + 1, of_stream - 16_384, of_connection - 16_384);
                let flags = if sent == FRAMES { END_STREAM } else { 0 };
                assert!(peer.send(DATA, flags, 1, &[b' '; 16_384]).await, "{method} {path}: closed");
            }
            if answered && sent == FRAMES {
                break;
            }
            let frame = peer.next().await.unwrap_or_else(|| panic!("{method} {path}: an end"));
            assert_ne!(frame.kind, RST_STREAM, "{method} {path} {media_type} after {sent} frames");
            answered |= frame.is_end();
            if let (WINDOW_UPDATE, Ok(more)) = (frame.kind, frame.payload.as_slice().try_into()) {
                let window = if frame.stream == 0 { &mut of_connection } else { &mut of_stream };
                *window += i64::from(u32::from_be_bytes(more));
            }
            assert!(frame.kind != HEADERS || frame.stream == 1);
        }
    }
}

#[tokio::test]
async fn what_is_sent_on_without_an_end_is_closed_on() {
    let app = App::start(Database::sqlite().await).await;
    let head = b"POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut stream = connect(address(&app), head).await;
    let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
    let mut sent = 0;
    while timeout(PATIENCE, stream.write_all(&chunk)).await.expect("an end in time").is_ok() {
        sent += 1;
        assert!(sent < 256, "{sent} MiB were taken");
    }
    assert!(sent >= 32, "{sent} MiB were taken");
}

/// RFC 9110 §10.1.1: who asks first is told not to send.
#[tokio::test]
async fn a_client_that_asks_first_is_not_told_to_go_on() {
    let app = App::start(Database::sqlite().await).await;
    let head =
        b"POST /scim/v2/Bulk HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 17000000\r\n\r\n";
    let mut stream: TcpStream = connect(address(&app), head).await;
    let mut text = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("the end in time").unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("HTTP/1.1 401") && !text.contains(" 100 "), "{text}");
}
