//! A stream of memberships by each of the three protocols; what ends it is read from the bytes where a client would
//! hide them.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue};
use prost::Message;
use roster::proto::roster::v1::{
    MembershipChange, WatchMembershipsRequest, WatchMembershipsResponse,
    membership_service_client::MembershipServiceClient, watch_memberships_response::Event,
};
use serde_json::Value;
use tonic::{Code, Request, Status, Streaming, transport::Channel};

use super::details::{reason_in, reason_of};

/// How a stream is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    GrpcWeb,
    Connect,
}

/// All three.
pub(crate) const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::GrpcWeb, Protocol::Connect];

/// How a stream ended: the code, and the reason for machines.
pub(crate) type Ending = (Code, String);

/// A stream under way.
pub(crate) enum Stream {
    Grpc(Box<Streaming<WatchMembershipsResponse>>),
    Http { response: reqwest::Response, buffer: Vec<u8>, connect: bool },
}

impl Stream {
    /// Begins to watch at the server at `url`, with an API token.
    pub(crate) async fn open(
        protocol: Protocol,
        url: &str,
        token: &str,
        wish: &WatchMembershipsRequest,
    ) -> Result<Self, Ending> {
        Self::try_open(protocol, url, token, wish).await.expect("a server")
    }

    /// The same; nothing when there is no server.
    pub(crate) async fn try_open(
        protocol: Protocol,
        url: &str,
        token: &str,
        wish: &WatchMembershipsRequest,
    ) -> Option<Result<Self, Ending>> {
        let content_type = match protocol {
            Protocol::Grpc => return open_grpc(url, token, wish).await,
            Protocol::GrpcWeb => "application/grpc-web+proto",
            Protocol::Connect => "application/connect+proto",
        };
        let data = wish.encode_to_vec();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let call = reqwest::Client::new()
            .post(format!("{url}/roster.v1.MembershipService/WatchMemberships"))
            .header("content-type", content_type)
            .bearer_auth(token)
            .body([&[0], length.as_slice(), &data].concat());
        let response = call.send().await.ok()?;
        assert_eq!(response.status(), 200);
        let status = Status::from_header_map(response.headers()).filter(|status| status.code() != Code::Ok);
        let opened = Self::Http { response, buffer: Vec::new(), connect: protocol == Protocol::Connect };
        Some(status.map_or(Ok(opened), |status| Err(ending(&status))))
    }

    /// The next message, or how the stream ended.
    pub(crate) async fn next(&mut self) -> Result<WatchMembershipsResponse, Ending> {
        self.try_next().await.expect("an end of the stream by its protocol")
    }

    /// The same; nothing when the connection broke.
    pub(crate) async fn try_next(&mut self) -> Option<Result<WatchMembershipsResponse, Ending>> {
        match self {
            Self::Grpc(stream) => match stream.message().await {
                Ok(message) => Some(Ok(message.expect("an ending with an error"))),
                Err(status) => (!status.details().is_empty()).then(|| Err(ending(&status))),
            },
            Self::Http { response, buffer, connect } => {
                let (flags, data) = frame(response, buffer).await?;
                Some(match (flags, *connect) {
                    (0, _) => Ok(WatchMembershipsResponse::decode(data.as_slice()).unwrap()),
                    (2, true) => Err(end_of_connect(&data)),
                    (0x80, false) => Err(end_of_web(&data)),
                    other => panic!("{other:?}"),
                })
            }
        }
    }

    /// The next change with its revision; heartbeats are passed over.
    pub(crate) async fn change(&mut self) -> Result<(MembershipChange, u64), Ending> {
        loop {
            let message = self.next().await?;
            match message.event.unwrap() {
                Event::Change(change) => return Ok((change, message.revision)),
                Event::Heartbeat(_) => {}
                Event::Snapshot(_) => panic!("a snapshot that nobody asked for"),
            }
        }
    }

    /// How the stream ends; changes and heartbeats before that are passed over.
    pub(crate) async fn ending(&mut self) -> Ending {
        loop {
            if let Err(ending) = self.next().await {
                return ending;
            }
        }
    }
}

async fn open_grpc(url: &str, token: &str, wish: &WatchMembershipsRequest) -> Option<Result<Stream, Ending>> {
    let channel = Channel::from_shared(url.to_owned()).unwrap().connect().await.ok()?;
    let mut request = Request::new(wish.clone());
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let opened = MembershipServiceClient::new(channel).watch_memberships(request).await;
    Some(opened.map(|stream| Stream::Grpc(Box::new(stream.into_inner()))).map_err(|status| ending(&status)))
}

/// The next envelope; nothing when the connection broke.
async fn frame(response: &mut reqwest::Response, buffer: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    loop {
        if let [flags, a, b, c, d, rest @ ..] = buffer.as_slice() {
            let (flags, length) = (*flags, u32::from_be_bytes([*a, *b, *c, *d]) as usize);
            if rest.len() >= length {
                let data = rest[..length].to_vec();
                buffer.drain(..5 + length);
                return Some((flags, data));
            }
        }
        buffer.extend_from_slice(&response.chunk().await.ok()??);
    }
}

/// gRPC-Web: trailers are a frame of header lines.
fn end_of_web(data: &[u8]) -> Ending {
    let text = String::from_utf8(data.to_vec()).unwrap();
    let mut trailers = HeaderMap::new();
    for (name, value) in text.split("\r\n").filter_map(|line| line.split_once(':')) {
        let name: HeaderName = name.trim().parse().unwrap();
        trailers.insert(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    ending(&Status::from_header_map(&trailers).unwrap())
}

/// Connect, "Error and `EndStreamResponse`".
pub(crate) fn end_of_connect(data: &[u8]) -> Ending {
    let end: Value = serde_json::from_slice(data).unwrap();
    let code = match end["error"]["code"].as_str().unwrap() {
        "unauthenticated" => Code::Unauthenticated,
        "permission_denied" => Code::PermissionDenied,
        "not_found" => Code::NotFound,
        "out_of_range" => Code::OutOfRange,
        "failed_precondition" => Code::FailedPrecondition,
        "resource_exhausted" => Code::ResourceExhausted,
        "unavailable" => Code::Unavailable,
        other => panic!("{other}"),
    };
    let details = end["error"]["details"].as_array().unwrap();
    let info = details.iter().find(|detail| detail["type"] == "google.rpc.ErrorInfo").unwrap();
    let value = BASE64_STANDARD_NO_PAD.decode(info["value"].as_str().unwrap()).unwrap();
    (code, reason_in(&value))
}

fn ending(status: &Status) -> Ending {
    (status.code(), reason_of(status))
}
