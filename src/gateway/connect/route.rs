//! Which protocol, codec and method a request speaks of, or how it is refused.

use std::collections::HashMap;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method as Verb, Request, StatusCode, header};
use prost_reflect::prost_types::method_options::IdempotencyLevel;
use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};
use tonic::Status;

use super::Options;
use super::codec::Codec;
use super::error::Ending;
use super::transcode::Spoken;

/// What the schema says of one method.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) input: MessageDescriptor,
    pub(super) output: MessageDescriptor,
    /// Takes a stream of messages.
    pub(super) client_streaming: bool,
    server_streaming: bool,
    /// Marked `NO_SIDE_EFFECTS`: may be called by GET.
    safe: bool,
}

impl Method {
    fn new(method: &MethodDescriptor) -> Self {
        Self {
            input: method.input(),
            output: method.output(),
            client_streaming: method.is_client_streaming(),
            server_streaming: method.is_server_streaming(),
            safe: has_no_side_effects(method),
        }
    }

    fn is_unary(&self) -> bool {
        !self.client_streaming && !self.server_streaming
    }

    fn takes_get(&self) -> bool {
        self.safe && self.is_unary()
    }
}

fn has_no_side_effects(method: &MethodDescriptor) -> bool {
    let descriptor = method.method_descriptor_proto();
    let options = descriptor.options.as_ref();
    options.is_some_and(|options| options.idempotency_level() == IdempotencyLevel::NoSideEffects)
}

/// The methods of a schema, by path.
#[derive(Debug)]
pub(super) struct Methods(HashMap<String, Arc<Method>>);

impl Methods {
    /// The methods of all services in `pool`.
    pub(super) fn new(pool: &DescriptorPool) -> Self {
        let of_service = |service: prost_reflect::ServiceDescriptor| service.methods().collect::<Vec<_>>();
        let methods = pool.services().flat_map(of_service);
        Self(methods.map(|method| (path(&method), Arc::new(Method::new(&method)))).collect())
    }

    /// Where the request goes.
    pub(super) fn route<B>(&self, request: &Request<B>) -> Result<Route, Refusal> {
        match self.0.get(request.uri().path()) {
            Some(method) => known(method, request),
            None => unknown(request),
        }
    }
}

/// Connect, "Path".
fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// A request that has an answer.
#[derive(Debug)]
pub(super) enum Route {
    /// gRPC, with the content type as the layers below spell it.
    Grpc(HeaderValue),
    /// The same of gRPC-Web.
    GrpcWeb(HeaderValue),
    /// One of both, with messages in JSON.
    Json(Arc<Method>, Spoken),
    /// Connect.
    Connect(Asked),
}

/// What a request of Connect asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// One message each way.
    Unary(Arc<Method>, Codec),
    /// The message in the query.
    Get(Arc<Method>),
    /// Enveloped messages.
    Stream(Arc<Method>, Codec),
    /// Of a method that the schema has not; with a codec when it asks for a stream.
    Unserved(Option<Codec>),
}

/// A path that the schema knows takes POST, or GET where the schema says so; tonic itself looks at neither.
fn known<B>(method: &Arc<Method>, request: &Request<B>) -> Result<Route, Refusal> {
    match *request.method() {
        Verb::POST => known_post(method, request.headers()),
        Verb::GET if method.takes_get() => Ok(Route::Connect(Asked::Get(Arc::clone(method)))),
        _ => Err(Refusal::Verb(Arc::clone(method))),
    }
}

fn known_post(method: &Arc<Method>, headers: &HeaderMap) -> Result<Route, Refusal> {
    match content_type(headers) {
        Some(ContentType::Grpc(name)) => Ok(grpc(name)),
        Some(ContentType::Json(spoken)) => Ok(Route::Json(Arc::clone(method), spoken)),
        Some(ContentType::Unary(codec)) if method.is_unary() => {
            Ok(Route::Connect(Asked::Unary(Arc::clone(method), codec)))
        }
        Some(ContentType::Stream(codec)) if !method.is_unary() => {
            Ok(Route::Connect(Asked::Stream(Arc::clone(method), codec)))
        }
        _ => Err(Refusal::ContentType),
    }
}

