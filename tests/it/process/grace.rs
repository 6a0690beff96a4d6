//! How a server leaves: it says so first, and closes the port after that.

use serde_json::{Value, json};

use super::Serving;

async fn status(url: &str) -> Option<u16> {
    Some(reqwest::get(url).await.ok()?.status().as_u16())
}

/// Waits until `/readyz` says that the server leaves; requests are taken all the while.
async fn leaves(serving: &Serving) {
    let url = format!("{}/readyz", serving.url);
    let mut last = status(&url).await;
    while last == Some(200) {
        tokio::task::yield_now().await;
        last = status(&url).await;
    }
    assert_eq!(last, Some(503));
}

#[tokio::test]
async fn requests_are_taken_in_the_grace_and_a_second_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--set", "drain.grace=1h"]).await;
    serving.signal("-TERM").await;
    leaves(&serving).await;
    for (path, expected) in
        [("version", 200), ("healthz", 200), ("scim/v2/ServiceProviderConfig", 200), ("readyz", 503)]
    {
        assert_eq!(status(&format!("{}/{path}", serving.url)).await, Some(expected), "{path}");
    }
    let health = reqwest::Client::new().post(format!("{}/grpc.health.v1.Health/Check", serving.url));
    let health: Value = health.json(&json!({})).send().await.unwrap().json().await.unwrap();
    assert_eq!(health, json!({ "status": "NOT_SERVING" }));
    serving.signal("-TERM").await;
    let (code, _, log) = serving.end().await;
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test]
async fn the_port_closes_after_the_grace() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--set", "drain.grace=300ms"]).await;
    serving.signal("-TERM").await;
    leaves(&serving).await;
    let begun = std::time::Instant::now();
    let (code, _, log) = serving.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(begun.elapsed().as_secs() < 20);
    assert!(log.contains("\"grace_seconds\":0.3,"), "{log}");
}

#[tokio::test]
async fn how_long_depends_on_who_started_it_and_on_the_signal() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, signal, seconds) in [
        (None, "-TERM", "0"),
        (Some("KUBERNETES_SERVICE_HOST"), "-TERM", "5"),
        (Some("INVOCATION_ID"), "-TERM", "5"),
        (Some("KUBERNETES_SERVICE_HOST"), "-INT", "0"),
    ] {
        let mut command = super::roster(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        variable.map(|name| command.env(name, "10.0.0.1"));
        let serving = Serving::of(command).await;
        serving.signal(signal).await;
        if seconds == "5" {
            leaves(&serving).await;
            serving.signal(signal).await;
        }
        let (_, _, log) = serving.end().await;
        assert!(log.contains(&format!("\"grace_seconds\":{seconds},")), "{variable:?} {signal}: {log}");
    }
}
