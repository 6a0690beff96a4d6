//! Where the server is and who calls: flags, environment, file, `.netrc` (cli floor).
//!
//! A token never has to be in the arguments, which others on the machine can read.

mod file;
mod netrc;
pub(super) mod tls;
mod warning;

use std::{env, fs, io::Read as _, path::PathBuf, sync::OnceLock, time::Duration};

use anyhow::Context as _;
use clap::Args;
use http::Uri;
use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};
use tower::util::MapResponse;

use super::{exit::Exit, failure::Failure, session::Session, show::Format};
use crate::config::masked;

/// Where a server listens that was told nothing else.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_mins(2);

/// What every command that asks a server takes.
#[derive(Args)]
pub(super) struct RemoteArguments {
    /// URL of the server; `https` is meant where no scheme is given [env: `ROSTER_SERVER`] [default:
    /// `http://127.0.0.1:8080`]
    #[arg(long, global = true, value_name = "URL", help_heading = "Server")]
    server: Option<String>,

    /// API token. Others on this machine can read the arguments of a process: `ROSTER_TOKEN`, --token-file or .netrc
    /// keep it to yourself [env: `ROSTER_TOKEN`]
    #[arg(long, global = true, value_name = "TOKEN", help_heading = "Server")]
    token: Option<String>,

    /// File that has the API token in it; `-` reads it from stdin [env: `ROSTER_TOKEN_FILE`]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server", conflicts_with = "token")]
    token_file: Option<PathBuf>,

    /// PEM file with further certificate authorities to trust [env: `ROSTER_CA_FILE`]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    ca_file: Option<PathBuf>,

    /// How answers, and errors, are printed
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Output")]
    pub(super) format: Format,
}

impl std::fmt::Debug for RemoteArguments {
    /// Without the token, and without what is secret in the URL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let server = self.server.as_deref().map(masked);
        f.debug_struct("RemoteArguments").field("server", &server).finish_non_exhaustive()
    }
}

impl RemoteArguments {
    /// Connects to the server as the caller.
    pub(super) async fn connect(&self) -> anyhow::Result<Session> {
        let file = file::read()?;
        let server = self.server.clone().or_else(|| variable("ROSTER_SERVER")).or(file.server.clone());
        let origin = parse_server(server.as_deref().unwrap_or(DEFAULT_SERVER))?;
        if origin.scheme_str() == Some("http") {
            // one process connects once
            let _ = PLAIN.set(origin.clone());
        }
        let token = self.token(&file, &origin)?;
        let authority =
            self.ca_file.clone().or_else(|| variable("ROSTER_CA_FILE").map(Into::into)).or(file.ca_file);
        let endpoint = Endpoint::from(origin.clone()).connect_timeout(CONNECT).timeout(ANSWER);
        let endpoint = tls::trusting(endpoint, authority.as_deref())?;
        let channel = endpoint.connect().await.map_err(|error| unreachable_server(&origin, &error))?;
        let channel = MapResponse::new(channel, warning::watch(self.format));
        Ok(Session::new(InterceptedService::new(channel, token), origin, self.format))
    }

    /// The first token that is found: of the arguments, the environment, the file, or the `.netrc`.
    fn token(&self, file: &file::ClientFile, origin: &Uri) -> anyhow::Result<Bearer> {
        if let Some(token) = &self.token {
            return Bearer::parse(token);
        }
        if let Some(path) = &self.token_file {
            return Bearer::read(path);
        }
        if let Some(token) = variable("ROSTER_TOKEN") {
            return Bearer::parse(&token);
        }
        if let Some(path) =
            variable("ROSTER_TOKEN_FILE").map(PathBuf::from).or_else(|| file.token_file.clone())
        {
            return Bearer::read(&path);
        }
        match netrc::password(origin)? {
            Some(token) => Bearer::parse(&token),
            None => Err(no_token(origin).into()),
        }
    }
}

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The caller, on every request.
#[derive(Clone)]
pub(super) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    fn parse(token: &str) -> anyhow::Result<Self> {
        let value = format!("Bearer {}", token.trim()).parse::<MetadataValue<Ascii>>();
        let mut value =
            value.map_err(|_| Failure::new(Exit::Usage, "the token has characters that no token has"))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    fn read(path: &std::path::Path) -> anyhow::Result<Self> {
        let text = if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            fs::read_to_string(path)
        };
        Self::parse(&text.with_context(|| format!("cannot read the token from {}", path.display()))?)
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A connection that says who calls, and prints the warnings of the server.
pub(super) type Transport = InterceptedService<MapResponse<Channel, warning::Watch>, Bearer>;

/// An `http` or `https` URL; a bare host is one of `https`, and of `http` where it is this machine.
fn parse_server(text: &str) -> Result<Uri, Failure> {
    let bare = text.strip_suffix('/').filter(|bare| !bare.ends_with('/'));
    let text = bare.unwrap_or(text);
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        let host = text.split(':').next().unwrap_or_default();
        let scheme = if matches!(host, "localhost" | "127.0.0.1") { "http" } else { "https" };
        format!("{scheme}://{text}")
    };
    let url = with_scheme.parse::<Uri>().ok().filter(|url| {
        let is_http = matches!(url.scheme_str(), Some("http" | "https"));
        is_http && url.host().is_some_and(|host| !host.is_empty()) && url.query().is_none()
    });
    let refused = || {
        let shown = masked(text);
        Failure::new(Exit::Usage, format!("the server must be an http or https URL, which {shown:?} is not"))
    };
    url.ok_or_else(refused)
}

