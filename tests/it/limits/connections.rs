//! Connections that hang on, and bodies that do not come.

use std::{net::SocketAddr, pin::Pin, sync::Arc, task::Context, task::Poll, time::Duration};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use http_body::Frame;
use roster::server::listen::{Limits, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::PATIENCE;
use crate::{app::App, storage::Database};

pub(super) const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// Serves `app` until the guard is dropped.
pub(super) async fn serving(app: Router, change: impl FnOnce(&mut Limits)) -> (SocketAddr, DropGuard) {
    let mut limits = Limits::default();
    change(&mut limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(listener, app, limits, stop.clone()));
    (address, stop.drop_guard())
}

fn healthy() -> Router {
    Router::new().route("/healthz", get(async || "ok"))
}

pub(super) async fn connect(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// The status line, of an answer that comes.
pub(super) async fn status(stream: &mut TcpStream) -> String {
    let mut start = [0; 12];
    timeout(PATIENCE, stream.read_exact(&mut start)).await.expect("an answer in time").unwrap();
    String::from_utf8(start.to_vec()).unwrap()
}

/// Waits until the server closes.
pub(super) async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // a reset is an end as well
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the end in time");
}

#[tokio::test]
async fn hanging_connections_do_not_stop_the_others() {
    let app = App::start_within(Database::sqlite().await, |limits| limits.connections = 16).await;
    let address = app.url.strip_prefix("http://").unwrap().parse().unwrap();
    let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    let body = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 9\r\n\r\n{{"
    );
    let forms: [&[u8]; 4] = [b"", b"GET /hea", body.as_bytes(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    let mut hanging = Vec::new();
    for index in 0..200 {
        hanging.push(connect(address, forms[index % forms.len()]).await);
        if index % 20 == 0 {
            let mut asking = connect(address, REQUEST).await;
            assert_eq!(status(&mut asking).await, "HTTP/1.1 200", "{index}");
        }
    }
    // the first ones have lost their places to the last ones
    for stream in hanging.iter_mut().take(150) {
        closed(stream).await;
    }
}

#[tokio::test]
async fn a_connection_is_not_closed_for_another_while_it_waits_for_its_answer() {
    let (asked, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tells, waits) = (Arc::clone(&asked), Arc::clone(&released));
    let slow = get(move || {
        let (tells, waits) = (Arc::clone(&tells), Arc::clone(&waits));
        async move {
            tells.notify_one();
            waits.notified().await;
        }
    });
    let (address, _stop) = serving(healthy().route("/slow", slow), |limits| {
        (limits.connections, limits.idle) = (1, Duration::from_millis(1));
    })
    .await;
    let mut waiting = connect(address, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    asked.notified().await;
    let mut refused = connect(address, REQUEST).await;
    closed(&mut refused).await;
    released.notify_one();
    assert_eq!(status(&mut waiting).await, "HTTP/1.1 200");
}

#[tokio::test]
async fn idle_and_beginning_have_limits_of_their_own() {
    let short = Duration::from_millis(30);
    let (address, _stop) = serving(healthy(), |limits| limits.idle = short).await;
    let mut idle = connect(address, REQUEST).await;
    assert_eq!(status(&mut idle).await, "HTTP/1.1 200");
    closed(&mut idle).await;

    let (address, _stop) = serving(healthy(), |limits| limits.head = short).await;
    let mut half = connect(address, REQUEST).await;
    assert_eq!(status(&mut half).await, "HTTP/1.1 200");
    // longer idle than a head may take
    let mut rest = vec![0; 4096];
    while timeout(short * 3, half.read(&mut rest)).await.is_ok_and(|read| read.unwrap() > 0) {}
    half.write_all(REQUEST).await.unwrap();
    assert_eq!(status(&mut half).await, "HTTP/1.1 200");
    half.write_all(b"GET /healthz HT").await.unwrap();
    closed(&mut half).await;
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_answered_in_the_protocols_own_form() {
    let app =
        App::start_within(Database::sqlite().await, |limits| limits.body = Duration::from_millis(100)).await;
    let address: SocketAddr = app.url.strip_prefix("http://").unwrap().parse().unwrap();
    let token = app.scim_token(roster::domain::scim_token::ClientProfile::Generic).await;
    let cases = [
        (
            "/scim/v2/Users",
            &token,
            "HTTP/1.1 408",
            r#""schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]"#,
        ),
        (
            "/buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser",
            &app.admin_token,
            "HTTP/1.1 504",
            r#""code":"deadline_exceeded""#,
        ),
    ];
    for (path, token, status, body) in cases {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: 100000\r\n\r\n{{"
        );
        let stream = connect(address, head.as_bytes()).await;
        let (mut answer, mut request) = stream.into_split();
        // a byte every few milliseconds, as long as somebody takes it
        let sending = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(5));
            while request.write_all(b" ").await.is_ok() {
                ticks.tick().await;
            }
        });
        let mut text = String::new();
        let mut buffer = [0; 1024];
        while !text.contains('}') {
            let count =
                timeout(PATIENCE, answer.read(&mut buffer)).await.expect("an answer in time").unwrap();
            assert!(count > 0, "{text}");
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
        assert!(text.starts_with(status) && text.contains(body), "{text}");
        sending.abort();
    }
}

/// A body without an end.
struct Endless;

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 8192])))))
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let app = Router::new().route("/endless", get(async || Body::new(Endless)));
    let (address, _stop) = serving(app, |limits| limits.write = Duration::from_millis(50)).await;
    let mut taking_nothing = connect(address, b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let ended = async { while taking_nothing.write_all(&[b'x'; 1024]).await.is_ok() {} };
    timeout(PATIENCE, ended).await.expect("the end in time");
}

#[tokio::test]
async fn the_settings_of_http_2_are_those_configured() {
    let (address, _stop) = serving(healthy(), |limits| (limits.streams, limits.head_bytes) = (7, 9000)).await;
    let mut stream = connect(address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    let mut head = [0; 9];
    timeout(PATIENCE, stream.read_exact(&mut head)).await.expect("an answer in time").unwrap();
    assert_eq!(head[3], 4, "RFC 9113 §3.4: the server's preface is a SETTINGS frame");
    let mut settings = vec![0; (usize::from(head[1]) << 8) | usize::from(head[2])];
    stream.read_exact(&mut settings).await.unwrap();
    let setting = |id: u16| {
        let found = settings.chunks(6).find(|entry| entry[..2] == id.to_be_bytes())?;
        Some(u32::from_be_bytes(found[2..6].try_into().unwrap()))
    };
    // RFC 9113 §6.5.2; what a client may send before it is read is bounded (4)
    assert_eq!((setting(3), setting(6), setting(4)), (Some(7), Some(9000), Some(512 << 10)));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let (address, _stop) = serving(healthy(), |limits| limits.head_bytes = 8192).await;
    let large = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status(&mut connect(address, large.as_bytes()).await).await, "HTTP/1.1 431");
}
