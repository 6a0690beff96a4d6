//! `/metrics`: what is told, to whom, and that the dashboard and the alerts read what is there.

mod promql;

use std::collections::BTreeSet;

use roster::proto::buf::alpha::registry::v1alpha1::{
    GetCurrentUserRequest, authn_service_client::AuthnServiceClient,
};
use serde_json::{Value, json};

use super::{Serving, serve::dev_token};

/// Requests of each gateway and each protocol, some of them refused. The API token and the SCIM token.
async fn traffic(serving: &mut Serving) -> [String; 2] {
    let token = dev_token(serving).await;
    let http = reqwest::Client::new();
    let rpc = |method: &str, body: Value| {
        let url = format!("{}/buf.alpha.registry.v1alpha1.{method}", serving.url);
        http.post(url).bearer_auth(&token).json(&body).send()
    };
    let made: Value = rpc("SCIMTokenService/CreateSCIMToken", json!({})).await.unwrap().json().await.unwrap();
    let scim_token = made["token"].as_str().unwrap().to_owned();
    for (method, body, status) in [
        ("OrganizationService/CreateOrganization", json!({ "name": "acme" }), 200),
        ("OrganizationService/GetOrganizationByName", json!({ "name": "nowhere" }), 404),
        ("OrganizationService/GetOrganizationByName", json!({ "name": 1 }), 400),
        ("SCIMTokenService/NoSuchMethod", json!({}), 501),
    ] {
        assert_eq!(rpc(method, body).await.unwrap().status(), status, "{method}");
    }
    let mut grpc = AuthnServiceClient::connect(serving.url.clone()).await.unwrap();
    assert!(grpc.get_current_user(GetCurrentUserRequest::default()).await.is_err());
    let users = format!("{}/scim/v2/Users", serving.url);
    let scim = |request: reqwest::RequestBuilder| request.bearer_auth(&scim_token).send();
    let user =
        |name: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
    assert_eq!(scim(http.post(&users).json(&user("ann@example.com"))).await.unwrap().status(), 201);
    assert_eq!(scim(http.get(format!("{users}?filter=nonsense"))).await.unwrap().status(), 400);
    let operations =
        json!([{ "method": "POST", "path": "/Users", "bulkId": "1", "data": user("bob@example.com") }]);
    let bulk =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    let bulk = scim(http.post(format!("{}/scim/v2/Bulk", serving.url)).json(&bulk)).await.unwrap();
    assert_eq!(bulk.status(), 200);
    [token, scim_token]
}

