//! Streams that are open to everyone, and the connections on which they are.

use std::net::SocketAddr;

use serde_json::json;

use super::{
    connections::{REQUEST, connect, status},
    envelope,
    frames::{DATA, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, Peer},
};
use crate::{
    app::App,
    process::{Serving, serve::dev_token},
    storage::Database,
};

const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
const GRPC: &str = "application/grpc";

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// Opens a stream on a connection; tells whether it is served.
async fn open(peer: &mut Peer, stream: u32, path: &str, media_type: &str, token: Option<&str>) -> bool {
    let token = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", media_type), ("te", "trailers")];
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    peer.ask(stream, ("POST", path), &headers, false).await;
    // the stream of reflection is open before anything is asked
    if !REFLECTION.contains(&path) {
        let message = if media_type.ends_with("json") { b"{}".to_vec() } else { Vec::new() };
        peer.send(DATA, END_STREAM, stream, &envelope(0, &message)).await;
    }
    loop {
        let frame = peer.next().await.expect("an answer");
        if frame.stream == stream && matches!(frame.kind, HEADERS | DATA) {
            // of a refusal in Connect's form the first frame that tells is the last envelope
            let is_told = media_type == GRPC || frame.kind == DATA;
            if is_told {
                return !frame.is_end() && frame.payload.first() != Some(&0b10);
            }
        }
    }
}

#[tokio::test]
async fn streams_without_a_token_have_few_places() {
    let app = App::start(Database::sqlite().await).await;
    app.services.rate_limits().set_streams(3, 2);
    let at = address(&app.url);
    for (path, media_type) in [
        (WATCH, GRPC),
        (WATCH, "application/connect+json"),
        (WATCH, "application/connect+proto"),
        (REFLECTION[0], GRPC),
        (REFLECTION[1], GRPC),
    ] {
        let mut one = Peer::connect(at, &[]).await;
        assert!(open(&mut one, 1, path, media_type, None).await, "{path} {media_type}");
        assert!(open(&mut one, 3, path, media_type, None).await, "{path} {media_type}");
        assert!(!open(&mut one, 5, path, media_type, None).await, "a third of one connection");
        let mut same = Peer::connect(at, &[]).await;
        assert!(!open(&mut same, 1, WATCH, GRPC, None).await, "a third of one address");
        let mut other = Peer::from(at, [127, 0, 0, 2], &[]).await;
        assert!(open(&mut other, 1, path, media_type, None).await, "{path} {media_type}");
        assert!(!open(&mut other, 3, WATCH, GRPC, None).await, "a fourth in all");
        assert!(
            open(&mut same, 3, path, media_type, Some(&app.admin_token)).await,
            "who is known is not counted"
        );
        // places are free when their streams end
        drop((one, other, same));
        let limits = app.services.rate_limits();
        let take = |last: u8| limits.stream(Some([127, 0, 0, last].into()));
        while !matches!((take(1), take(1), take(2)), (Ok(_), Ok(_), Ok(_))) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn streams_without_a_token_lock_nobody_out() {
    let app = App::start_within(Database::sqlite().await, |limits| limits.connections = 40).await;
    let at = address(&app.url);
    let mut watching = Vec::new();
    for number in 0..200_u32 {
        // a stranger that takes nothing, and one that takes all
        let settings = [(INITIAL_WINDOW_SIZE, if number % 2 == 0 { 0 } else { 65_535 })];
        let mut peer = Peer::connect(at, &settings).await;
        peer.ask(1, ("POST", WATCH), &[("content-type", GRPC), ("te", "trailers")], false).await;
        peer.send(DATA, END_STREAM, 1, &envelope(0, &[])).await;
        // until it is answered, or closed on
        while peer.next().await.is_some_and(|frame| frame.stream != 1) {}
        watching.push(peer);
        if number % 10 == 0 {
            assert_eq!(status(&mut connect(at, REQUEST).await).await, "HTTP/1.1 200", "{number}");
            app.call("AuthnService/GetCurrentUser", json!({})).await;
        }
    }
}

#[tokio::test]
async fn the_port_for_metrics_tells_of_health_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let own = ["--dev", "--set", "metrics.listen=127.0.0.1:0", "--set", "limits.connections=1"];
    let mut serving = Serving::start(folder.path(), &own).await;
    let line = serving.next_line().await;
    let metrics = line.strip_prefix("metrics at ").unwrap().to_owned();
    let token = dev_token(&mut serving).await;
    // the one connection of the other port is busy, with a caller who is known
    let mut busy = Peer::connect(address(&serving.url), &[]).await;
    let path = "/roster.v1.MembershipService/WatchMemberships";
    assert!(open(&mut busy, 1, path, GRPC, Some(&token)).await);
    assert!(reqwest::get(format!("{}/healthz", serving.url)).await.is_err());
    let base = metrics.strip_suffix("/metrics").unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(reqwest::get(format!("{base}{path}")).await.unwrap().status(), 200, "{path}");
    }
}
