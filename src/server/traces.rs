//! Server: traces, sent to a collector by OTLP over gRPC, where one is configured. Otherwise nothing of this runs.
//!
//! A span of a request has the method, the route and how it ended, and joins the trace of a caller who sends
//! `traceparent` (W3C Trace Context). No header, query, body, name or address goes into it.

use std::time::Duration;

use http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{Status, TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Span, Subscriber, field::Empty, info_span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};

use super::metrics::{Count, Ending};

/// What the collector knows us as, if `OTEL_SERVICE_NAME` does not say otherwise.
const SERVICE: &str = "roster";
/// How long the last spans may take at the end.
const LAST: Duration = Duration::from_secs(5);

/// Where traces go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// URL of the collector.
    pub endpoint: String,
    /// How many of a hundred traces that begin here are kept; of others, their beginning decides.
    pub sample_percent: u32,
}

/// What sends spans, until it is stopped.
#[derive(Clone, Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send, in a runtime of tokio. A collector that does not answer is told of in the log, and hinders nothing.
    ///
    /// # Errors
    /// If the endpoint cannot be one.
    pub fn start(settings: &Settings) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(&settings.endpoint).build()?;
        let share = f64::from(settings.sample_percent) / 100.0;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
        let provider = SdkTracerProvider::builder().with_sampler(sampler).with_resource(resource());
        Ok(Self(provider.with_batch_exporter(exporter).build()))
    }

    /// What turns our spans into those that are sent. Log lines stay here, since they may name somebody.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let ours = FilterFn::new(|about| about.is_span() && about.target().starts_with(SERVICE));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false)
            .with_filter(ours.with_max_level_hint(LevelFilter::DEBUG))
    }

    /// Sends what is left.
    pub async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST)).await;
        if let Ok(Err(error)) = stopped {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn resource() -> Resource {
    let builder = Resource::builder();
    let builder = match std::env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.is_empty() => builder,
        _ => builder.with_service_name(SERVICE),
    };
    builder.with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build()
}

/// The headers of a request, as the propagator reads them.
struct Carrier<'a>(&'a HeaderMap);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// The span of a request, in the trace of its caller if it has one.
pub(super) fn span(id: &str, client_request_id: Option<&str>, headers: &HeaderMap) -> Span {
    let span =
        info_span!("request", id, client_request_id, actor = Empty, token = Empty, otel.kind = "server");
    let parent = TraceContextPropagator::new().extract(&Carrier(headers));
    if parent.span().span_context().is_valid() {
        // fails only where nothing is sent
        let _ = span.set_parent(parent);
    }
    span
}

/// The trace that a span is in.
pub(super) fn trace_id(span: &Span) -> String {
    span.context().span().span_context().trace_id().to_string()
}

/// Tells the span what became of its request, in the words of OpenTelemetry's semantic conventions.
pub(super) fn end(span: &Span, count: &Count) {
    let (gateway, method) = count.names();
    let ending = count.ending();
    span.context().span().update_name(method.to_owned());
    match gateway {
        "grpc" | "grpc_web" | "connect" => of_call(span, gateway, method, ending),
        _ => of_route(span, method, ending),
    }
    if ending.is_failure() {
        span.set_status(Status::error(""));
    }
}

fn of_call(span: &Span, gateway: &str, method: &str, ending: Ending) {
    let (service, name) = method.rsplit_once('/').unwrap_or(("", method));
    let is_connect = gateway == "connect";
    span.set_attribute("rpc.system", if is_connect { "connect_rpc" } else { "grpc" });
    span.set_attribute("rpc.service", service.to_owned());
    span.set_attribute("rpc.method", name.to_owned());
    match ending {
        Ending::Code(code) if !is_connect => span.set_attribute("rpc.grpc.status_code", i64::from(code)),
        Ending::Code(0) => {}
        ending => span.set_attribute("rpc.connect_rpc.error_code", ending.name()),
    }
}

fn of_route(span: &Span, method: &str, ending: Ending) {
    let (verb, route) = method.split_once(' ').unwrap_or((method, ""));
    span.set_attribute("http.request.method", verb.to_owned());
    if route.starts_with('/') {
        span.set_attribute("http.route", route.to_owned());
    }
    if let Ending::Status(status) = ending {
        span.set_attribute("http.response.status_code", i64::from(status));
    }
}
