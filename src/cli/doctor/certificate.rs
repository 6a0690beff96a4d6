//! The certificate and its key, as the doctor sees them (cli floor). Files that cannot be read, or do not belong together,
//! are a mistake of the configuration.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use x509_parser::{
    extensions::GeneralName,
    pem::Pem,
    prelude::{ASN1Time, X509Certificate},
};

use super::exposed::is_open;
use crate::{config::Config, services::doctor::Finding};

/// A certificate that ends sooner than this is told of.
const NOTICE: Duration = Duration::from_hours(14 * 24);
const NOBODY: &str = "no client connects: each refuses the certificate";

/// What is wrong with the files that are configured.
pub(super) fn look(config: &Config, now: SystemTime) -> Vec<Finding> {
    let (Some(certificate), Some(_)) = (&config.tls.certificate, &config.tls.key) else {
        return Vec::new();
    };
    let host = config.server.public_url.as_ref().and_then(|url| host(&url.0));
    let mut findings = of_certificate(certificate, host.as_deref(), now);
    findings.extend(of_key(config));
    findings
}

/// The machine of a URL.
fn host(url: &str) -> Option<String> {
    let url: http::Uri = url.parse().ok()?;
    Some(url.host()?.trim_matches(['[', ']']).to_owned())
}

fn of_certificate(file: &PathBuf, host: Option<&str>, now: SystemTime) -> Vec<Finding> {
    // who could not read it was told so before
    let Ok(text) = fs::read(file) else { return Vec::new() };
    let Some(Ok(pem)) = Pem::iter_from_buffer(&text).next() else { return Vec::new() };
    let Ok(certificate) = pem.parse_x509() else {
        let what = format!("{} has a certificate that is none by X.509", file.display());
        return vec![Finding::error(
            "tls-certificate",
            what,
            NOBODY,
            "let a certificate authority make it anew",
        )];
    };
    let unnamed = host.filter(|host| !is_of(&certificate, host)).map(|host| misnamed(file, host));
    validity(&certificate, file, now).into_iter().chain(unnamed).collect()
}

fn validity(certificate: &X509Certificate<'_>, file: &Path, now: SystemTime) -> Option<Finding> {
    let (validity, file) = (certificate.validity(), file.display());
    let now = i64::try_from(now.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let (begin, end) = (validity.not_before, validity.not_after);
    let at = |time: ASN1Time| time.to_string();
    let renew = "renew it; a server that runs takes the new files over by itself";
    if begin.timestamp() > now {
        let what = format!("the certificate in {file} is valid from {} on", at(begin));
        return Some(Finding::error("tls-certificate", what, NOBODY, "look at the machine's clock, or wait"));
    }
    if end.timestamp() <= now {
        let what = format!("the certificate in {file} has ended: {}", at(end));
        return Some(Finding::error("tls-certificate-ended", what, NOBODY, renew));
    }
    let notice = i64::try_from(NOTICE.as_secs()).ok()?;
    let what = || format!("the certificate in {file} ends soon: {}", at(end));
    let why = "no client connects any more from then on";
    (end.timestamp() <= now + notice).then(|| Finding::warning("tls-certificate-ends", what(), why, renew))
}

/// Whether a certificate is one of this machine (RFC 9525 §6.3): a wildcard stands for the whole first label.
fn is_of(certificate: &X509Certificate<'_>, host: &str) -> bool {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    let address = host.parse::<IpAddr>().ok().map(|address| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    });
    let above = host.split_once('.').map(|(_, above)| above);
    names.value.general_names.iter().any(|name| match name {
        GeneralName::DNSName(name) => match name.strip_prefix("*.") {
            Some(rest) => above.is_some_and(|above| above.eq_ignore_ascii_case(rest)),
            None => name.eq_ignore_ascii_case(host),
        },
        GeneralName::IPAddress(octets) => address.as_deref() == Some(*octets),
        _ => false,
    })
}

fn misnamed(file: &Path, host: &str) -> Finding {
    let what = format!(
        "the certificate in {} does not name {host}, the machine of server.public_url",
        file.display()
    );
    let why = "clients that reach the server itself refuse it; behind a proxy with a certificate of its own that is no matter";
    Finding::warning("tls-certificate", what, why, "let the certificate name it, or set server.public_url")
}

/// The key is for the server alone.
pub(in crate::cli) fn of_key(config: &Config) -> Option<Finding> {
    let file = config.tls.key.as_ref()?;
    let what = || format!("every user of this machine can read {}", file.display());
    let why = "who has the key can pretend to be the server";
    let fix = || format!("chmod o-rwx {}", file.display());
    is_open(file).then(|| Finding::warning("tls-key-open", what(), why, fix()))
}
