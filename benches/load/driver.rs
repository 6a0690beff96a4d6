//! Closed loops: each connection sends its next request when it has the answer to the last one.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{process::Server, report::Figures};

/// How much, and by how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) requests: usize,
}

/// How often a load is run when it is compared with another one.
const ROUNDS: usize = 5;

/// Runs two by turns, each of which does the same loads one after the other, and gives the middle of each load for both:
/// what else the machine does then meets both alike. Each is given the number of its round; the first one is a warm-up, and
/// does not count.
pub(crate) async fn by_turns<const N: usize>(
    one: impl AsyncFn(usize) -> Result<[Figures; N]>,
    other: impl AsyncFn(usize) -> Result<[Figures; N]>,
) -> Result<[(Figures, Figures); N]> {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        ones.push(one(round).await?);
        others.push(other(round).await?);
    }
    let middle = |runs: &[[Figures; N]], at: usize| {
        let load = runs.iter().skip(1).filter_map(|run| run.get(at).copied());
        Figures::middle(&load.collect::<Vec<_>>())
    };
    let pairs = (0..N).map(|at| Ok((middle(&ones, at)?, middle(&others, at)?)));
    pairs.collect::<Result<Vec<_>>>()?.try_into().ok().context("a load is missing")
}

/// An HTTP/1.1 connection that is kept open.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    address: String,
    token: String,
    user_agent: Option<&'static str>,
    content_type: &'static str,
}

impl Connection {
    pub(crate) async fn open(address: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (address, token) = (address.to_owned(), token.to_owned());
        Ok(Self { sender, address, token, user_agent: None, content_type: "application/scim+json" })
    }

    /// Sends bodies of another media type than SCIM's.
    pub(crate) fn speaking(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }

    /// Tells the server what it is.
    pub(crate) fn named(self, user_agent: Option<&'static str>) -> Self {
        Self { user_agent, ..self }
    }

    /// The body of the answer, which must be a success.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: impl Into<Bytes>) -> Result<Bytes> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.address);
        if let Some(name) = self.user_agent {
            request = request.header("user-agent", name);
        }
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("content-type", self.content_type).body(Full::new(body.into()))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// Runs `step` for every number below the load's requests, over connections that `open` makes.
pub(crate) async fn drive<C, O, OF, S>(server: &Server, load: Load, open: O, step: S) -> Result<Figures>
where
    C: Send + 'static,
    O: Fn() -> OF,
    OF: Future<Output = Result<C>>,
    S: AsyncStep<C>,
{
    let (next, step) = (Arc::new(AtomicUsize::new(0)), Arc::new(step));
    let mut connections = Vec::new();
    for _ in 0..load.connections {
        connections.push(open().await?);
    }
    let (cpu, started) = (server.cpu(), Instant::now());
    let tasks = connections.into_iter().map(|connection| {
        let (next, step) = (next.clone(), step.clone());
        tokio::spawn(run(connection, next, load.requests, step))
    });
    let mut times = Vec::with_capacity(load.requests);
    for task in tasks.collect::<Vec<_>>() {
        times.extend(task.await??);
    }
    Figures::of(times, started.elapsed(), server.cpu().saturating_sub(cpu), server.peak_memory())
}

async fn run<C, S: AsyncStep<C>>(
    mut connection: C,
    next: Arc<AtomicUsize>,
    requests: usize,
    step: Arc<S>,
) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= requests {
            return Ok(times);
        }
        let started = Instant::now();
        step.step(&mut connection, index).await?;
        times.push(started.elapsed());
    }
}

/// One request of a load.
pub(crate) trait AsyncStep<C>: Send + Sync + 'static {
    fn step(&self, connection: &mut C, index: usize) -> impl Future<Output = Result<()>> + Send;
}

/// A request over HTTP/1.1: method, path and body for a number.
pub(crate) struct Http<F>(pub(crate) F);

impl<F> AsyncStep<Connection> for Http<F>
where
    F: Fn(usize) -> (&'static str, String, String) + Send + Sync + 'static,
{
    async fn step(&self, connection: &mut Connection, index: usize) -> Result<()> {
        let (method, path, body) = (self.0)(index);
        connection.send(method, &path, body).await.map(drop)
    }
}

/// [`drive`] over HTTP/1.1.
pub(crate) async fn drive_http<F>(server: &Server, load: Load, token: &str, request: F) -> Result<Figures>
where
    F: Fn(usize) -> (&'static str, String, String) + Send + Sync + 'static,
{
    drive(server, load, || Connection::open(&server.address, token), Http(request)).await
}
