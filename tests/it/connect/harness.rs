//! A server on a free port, and HTTP/1.1 by hand: what a polite client library would not send can be sent, and
//! what it would hide can be seen.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use prost_reflect::DescriptorPool;
use roster::gateway::connect;
use roster::server::cors::Cors;
use roster::server::forwarded::Proxies;
use roster::server::listen::{Limits, serve};
use roster::server::router::{Observers, app, rpc_stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::Routes;

use super::echo::wire::echo_service_server::EchoServiceServer;
use super::echo::{DESCRIPTORS, Echo};

async fn panics() -> StatusCode {
    panic!("as asked for")
}

/// The path of a method of the echo service.
pub(crate) fn path(method: &str) -> String {
    format!("/roster.test.v1.EchoService/{method}")
}

/// How long a failing test waits; none that passes does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it stops when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<()>,
    _guard: DropGuard,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Cors::default(), Limits::default()).await
    }

    pub(crate) async fn start_with(cors: Cors, limits: Limits) -> Self {
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .build_v1()
            .unwrap();
        let routes =
            Routes::new(EchoServiceServer::new(Echo)).add_service(reflection).prepare().into_axum_router();
        let mut pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
        pool.decode_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET).unwrap();
        let plain = Router::new().route("/healthz", get(async || "ok")).route("/panic", get(panics));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve(
            listener,
            app(
                plain,
                rpc_stack(routes, &pool, connect::Options::default(), &cors, None, connect::Gate::default()),
                &Proxies::default(),
                Observers::default(),
            ),
            limits,
            stop.clone(),
        ));
        Self { address, ended, _guard: stop.clone().drop_guard(), stop }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends one request over a connection of its own.
    pub(crate) async fn send(&self, request: &Raw) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&request.bytes()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an answer in time").unwrap();
        Answer::parse(&bytes)
    }
}

/// A request, byte by byte.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    verb: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(verb: &'static str, target: impl Into<String>) -> Self {
        Self { verb, target: target.into(), headers: vec![], body: vec![] }
    }

    /// A POST to a method of the echo service.
    pub(crate) fn post(method: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", path(method)).header("content-type", content_type).body(body)
    }

    /// The same in JSON.
    pub(crate) fn json(method: &str, body: &str) -> Self {
        Self::post(method, "application/json", body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n", self.verb, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.extend(["content-length: ", &self.body.len().to_string(), "\r\n\r\n"]);
        [head.into_bytes(), self.body.clone()].concat()
    }
}

/// Header or trailer fields, in their order.
type Fields = Vec<(String, String)>;

/// An answer, with the chunks of its body put together.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Fields,
    pub(crate) body: Vec<u8>,
    trailers: Fields,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let (head, body) = split(bytes, b"\r\n\r\n");
        let (status_line, rest) = split(head, b"\r\n");
        let status = text(status_line).split(' ').nth(1).unwrap().parse().unwrap();
        let headers = fields(rest);
        let is_chunked =
            headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let (body, trailers) = if is_chunked { unchunked(body) } else { (body.to_vec(), vec![]) };
        Self { status, headers, body, trailers }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        find(&self.trailers, name)
    }

    pub(crate) fn text(&self) -> String {
        text(&self.body)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is before the first `mark`, and what is after; all is before if there is none.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> (&'a [u8], &'a [u8]) {
    let at = bytes.windows(mark.len()).position(|part| part == mark);
    at.map_or((bytes, &[]), |at| (&bytes[..at], &bytes[at + mark.len()..]))
}

fn fields(lines: &[u8]) -> Fields {
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    text(lines).split("\r\n").filter_map(|line| line.split_once(": ").map(pair)).collect()
}

fn find<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Body and trailers.
fn unchunked(mut rest: &[u8]) -> (Vec<u8>, Fields) {
    let mut body = Vec::new();
    loop {
        let (size, chunk) = split(rest, b"\r\n");
        let size = usize::from_str_radix(&text(size), 16).unwrap();
        if size == 0 {
            return (body, fields(chunk));
        }
        body.extend_from_slice(&chunk[..size]);
        rest = &chunk[size + 2..];
    }
}

/// One message in an envelope, of Connect or gRPC.
pub(crate) fn envelope(flags: u8, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&[flags], length.as_slice(), data].concat()
}

/// The envelopes of a body.
pub(crate) fn envelopes(mut body: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut all = Vec::new();
    while let [flags, a, b, c, d, rest @ ..] = body {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        all.push((*flags, rest[..length].to_vec()));
        body = &rest[length..];
    }
    assert!(body.is_empty(), "bytes after the last envelope");
    all
}

/// One row of a table: a sentence of a specification, a request, and what shows that the sentence holds.
pub(crate) struct Case {
    pub(crate) says: &'static str,
    pub(crate) send: Raw,
    pub(crate) holds: Box<dyn Fn(&Answer) -> bool + Send>,
}

pub(crate) fn case(says: &'static str, send: Raw, holds: impl Fn(&Answer) -> bool + Send + 'static) -> Case {
    Case { says, send, holds: Box::new(holds) }
}

/// Runs a table, and tells all rows that fail.
pub(crate) async fn check(cases: Vec<Case>) {
    let server = Server::start().await;
    let mut failed = Vec::new();
    for Case { says, send, holds } in cases {
        let answer = server.send(&send).await;
        if !holds(&answer) {
            failed.push(format!(
                "{says}\n  sent {send:?}\n  got {} {:?} {}",
                answer.status,
                answer.headers,
                answer.text()
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// True for a Connect error of this HTTP status and code.
pub(crate) fn is_error(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status
        && answer.header("content-type") == Some("application/json")
        && answer.json()["code"] == code
}
