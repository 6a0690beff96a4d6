//! TLS to the server: the machine's certificate authorities, and those of a file (cli floor).

use std::{fs, path::Path};

use anyhow::Context as _;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

/// `endpoint` with TLS where its URL says `https`.
pub(in crate::cli) fn trusting(endpoint: Endpoint, authority: Option<&Path>) -> anyhow::Result<Endpoint> {
    if endpoint.uri().scheme_str() != Some("https") {
        return Ok(endpoint);
    }
    let mut tls = ClientTlsConfig::new().with_native_roots();
    if let Some(path) = authority {
        let pem =
            fs::read(path).with_context(|| format!("cannot read the certificates in {}", path.display()))?;
        tls = tls.ca_certificate(Certificate::from_pem(pem));
    }
    Ok(endpoint.tls_config(tls)?)
}
