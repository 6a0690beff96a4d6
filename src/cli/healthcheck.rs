//! `roster healthcheck`: whether the server on this machine is ready (cli floor), for images without a shell and curl.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{exit::Exit, failure::Failure, remote::tls};
use crate::{
    config::{CommonFlags, Config, Sources, masked},
    services,
};

/// How long the answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// What `healthcheck` takes.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: CommonFlags,

    /// URL of the server [default: this machine, by the port and TLS of the configuration]
    #[arg(long, value_name = "URL")]
    server: Option<String>,

    /// PEM file with further certificate authorities to trust
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Ready is no word and exit code 0; everything else is 1, as container engines know no other codes.
pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let config = Sources::of(&arguments.common).load()?.config;
    let url = arguments.server.clone().unwrap_or_else(|| local(&config));
    let asked = tokio::time::timeout(ANSWER, ask(&url, &config, arguments)).await;
    let shown = masked(&url);
    let why = match asked {
        Ok(Ok(ServingStatus::Serving)) => return Ok(()),
        Ok(Ok(_)) => "it is not ready: it starts, stops, or has no database".to_owned(),
        Ok(Err(error)) => tls::words(&services::chain(error.as_ref())),
        Err(_) => "it does not answer".to_owned(),
    };
    Err(Failure::new(Exit::Failed, format!("the server at {shown} is not well: {why}")).into())
}

/// Asks by gRPC. By TLS, this machine is asked under the name that the certificate has for others.
async fn ask(url: &str, config: &Config, arguments: &Arguments) -> anyhow::Result<ServingStatus> {
    let endpoint = Endpoint::from_shared(url.to_owned())?.connect_timeout(ANSWER).timeout(ANSWER);
    let public = config.server.public_url.as_ref().and_then(|url| url.0.parse::<http::Uri>().ok());
    let name = public.filter(|_| arguments.server.is_none()).and_then(|url| url.host().map(str::to_owned));
    let origin = endpoint.uri().clone();
    let channel = tls::trusting_as(endpoint, arguments.ca_file.as_deref(), name)?.connect().await?;
    let answer = HealthClient::with_origin(channel, origin).check(HealthCheckRequest::default()).await?;
    Ok(answer.into_inner().status())
}

/// The port of the configuration on this machine.
fn local(config: &Config) -> String {
    let (mut address, scheme) =
        (config.server.listen, if config.tls.certificate.is_some() { "https" } else { "http" });
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("{scheme}://{address}")
}
