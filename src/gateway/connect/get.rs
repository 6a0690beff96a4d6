//! Unary calls by GET, the message in the query (Connect, "Unary-Get-Request").

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use tonic::Status;

use super::Options;
use super::codec::Codec;
use super::compression::Compression;
use super::error::Ending;
use super::request;
use super::route::{Method, Refusal};
use super::service::Call;
use super::unary::Answer;

/// "The base64-encoded message may contain padding characters."
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Connect, "Unary-Get-Request".
pub(super) async fn get(
    method: &Method,
    options: Options,
    request: Request<Body>,
    call: Call,
) -> Result<Response, Ending> {
    let (parts, _) = request.into_parts();
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    query.check_version(options)?;
    let Some(codec) = query.codec()? else { return Ok(Refusal::ContentType.answer(options)) };
    let sent = Compression::of_request(query.compression.as_deref())?;
    let encoding = Compression::of_answer(parts.headers.get(header::ACCEPT_ENCODING), sent);
    let head = request::grpc_head(parts)?;
    let data = sent.decompress(query.message()?, options.max_message)?;
    let message = codec.decode(&method.input, data, options)?;
    let mut answer = Answer { method, codec, encoding, options }.to(head, &message, call).await?;
    // what is kept for one client is none for another (RFC 9110 §12.5.5)
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(answer)
}

/// "Query-Get": parameters in any order, unknown ones allowed.
#[derive(Debug, Default)]
struct Query {
    version: Option<String>,
    base64: bool,
    compression: Option<String>,
    encoding: Option<String>,
    message: Option<String>,
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "connect" => query.version = Some(value.into_owned()),
                // "Other values for the base64 parameter will simply be ignored."
                "base64" => query.base64 = value == "1",
                "compression" => query.compression = Some(value.into_owned()),
                "encoding" => query.encoding = Some(value.into_owned()),
                "message" => query.message = Some(value.into_owned()),
                _ => {}
            }
        }
        query
    }

    /// "Servers and proxies may reject traffic without this parameter."
    fn check_version(&self, options: Options) -> Result<(), Status> {
        match self.version.as_deref() {
            Some("v1") => Ok(()),
            None if !options.require_version => Ok(()),
            _ => Err(Status::invalid_argument("connect query parameter must be \"v1\"")),
        }
    }

    /// The codec, or none if it is one that we do not have.
    fn codec(&self) -> Result<Option<Codec>, Status> {
        let name = self.encoding.as_deref();
        let name = name.ok_or_else(|| Status::invalid_argument("missing encoding query parameter"))?;
        Ok(Codec::from_name(name))
    }

    fn message(self) -> Result<Bytes, Status> {
        let text = self.message.ok_or_else(|| Status::invalid_argument("missing message query parameter"))?;
        if !self.base64 {
            return Ok(text.into());
        }
        let decoded = BASE64.decode(text);
        decoded
            .map(Bytes::from)
            .map_err(|error| Status::invalid_argument(format!("message query parameter: {error}")))
    }
}