/// What is told in the older format.
async fn read(serving: &Serving) -> String {
    let answer = reqwest::get(format!("{}/metrics", serving.url)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    answer.text().await.unwrap()
}

/// The same, once every answer is counted: a client may have the end of one before the server has.
async fn settled(serving: &Serving) -> String {
    loop {
        let text = read(serving).await;
        if text.contains("\nroster_requests_in_flight 1\n") {
            return text;
        }
    }
}

#[tokio::test]
async fn every_request_is_counted_and_nobody_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    let secrets = traffic(&mut serving).await;
    let text = settled(&serving).await;
    let alpha = "buf.alpha.registry.v1alpha1";
    for line in [
        r#"roster_requests_total{gateway="scim",method="POST /scim/v2/Users",code="201"} 1"#.to_owned(),
        r#"roster_requests_total{gateway="scim",method="GET /scim/v2/Users",code="400"} 1"#.to_owned(),
        format!(
            r#"roster_requests_total{{gateway="connect",method="{alpha}.SCIMTokenService/CreateSCIMToken",code="ok"}} 1"#
        ),
        format!(
            r#"roster_requests_total{{gateway="connect",method="{alpha}.OrganizationService/GetOrganizationByName",code="not_found"}} 1"#
        ),
        format!(
            r#"roster_requests_total{{gateway="connect",method="{alpha}.OrganizationService/GetOrganizationByName",code="invalid_argument"}} 1"#
        ),
        format!(
            r#"roster_requests_total{{gateway="grpc",method="{alpha}.AuthnService/GetCurrentUser",code="unauthenticated"}} 1"#
        ),
        format!(
            r#"roster_request_duration_seconds_count{{gateway="grpc",method="{alpha}.AuthnService/GetCurrentUser"}} 1"#
        ),
        r#"roster_requests_total{gateway="none",method="POST unmatched",code="501"} 1"#.to_owned(),
        r#"roster_scim_operations_total{method="POST",resource="User",outcome="done"} 2.0"#.to_owned(),
        r#"roster_scim_operations_total{method="POST",resource="Bulk",outcome="done"} 1.0"#.to_owned(),
        r#"roster_scim_operations_total{method="GET",resource="User",outcome="refused"} 1.0"#.to_owned(),
        r#"roster_scim_errors_total{status="400",scim_type="invalidFilter"} 1.0"#.to_owned(),
        r#"roster_provisioning_changes_total{change="users_created"} 2.0"#.to_owned(),
        r#"roster_membership_changes_total{change="added"} 1.0"#.to_owned(),
        "roster_watch_readers 0.0".to_owned(),
        "roster_provisioning_log_lost_total 0.0".to_owned(),
        "roster_requests_in_flight 1".to_owned(),
        r#"roster_database_connections{pool="write",state="max"} 1.0"#.to_owned(),
        format!(r#"roster_build_info{{version="{}"}} 1.0"#, env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    for secret in secrets.iter().map(String::as_str).chain(["ann", "acme", "nonsense", "NoSuchMethod"]) {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn a_stream_counts_as_a_reader_and_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    let token = dev_token(&mut serving).await;
    let method = "roster.v1.MembershipService/WatchMemberships";
    let frame = [&[0_u8, 0, 0, 0, 2][..], b"{}"].concat();
    let request = reqwest::Client::new().post(format!("{}/{method}", serving.url)).bearer_auth(token);
    let request = request.header("content-type", "application/connect+json").body(frame);
    let mut stream = request.send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    assert!(read(&serving).await.contains("roster_watch_readers 1.0\n"));
    drop(stream);
    let counted =
        format!(r#"roster_requests_total{{gateway="connect",method="{method}",code="canceled"}} 1"#);
    loop {
        let text = read(&serving).await;
        if text.contains("roster_watch_readers 0.0\n") && text.contains(&counted) {
            assert!(!text.contains(&format!(r#"method="{method}",le="#)), "{text}");
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// The status, and whether metrics are told.
async fn ask(url: &str, token: Option<&str>) -> (u16, bool) {
    let request = reqwest::Client::new().get(url);
    let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap().contains("roster_build_info"))
}

#[tokio::test]
async fn metrics_are_for_those_who_may() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Serving::start(folder.path(), &["--dev"]).await;
    let admin = dev_token(&mut dev).await;
    drop(dev);
    let told = "only-for-prometheus";
    let own = ["--set", "metrics.token=only-for-prometheus"];
    let serving = Serving::start(folder.path(), &own).await;
    let url = format!("{}/metrics", serving.url);
    assert_eq!(ask(&url, None).await, (401, false));
    assert_eq!(ask(&url, Some("only-for-prometheuS")).await, (401, false));
    assert_eq!(ask(&url, Some(told)).await, (200, true));
    assert_eq!(ask(&url, Some(&admin)).await, (200, true));
    let closed = Serving::start(folder.path(), &["--set", "metrics.enabled=false"]).await;
    assert_eq!(ask(&format!("{}/metrics", closed.url), Some(&admin)).await, (404, false));

    let mut apart = Serving::start(folder.path(), &["--set", "metrics.listen=127.0.0.1:0"]).await;
    let line = apart.lines.next_line().await.unwrap().unwrap();
    let place = line.strip_prefix("metrics at ").unwrap();
    assert_eq!(ask(place, None).await, (200, true));
    assert_eq!(ask(&format!("{}/metrics", apart.url), Some(&admin)).await, (404, false));
    let mut both =
        Serving::start(folder.path(), &[&own[..], &["--set", "metrics.listen=127.0.0.1:0"]].concat()).await;
    let line = both.lines.next_line().await.unwrap().unwrap();
    let place = line.strip_prefix("metrics at ").unwrap();
    assert_eq!(ask(place, None).await, (401, false));
    assert_eq!(ask(place, Some(told)).await, (200, true));
}

/// The expressions of the dashboard, and the labels that its legends show.
fn dashboard() -> Vec<(String, String)> {
    let dashboard: Value = serde_json::from_str(include_str!("../../../deploy/grafana/roster.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    targets.map(|target| (text(&target["expr"]), text(&target["legendFormat"]))).collect()
}

/// The expressions of the alerts.
fn alerts() -> Vec<String> {
    let rules = include_str!("../../../deploy/prometheus/roster.rules.yaml");
    rules.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_read_metrics_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path(), &["--dev"]).await;
    traffic(&mut serving).await;
    let there = promql::exposed(&settled(&serving).await);
    let (dashboard, alerts) = (dashboard(), alerts());
    assert!(dashboard.len() > 20 && alerts.len() > 4, "{dashboard:?} {alerts:?}");
    for (expression, legend) in &dashboard {
        promql::check(expression, &there);
        for label in legend.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()) {
            assert!(promql::has_label(expression, &there, label), "{legend}: {expression}");
        }
    }
    for expression in &alerts {
        promql::check(expression, &there);
    }
    let shown: BTreeSet<_> =
        dashboard.iter().flat_map(|(text, _)| promql::selectors(text)).map(|read| read.family()).collect();
    let ours = there.keys().filter(|name| name.starts_with("roster_"));
    let unseen: Vec<_> = ours.filter(|name| !shown.contains(promql::family(name))).collect();
    assert!(unseen.is_empty(), "no panel shows {unseen:?}");
}
