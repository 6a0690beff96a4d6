//! What an operator sees: request ids, log lines, readiness.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roster::domain::clock::SystemClock;
use roster::server::ready::Readiness;
use roster::server::shutdown::{Signals, on_signal};
use roster::services::Services;
use roster::storage::Store;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tracing::subscriber::DefaultGuard;

use super::echo::wire::echo_service_client::EchoServiceClient;
use super::echo::{EchoRequest, FailRequest};
use super::harness::{PATIENCE, Raw, Server, path};

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let server = Server::start().await;
    let given = Raw::json("Echo", "{}").header("x-request-id", "mine-1");
    let answer = server.send(&given).await;
    let own = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!((own.len(), answer.header("x-client-request-id")), (32, Some("mine-1")));
    assert_eq!(answer.json()["headers"]["x-request-id"], own);
    assert_eq!(answer.json()["headers"]["x-client-request-id"], "mine-1");
    let again = server.send(&given.clone().header("x-client-request-id", "forged")).await;
    assert_ne!(again.header("x-request-id"), Some(&*own), "an id is no request's but one");
    assert_eq!(again.header("x-client-request-id"), Some("mine-1"));
    for request in
        [Raw::new("GET", "/nowhere"), Raw::new("GET", "/healthz"), given.header("x-request-id", "second")]
    {
        assert!(server.send(&request).await.header("x-request-id").is_some());
    }
    let forged = server.send(&Raw::new("GET", "/healthz").header("x-request-id", "a b")).await;
    assert_eq!(forged.header("x-request-id").map(str::len), Some(32));
    assert_eq!(forged.header("x-client-request-id"), None);
}

/// Collects log lines.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        io::Write::write(&mut *self.0.lock().unwrap(), data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Collects what this thread logs, as JSON.
    fn collect() -> (Self, DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let logs = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone());
        (lines, tracing::subscriber::set_default(logs.finish()))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_request_is_one_log_line_without_its_secrets() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start().await;
    let target = path("Read") + "?encoding=json&message=%7B%22text%22%3A%22s3cret%22%7D";
    let request =
        Raw::new("GET", target).header("authorization", "Bearer s3cret").header("x-request-id", "id-1");
    let answer = server.send(&request).await;
    assert!(answer.text().contains("s3cret"));
    let text = lines.text();
    let logged: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [line] = logged.as_slice() else { panic!("{text}") };
    assert!(!text.contains("s3cret"), "{text}");
    assert_eq!((&line["method"], &line["path"]), (&"GET".into(), &path("Read").into()));
    let own = answer.header("x-request-id").unwrap();
    assert_eq!((&line["status"], &line["span"]["id"]), (&200.into(), &own.into()));
    assert_eq!(line["span"]["client_request_id"], "id-1");
    assert!(line["duration_ms"].is_f64());
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_a_line_without_a_status() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start().await;
    let mut client = EchoServiceClient::connect(server.url("")).await.unwrap();
    let mut same_connection = client.clone();
    // the second call is answered, so the first, which never is, has arrived
    tokio::select! {
        biased;
        answer = client.hang(EchoRequest::default()) => panic!("{answer:?}"),
        answer = same_connection.echo(EchoRequest::default()) => assert!(answer.is_ok()),
    }
    drop((client, same_connection));
    server.stop.cancel();
    timeout(PATIENCE, server.ended).await.expect("an end in time").unwrap();
    let text = lines.text();
    let line = text.lines().find(|line| line.contains(&path("Hang"))).unwrap();
    assert!(!line.contains("status"), "{line}");
}

#[tokio::test]
async fn the_log_line_of_a_stream_has_its_grpc_status() {
    let (lines, _guard) = Lines::collect();
    let server = Server::start().await;
    let mut client = EchoServiceClient::connect(server.url("")).await.unwrap();
    let fail = FailRequest { code: 7, ..FailRequest::default() };
    let mut messages = client.r#break(fail).await.unwrap().into_inner();
    while let Ok(Some(_)) = messages.message().await {}
    let text = lines.text();
    assert!(text.contains(r#""grpc_status":"7""#), "{text}");
}

#[tokio::test]
async fn a_signal_turns_readiness_off_and_stops_the_server() {
    let (readiness, stop) = (Readiness::default(), CancellationToken::new());
    readiness.mark_ready();
    let ended = tokio::spawn(on_signal(
        Signals::listen().unwrap(),
        std::time::Duration::ZERO,
        readiness.clone(),
        stop.clone(),
    ));
    let process = std::process::id().to_string();
    assert!(tokio::process::Command::new("kill").args(["-TERM", &process]).status().await.unwrap().success());
    ended.await.unwrap();
    assert!(!readiness.is_ready() && stop.is_cancelled());
}

async fn services() -> Services {
    Services::new(Store::open("sqlite::memory:").await.unwrap(), Arc::new(SystemClock))
}

#[tokio::test]
async fn grpc_health_follows_readiness() {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut client = HealthClient::new(health);
    let readiness = Readiness::default();
    let publishing =
        tokio::spawn(readiness.clone().publish(reporter, services().await, Duration::from_mins(1)));
    let mut watch = client.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    let mut seen = Vec::new();
    readiness.mark_ready();
    while seen.last() != Some(&ServingStatus::Serving) {
        seen.push(watch.message().await.unwrap().unwrap().status());
    }
    readiness.drain();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    publishing.await.unwrap();
}
