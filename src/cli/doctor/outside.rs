//! The server as clients reach it, under its public URL (cli floor).

use std::{path::Path, time::Duration};

use tonic::transport::Endpoint;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::{
    cli::remote::tls,
    config::{Config, masked},
    services,
    services::doctor::Finding,
};

/// How long the server may take.
const ANSWER: Duration = Duration::from_secs(10);

/// Asks the server for its health under the public URL, by gRPC: name, certificate, HTTP/2 and the proxy before it
/// are tried at once.
pub(super) async fn look(config: &Config, authority: Option<&Path>) -> Option<Finding> {
    let Some(url) = config.server.public_url.as_ref().map(|url| url.0.clone()) else {
        let is_local = config.server.listen.ip().is_loopback();
        return (!is_local).then(unset);
    };
    let error = health(&url, authority).await.err()?;
    let what =
        format!("no answer by gRPC under {}: {}", masked(&url), tls::words(&services::chain(error.as_ref())));
    let why = "identity providers and clients use this URL: they reach nothing, or only half of it";
    let fix = "start the server; check the name, the certificate (--ca-file names the file of its authority), and that the proxy passes HTTP/2 on to it";
    Some(Finding::warning("public-url", what, why, fix))
}

fn unset() -> Finding {
    let what = "server.public_url is not set, and the server listens for other machines".to_owned();
    let why = "SCIM writes the address listened on into `meta.location`, which others may not reach";
    Finding::warning("public-url", what, why, "set it to the URL that the identity provider uses")
}

async fn health(url: &str, authority: Option<&Path>) -> anyhow::Result<()> {
    let endpoint = Endpoint::from_shared(url.to_owned())?.connect_timeout(ANSWER).timeout(ANSWER);
    let origin = endpoint.uri().clone();
    let channel = tls::trusting(endpoint, authority)?.connect().await?;
    HealthClient::with_origin(channel, origin).check(HealthCheckRequest::default()).await?;
    Ok(())
}
