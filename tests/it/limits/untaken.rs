//! Clients of HTTP/2 that take nothing of an answer: they end as those of HTTP/1.1 do.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::{sync::Notify, time::timeout};

use super::{
    connections::serving,
    frames::{DATA, INITIAL_WINDOW_SIZE, Peer, WINDOW_UPDATE},
};

const WRITE: Duration = Duration::from_millis(100);
const LARGE: usize = 1 << 20;

fn answers() -> Router {
    let large = get(async || vec![b'x'; LARGE]);
    let pieces = get(async || {
        Body::from_stream(stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 100]))))
    });
    Router::new().route("/large", large).route("/pieces", pieces).route("/small", get(async || "ok"))
}

#[tokio::test]
async fn a_client_of_http_2_that_takes_nothing_of_an_answer_ends() {
    let (address, _stop) = serving(answers(), |limits| limits.write = WRITE).await;
    // the path, and how much the client takes of it before it stops
    for (path, window) in [
        ("/large", 0),
        ("/large", 1),
        ("/large", 70),
        ("/large", 65_535),
        ("/large", 500_000),
        ("/pieces", 0),
        ("/pieces", 150),
        ("/small", 0),
    ] {
        let mut peer = Peer::connect(address, &[(INITIAL_WINDOW_SIZE, window)]).await;
        peer.send(WINDOW_UPDATE, 0, 0, &(1_u32 << 20).to_be_bytes()).await;
        peer.ask(1, ("GET", path), &[], true).await;
        let taken: usize = peer
            .rest()
            .await
            .iter()
            .filter(|frame| frame.kind == DATA)
            .map(|frame| frame.payload.len())
            .sum();
        assert_eq!(taken, window as usize, "{path}");
    }
}

#[tokio::test]
async fn one_answer_that_is_left_while_others_are_taken_ends_the_connection_as_well() {
    let (address, _stop) = serving(answers(), |limits| limits.write = WRITE).await;
    let mut peer = Peer::connect(address, &[(INITIAL_WINDOW_SIZE, 2)]).await;
    peer.ask(1, ("GET", "/large"), &[], true).await;
    // one small answer after the other, as long as anybody serves them
    let mut stream = 3;
    peer.ask(stream, ("GET", "/small"), &[], true).await;
    while let Some(frame) = peer.next().await {
        if frame.stream == stream && frame.is_end() {
            stream += 2;
            peer.ask(stream, ("GET", "/small"), &[], true).await;
        }
    }
    assert!(stream > 3, "others were taken");
}

#[tokio::test]
async fn a_client_of_http_2_that_takes_slowly_goes_on() {
    let (address, _stop) = serving(answers(), |limits| limits.write = WRITE).await;
    let mut peer = Peer::connect(address, &[(INITIAL_WINDOW_SIZE, 16_384)]).await;
    peer.ask(1, ("GET", "/large"), &[], true).await;
    let mut taken = 0;
    while let Some(frame) = peer.next().await {
        taken += if frame.kind == DATA { frame.payload.len() } else { 0 };
        if frame.is_end() {
            break;
        }
        let more = u32::try_from(frame.payload.len().max(1)).unwrap().to_be_bytes();
        for stream in [0, 1] {
            peer.send(WINDOW_UPDATE, 0, stream, &more).await;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(taken, LARGE);
}

#[tokio::test]
async fn a_stream_that_waits_for_the_server_is_not_one_that_takes_nothing() {
    let go_on = Arc::new(Notify::new());
    let waits = Arc::clone(&go_on);
    let slow = get(move || {
        let first = stream::iter([Bytes::from_static(b"first")]);
        let then = stream::once(async move {
            waits.notified().await;
            Bytes::from_static(b"last")
        });
        std::future::ready(Body::from_stream(first.chain(then).map(Ok::<_, Infallible>)))
    });
    let (address, _stop) = serving(Router::new().route("/slow", slow), |limits| limits.write = WRITE).await;
    let mut peer = Peer::connect(address, &[]).await;
    peer.ask(1, ("GET", "/slow"), &[], true).await;
    while peer.next().await.unwrap().payload != b"first" {}
    assert!(timeout(WRITE * 4, peer.next()).await.is_err(), "it is served on");
    go_on.notify_one();
    while peer.next().await.unwrap().payload != b"last" {}
}
