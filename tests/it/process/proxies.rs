//! Who is believed about the client's address.

use serde_json::Value;

use super::Serving;

/// The address in the log, of a request that claims to come from another.
async fn logged(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), arguments).await;
    let request = reqwest::Client::new().get(format!("{}/version", serving.url));
    let request = request.header("x-forwarded-for", "198.51.100.1, 203.0.113.9");
    assert_eq!(request.send().await.unwrap().status(), 200);
    serving.signal("-TERM").await;
    let (_, _, log) = serving.end().await;
    let line: Value =
        serde_json::from_str(log.lines().find(|line| line.contains("/version")).unwrap()).unwrap();
    line["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_client() {
    assert_eq!(logged(&["--set", "proxy.trusted=10.0.0.0/8,127.0.0.0/8"]).await, "203.0.113.9");
    assert_eq!(logged(&["--set", "proxy.trusted=10.0.0.0/8"]).await, "127.0.0.1");
    assert_eq!(logged(&[]).await, "127.0.0.1");
}
