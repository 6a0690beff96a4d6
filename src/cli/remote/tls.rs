//! TLS to the server: the machine's certificate authorities, and those of a file (cli floor).

use std::{fs, path::Path, time::Duration};

use anyhow::Context as _;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

/// How long it may take to find out whether TLS is spoken.
const PROBE: Duration = Duration::from_secs(3);

/// `endpoint` with TLS where its URL says `https`.
pub(in crate::cli) fn trusting(endpoint: Endpoint, authority: Option<&Path>) -> anyhow::Result<Endpoint> {
    trusting_as(endpoint, authority, None)
}

/// The same, with a certificate of this name.
pub(in crate::cli) fn trusting_as(
    endpoint: Endpoint,
    authority: Option<&Path>,
    name: Option<String>,
) -> anyhow::Result<Endpoint> {
    if endpoint.uri().scheme_str() != Some("https") {
        return Ok(endpoint);
    }
    let mut tls = ClientTlsConfig::new().with_native_roots();
    if let Some(path) = authority {
        let pem =
            fs::read(path).with_context(|| format!("cannot read the certificates in {}", path.display()))?;
        tls = tls.ca_certificate(Certificate::from_pem(pem));
    }
    if let Some(name) = name {
        tls = tls.domain_name(name);
    }
    Ok(endpoint.tls_config(tls)?)
}

/// What a chain of errors of a connection means: its own words are those of a library.
pub(in crate::cli) fn words(chain: &str) -> String {
    let told = if chain.contains("UnknownIssuer") {
        "the certificate is not trusted: no certificate authority that is known here has issued it"
    } else if chain.contains("NotValidForName") || chain.contains("not valid for name") {
        "the certificate is that of another name"
    } else if chain.contains("Expired") || chain.contains("certificate expired") {
        "the certificate has expired"
    } else if chain.contains("invalid peer certificate") {
        "the certificate is not trusted"
    } else if chain.contains("InvalidContentType") {
        "the port does not speak TLS: use http://"
    } else {
        return chain.to_owned();
    };
    format!("{told} ({chain})")
}

/// Whether it is the certificate that keeps a connection from being made.
pub(super) fn is_certificate(chain: &str) -> bool {
    chain.contains("invalid peer certificate") || chain.contains("UnknownIssuer")
}

/// Whether TLS is spoken where `origin`, which says `http`, leads: then a handshake begins, whatever becomes of the certificate.
pub(super) async fn is_spoken(origin: &http::Uri) -> bool {
    let Some(authority) = origin.authority() else { return false };
    let Ok(endpoint) = Endpoint::from_shared(format!("https://{authority}")) else { return false };
    let Ok(endpoint) = trusting(endpoint.connect_timeout(PROBE), None) else { return false };
    match tokio::time::timeout(PROBE, endpoint.connect()).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => is_certificate(&crate::services::chain(&error)),
        Err(_) => false,
    }
}