/// The routes below answer an unknown method.
fn unknown<B>(request: &Request<B>) -> Result<Route, Refusal> {
    match *request.method() {
        Verb::POST => match content_type(request.headers()) {
            Some(ContentType::Grpc(name)) => Ok(grpc(name)),
            Some(ContentType::Json(Spoken::Grpc)) => Ok(grpc("application/grpc")),
            Some(ContentType::Json(Spoken::Web)) => Ok(grpc("application/grpc-web+proto")),
            Some(ContentType::Stream(codec)) => Ok(Route::Connect(Asked::Unserved(Some(codec)))),
            _ => Ok(Route::Connect(Asked::Unserved(None))),
        },
        Verb::GET if is_connect_query(request.uri().query()) => Ok(Route::Connect(Asked::Unserved(None))),
        _ => Err(Refusal::Path),
    }
}

fn grpc(name: &'static str) -> Route {
    let content_type = HeaderValue::from_static(name);
    if name.starts_with("application/grpc-web") {
        Route::GrpcWeb(content_type)
    } else {
        Route::Grpc(content_type)
    }
}

fn is_connect_query(query: Option<&str>) -> bool {
    let has = |name| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(key, _)| key == name);
    has("encoding") && has("message")
}

#[derive(Debug)]
enum ContentType {
    Grpc(&'static str),
    Json(Spoken),
    Unary(Codec),
    Stream(Codec),
}

fn content_type(headers: &HeaderMap) -> Option<ContentType> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let essence = essence.trim().to_ascii_lowercase();
    if let Some(name) = grpc_type(&essence) {
        return Some(ContentType::Grpc(name));
    }
    match essence.as_str() {
        "application/grpc+json" => return Some(ContentType::Json(Spoken::Grpc)),
        "application/grpc-web+json" => return Some(ContentType::Json(Spoken::Web)),
        _ => {}
    }
    let name = essence.strip_prefix("application/")?;
    let (codec, content_type) = match name.strip_prefix("connect+") {
        Some(name) => Codec::from_name(name).map(|codec| (codec, ContentType::Stream(codec)))?,
        None => Codec::from_name(name).map(|codec| (codec, ContentType::Unary(codec)))?,
    };
    takes_parameters(codec, parameters).then_some(content_type)
}

/// tonic takes any `application/grpc+x` as if it were `+proto`, tonic-web knows exact spellings only; so the
/// sub-format is checked here, and what goes down is one of these.
fn grpc_type(essence: &str) -> Option<&'static str> {
    const NAMES: [&str; 6] = [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "application/grpc-web-text+proto",
    ];
    NAMES.into_iter().find(|name| *name == essence)
}

/// JSON is UTF-8 (RFC 8259 §8.1); a client may say so, and nothing else.
fn takes_parameters(codec: Codec, parameters: &str) -> bool {
    let parameters = parameters.trim().to_ascii_lowercase();
    let is_utf8 = matches!(parameters.as_str(), "charset=utf-8" | "charset=\"utf-8\"");
    parameters.is_empty() || (codec == Codec::Json && is_utf8)
}

/// A request that goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nothing is here, and nobody asked by Connect.
    Path,
    /// The method is not called by this verb.
    Verb(Arc<Method>),
    /// Connect, "Message-Codec": 415 if the server does not support it.
    ContentType,
}

const ACCEPT_POST: &str = "application/grpc, application/grpc+json, application/grpc-web, application/grpc-web+json, \
                           application/grpc-web-text, application/json, application/proto, \
                           application/connect+json, application/connect+proto";

impl Refusal {
    /// The answer. Its code is the one that a client gives to the HTTP status alone (Connect, "HTTP to Error Code").
    pub(super) fn answer(self, options: Options) -> Response {
        match self {
            Self::Path => StatusCode::NOT_FOUND.into_response(),
            Self::Verb(method) => {
                let allowed = if method.takes_get() { "GET, POST" } else { "POST" };
                let status = Status::unknown(format!("this method is called by {allowed} alone"));
                let mut answer = told(status, options, StatusCode::METHOD_NOT_ALLOWED);
                answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
                answer
            }
            Self::ContentType => {
                let status = Status::unknown(format!("the Content-Type must be one of {ACCEPT_POST}"));
                let mut answer = told(status, options, StatusCode::UNSUPPORTED_MEDIA_TYPE);
                answer.headers_mut().insert("accept-post", HeaderValue::from_static(ACCEPT_POST));
                answer
            }
        }
    }
}

fn told(status: Status, options: Options, http: StatusCode) -> Response {
    Ending::from(status).complete(options).into_response_as(http)
}
