//! Traces, as a collector gets them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value},
    trace::v1::{Span, span::SpanKind},
};
use roster::proto::buf::alpha::registry::v1alpha1::{
    GetCurrentUserRequest, authn_service_client::AuthnServiceClient,
};
use serde_json::json;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, service::Routes};

use super::{Serving, serve::dev_token};

/// The trace of a caller, and the caller's span in it.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// A collector, and all that it got.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// A collector that listens, and its URL.
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Routes::new(TraceServiceServer::new(collector.clone())).prepare().into_axum_router();
        tokio::spawn(roster::server::listen::serve(
            listener,
            routes,
            roster::server::listen::Limits::default(),
            tokio_util::sync::CancellationToken::new(),
        ));
        (collector, url)
    }

    fn spans(&self) -> Vec<Span> {
        let got = self.0.lock().unwrap();
        let scopes =
            got.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
        scopes.flat_map(|spans| spans.spans.clone()).collect()
    }

    fn resource(&self) -> BTreeMap<String, String> {
        let got = self.0.lock().unwrap();
        attributes(&got[0].resource_spans[0].resource.as_ref().unwrap().attributes)
    }
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |pair: &KeyValue| match pair.value.as_ref().unwrap().value.as_ref().unwrap() {
        any_value::Value::StringValue(text) => text.clone(),
        any_value::Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    pairs.iter().map(|pair| (pair.key.clone(), text(pair))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn find<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:?}"))
}

#[tokio::test]
async fn a_collector_gets_each_request_in_the_trace_of_its_caller() {
    let (collector, url) = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("traces.endpoint={url}");
    // whatever is logged, spans are sent
    let mut serving =
        Serving::start(folder.path(), &["--dev", "--set", &endpoint, "--set", "log.level=warn"]).await;
    let token = dev_token(&mut serving).await;
    let http = reqwest::Client::new();
    let call = |method: &str| http.post(format!("{}/buf.alpha.registry.v1alpha1.{method}", serving.url));
    let create = call("OrganizationService/CreateOrganization").bearer_auth(&token);
    let create =
        create.header("traceparent", format!("00-{TRACE}-{CALLER}-01")).header("x-request-id", "mine-7");
    let created = create.json(&json!({ "name": "acme" })).send().await.unwrap();
    assert_eq!(created.status(), 200);
    let own = created.headers()["x-request-id"].to_str().unwrap().to_owned();
    let get = call("OrganizationService/GetOrganizationByName").bearer_auth(&token);
    assert_eq!(get.json(&json!({ "name": "nowhere" })).send().await.unwrap().status(), 404);
    let users = http.get(format!("{}/scim/v2/Users/7?filter=secret", serving.url));
    assert_eq!(users.header("traceparent", "nonsense").send().await.unwrap().status(), 401);
    let mut grpc = AuthnServiceClient::connect(serving.url.clone()).await.unwrap();
    assert!(grpc.get_current_user(GetCurrentUserRequest::default()).await.is_err());
    drop(grpc);
    serving.signal("-TERM").await;
    let (code, _, stderr) = serving.end().await;
    assert_eq!(code, Some(0), "{stderr}");

    let (spans, resource) = (collector.spans(), collector.resource());
    assert_eq!(resource["service.name"], "roster");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    let create = find(&spans, "buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization");
    assert_eq!((hex(&create.trace_id), hex(&create.parent_span_id)), (TRACE.to_owned(), CALLER.to_owned()));
    assert_eq!(create.kind(), SpanKind::Server);
    let expected = [
        ("client_request_id", "mine-7"),
        ("id", &own),
        ("rpc.method", "CreateOrganization"),
        ("rpc.service", "buf.alpha.registry.v1alpha1.OrganizationService"),
        ("rpc.system", "connect_rpc"),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let mut told = attributes(&create.attributes);
    // whose it is, by ids alone
    let whose = [told.remove("actor").unwrap(), told.remove("token").unwrap()];
    assert!(whose[0].starts_with("user 0") && whose[0].len() == 37 && whose[1].len() == 32, "{whose:?}");
    assert_eq!(told, expected);
    let change = spans.iter().find(|span| span.name == "change" && span.parent_span_id == create.span_id);
    assert_eq!(hex(&change.unwrap().trace_id), TRACE);

    let get = find(&spans, "buf.alpha.registry.v1alpha1.OrganizationService/GetOrganizationByName");
    assert_eq!(attributes(&get.attributes)["rpc.connect_rpc.error_code"], "not_found");
    assert_ne!(hex(&get.trace_id), TRACE);
    let scim = find(&spans, "GET /scim/v2/Users/{id}");
    let of_scim = attributes(&scim.attributes);
    assert_eq!(of_scim["http.route"], "/scim/v2/Users/{id}");
    assert_eq!(of_scim["http.response.status_code"], "401");
    assert!(scim.parent_span_id.is_empty());
    let grpc = find(&spans, "buf.alpha.registry.v1alpha1.AuthnService/GetCurrentUser");
    assert_eq!(attributes(&grpc.attributes)["rpc.grpc.status_code"], "16");
    let all = format!("{spans:?}");
    for secret in [token.as_str(), "acme", "nowhere", "secret", "127.0.0.1"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[tokio::test]
async fn a_caller_who_keeps_no_trace_gets_none_and_a_collector_that_is_away_hinders_nothing() {
    let (collector, url) = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--set", &format!("traces.endpoint={url}")]).await;
    let version = reqwest::Client::new().get(format!("{}/version", serving.url));
    let version = version.header("traceparent", format!("00-{TRACE}-{CALLER}-00"));
    assert_eq!(version.send().await.unwrap().status(), 200);
    serving.signal("-TERM").await;
    let (code, _, stderr) = serving.end().await;
    assert_eq!(code, Some(0));
    assert!(collector.spans().iter().all(|span| hex(&span.trace_id) != TRACE));
    let line = stderr.lines().find(|line| line.contains("/version")).unwrap();
    assert!(line.contains(TRACE), "the log names the trace: {line}");

    let away = Serving::start(folder.path(), &["--set", "traces.endpoint=http://127.0.0.1:1"]).await;
    assert_eq!(reqwest::get(format!("{}/version", away.url)).await.unwrap().status(), 200);
    away.signal("-TERM").await;
    let (code, _, stderr) = away.end().await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("opentelemetry"), "nobody is told: {stderr}");
}
