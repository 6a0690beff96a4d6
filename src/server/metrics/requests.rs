//! Each request, counted when its answer has been sent or given up.

mod series;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::Method;
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tonic::Code;

pub(in crate::server) use self::series::Ending;
use self::series::{Families, Series, of_status};
use crate::gateway::rpc::guard::Ended;

/// Verbs that are told apart; a client may write any.
const VERBS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// Counts requests; clones share the counts.
#[derive(Clone, Debug)]
pub struct Requests(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    families: Families,
    in_flight: Gauge,
    /// By the path of the method.
    rpc: HashMap<String, Protocols>,
    /// By verb, then by the route's path.
    plain: RwLock<HashMap<&'static str, HashMap<String, Arc<Series>>>>,
}

/// One method, in each protocol in which it can be called.
#[derive(Debug)]
struct Protocols {
    connect: Arc<Series>,
    grpc: Arc<Series>,
    grpc_web: Arc<Series>,
}

impl Requests {
    /// Counts those of every method in `pool`, and of every route that is met.
    pub(super) fn new(pool: &DescriptorPool, registry: &mut Registry) -> Self {
        let (families, in_flight) = (Families::register(registry), Gauge::default());
        registry.register("requests_in_flight", "Requests that are not answered yet", in_flight.clone());
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        let rpc = methods.map(|method| (path(&method), Protocols::new(&method))).collect();
        Self(Arc::new(Inner { families, in_flight, rpc, plain: RwLock::default() }))
    }

    /// Begins to count a request. What it puts into the extensions tells how a call of gRPC ended.
    pub(in crate::server) fn begin(&self, request: &mut Request) -> Count {
        let (series, ended) = match self.0.rpc(request) {
            Some(series) => {
                let ended = Ended::default();
                request.extensions_mut().insert(ended.clone());
                (series, Some(ended))
            }
            None => (self.0.plain(request), None),
        };
        self.0.in_flight.inc();
        Count { inner: Arc::clone(&self.0), series, ended, told: None, started: Instant::now() }
    }
}

/// As it stands in the line of a request.
fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

impl Protocols {
    fn new(method: &MethodDescriptor) -> Self {
        let is_timed = !method.is_client_streaming() && !method.is_server_streaming();
        let name = format!("{}/{}", method.parent_service().full_name(), method.name());
        let series = |gateway| Arc::new(Series::new(gateway, name.clone(), is_timed));
        Self { connect: series("connect"), grpc: series("grpc"), grpc_web: series("grpc_web") }
    }
}

impl Inner {
    /// The series of a request that calls a method which is served.
    fn rpc(&self, request: &Request) -> Option<Arc<Series>> {
        if !matches!(*request.method(), Method::POST | Method::GET) {
            return None;
        }
        let protocols = self.rpc.get(request.uri().path())?;
        let content_type = request.headers().get(http::header::CONTENT_TYPE);
        let content_type = content_type.map(http::HeaderValue::as_bytes).unwrap_or_default();
        let series = match content_type.strip_prefix(b"application/grpc") {
            Some(rest) if rest.starts_with(b"-web") => &protocols.grpc_web,
            Some(_) => &protocols.grpc,
            None => &protocols.connect,
        };
        Some(Arc::clone(series))
    }

    /// The series of any other request: of its route, if it has one.
    fn plain(&self, request: &Request) -> Arc<Series> {
        let verb = VERBS.into_iter().find(|verb| request.method() == *verb).unwrap_or("OTHER");
        let path = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        let known = self.plain.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(verb).and_then(|paths| paths.get(path)) {
            return Arc::clone(series);
        }
        drop(known);
        let mut known = self.plain.write().unwrap_or_else(PoisonError::into_inner);
        let series = known.entry(verb).or_default().entry(path.to_owned());
        Arc::clone(series.or_insert_with(|| {
            Arc::new(Series::new(gateway(path), format!("{verb} {path}"), path != "unmatched"))
        }))
    }
}

/// What serves a route.
fn gateway(path: &str) -> &'static str {
    match path {
        "unmatched" => "none",
        path if path.starts_with("/scim") => "scim",
        path if path.starts_with("/oauth2") => "oauth",
        _ => "ops",
    }
}

/// A request that is being served; it is counted when this is dropped, so that no way out is missed.
#[derive(Debug)]
pub struct Count {
    inner: Arc<Inner>,
    series: Arc<Series>,
    /// How a call ended, once it did; none for what is no call.
    ended: Option<Ended>,
    /// What the head of the answer tells of it.
    told: Option<Ending>,
    started: Instant,
}

impl Count {
    /// Notes the head of the answer.
    pub(in crate::server) fn note(&mut self, response: &Response) {
        let status = response.status();
        self.told = match (&self.ended, response.extensions().get::<Code>()) {
            (None, _) => Some(Ending::Status(status.as_u16())),
            (Some(_), Some(code)) => Some(Ending::Code(i32::from(*code))),
            // a refusal in front of the calls, in HTTP's own words
            (Some(_), None) if !status.is_success() => Some(of_status(status.as_u16())),
            (Some(_), None) => None,
        };
    }

    /// The gateway, and the method or route.
    pub(in crate::server) fn names(&self) -> (&'static str, &str) {
        (self.series.gateway, &self.series.method)
    }

    /// How it ended, as far as it did.
    pub(in crate::server) fn ending(&self) -> Ending {
        let ended = || self.ended.as_ref().and_then(Ended::code).map(Ending::Code);
        self.told.or_else(ended).unwrap_or(Ending::Canceled)
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.series.count(&self.inner.families, self.ending(), self.started);
        self.inner.in_flight.dec();
    }
}