fn no_token(origin: &Uri) -> Failure {
    let authority = origin.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let hint = format!(
        "set ROSTER_TOKEN, name a file with --token-file, or log in with `buf registry login {host}`; \
         `roster bootstrap` on the server's machine makes the first token"
    );
    Failure::new(Exit::Unauthenticated, format!("there is no token for {host}")).with_hint(hint)
}

fn unreachable_server(origin: &Uri, error: &tonic::transport::Error) -> Failure {
    let shown = masked(&origin.to_string());
    let chain = crate::services::chain(error);
    let hint = if tls::is_certificate(&chain) {
        "--ca-file or ROSTER_CA_FILE names the file of the certificate authority; the name in --server must be one of the \
         certificate's"
    } else if chain.contains("InvalidContentType") {
        "--server or ROSTER_SERVER says how the server is reached"
    } else {
        "--server or ROSTER_SERVER says where the server is; is it running?"
    };
    let sentence = format!("cannot reach {shown}: {}", tls::words(&chain));
    Failure::new(Exit::Unavailable, sentence).with_hint(hint)
}

/// Where this process connected to without TLS.
static PLAIN: OnceLock<Uri> = OnceLock::new();

/// The same error, unless its cause is that the server speaks TLS: then a connection without it is made, and breaks with the
/// first call.
pub(super) async fn explained(error: anyhow::Error) -> anyhow::Error {
    let is_broken = error.downcast_ref::<Status>().is_some_and(|status| {
        let is_told = !status.details().is_empty() || status.metadata().contains_key("x-request-id");
        !is_told
            && matches!(status.code(), Code::Unknown | Code::Unavailable | Code::Internal | Code::Cancelled)
    });
    let is_failure = error.downcast_ref::<Failure>().is_some_and(|failure| failure.exit == Exit::Unavailable);
    let Some(origin) = PLAIN.get().filter(|_| is_broken || is_failure) else { return error };
    if !tls::is_spoken(origin).await {
        return error;
    }
    let authority = origin.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let sentence = format!("the server at {host} speaks TLS, and was called without it");
    Failure::new(Exit::Unavailable, sentence).with_hint(format!("use https://{host}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_url_or_a_host() {
        let cases = [
            ("https://roster.example.com/", "https://roster.example.com/"),
            ("roster.example.com", "https://roster.example.com/"),
            ("roster.example.com:8443", "https://roster.example.com:8443/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("http://10.0.0.7:8080/base", "http://10.0.0.7:8080/base"),
        ];
        for (text, url) in cases {
            assert_eq!(parse_server(text).unwrap().to_string(), url);
        }
        for wrong in ["", "ftp://x", "https://", "https://x?y=z", "a b"] {
            assert!(parse_server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_secret_in_the_url_of_a_server_is_not_told() {
        for wrong in
            ["ftp://ann:s3cret@x", "https://x?token=s3cret", "https://ann:s3cret@x?y", "ann:s3cret@ x"]
        {
            let told = format!("{:?}", parse_server(wrong).unwrap_err());
            assert!(!told.contains("s3cret"), "{told}");
        }
        let told = format!("{:?}", no_token(&parse_server("https://ann:s3cret@x:8443").unwrap()));
        assert!(told.contains("x:8443") && !told.contains("s3cret"), "{told}");
    }
}
