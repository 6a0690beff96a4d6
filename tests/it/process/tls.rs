//! TLS, and the exchange of the certificate.

use std::{fs, path::Path, sync::Arc, time::Duration};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};

use super::{Serving, run};

const PATIENCE: Duration = Duration::from_secs(20);
const FILES: [&str; 4] = ["--set", "tls.certificate=certificate.pem", "--set", "tls.key=key.pem"];

/// Writes a new certificate for `localhost` with its key, and tells it.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    cert.der().clone()
}

/// A connection to a server that must have this certificate.
async fn connect(
    serving: &Serving,
    trusted: &CertificateDer<'static>,
    protocol: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(serving.url.strip_prefix("https://").unwrap()).await?;
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await
}

async fn start(folder: &Path, more: &[&str]) -> Serving {
    Serving::start(folder, &[&FILES, more].concat()).await
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_on_one_port() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = renew(folder.path());
    let serving = start(folder.path(), &[]).await;

    let mut stream = connect(&serving, &certificate, b"http/1.1").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream
        .write_all(b"GET /scim/v2/ServiceProviderConfig HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let location = format!("\"location\":\"{}/scim/v2/ServiceProviderConfig\"", serving.url);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(&location), "{answer}");

    let mut stream = connect(&serving, &certificate, b"h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "RFC 9113 §3.4: the server's preface is a SETTINGS frame");

    let refused = connect(&serving, &certificate, b"spdy/3").await;
    assert!(refused.is_err(), "RFC 7301 §3.2: no protocol in common");
}

/// Waits until new connections have this certificate.
async fn exchanged(serving: &Serving, certificate: &CertificateDer<'static>) {
    let wait = async { while connect(serving, certificate, b"http/1.1").await.is_err() {} };
    timeout(PATIENCE, wait).await.expect("the new certificate in time");
}

#[tokio::test]
async fn the_certificate_is_exchanged_while_connections_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let mut serving = start(folder.path(), &["--set", "tls.check_every=1h"]).await;
    let mut before = connect(&serving, &first, b"http/1.1").await.unwrap();

    let second = renew(folder.path());
    assert!(connect(&serving, &second, b"http/1.1").await.is_err());
    serving.signal("-HUP").await;
    exchanged(&serving, &second).await;
    assert!(connect(&serving, &first, b"http/1.1").await.is_err());
    before.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    before.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    // what cannot be used changes nothing
    let mut log = BufReader::new(serving.child.stderr.take().unwrap()).lines();
    fs::write(folder.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    serving.signal("-HUP").await;
    let told = async {
        loop {
            let line = log.next_line().await.unwrap().unwrap();
            if line.contains("the configuration stays as it was") {
                return line;
            }
        }
    };
    let line = timeout(PATIENCE, told).await.expect("the refusal in time");
    assert!(line.contains("cannot be used with the key"), "{line}");
    connect(&serving, &second, b"http/1.1").await.unwrap();
}

#[tokio::test]
async fn a_changed_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let serving = start(folder.path(), &["--set", "tls.check_every=10ms"]).await;
    let second = renew(folder.path());
    exchanged(&serving, &second).await;
}

#[tokio::test]
async fn files_that_do_not_fit_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |arguments: &[&str]| {
        let ended = run(folder.path(), &[&["config", "check", "--deep"], arguments].concat()).await;
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        ended.stderr
    };
    assert!(check(&FILES[..2]).await.contains("tls.certificate: needs its key in tls.key"));
    assert!(check(&FILES[2..]).await.contains("tls.key: needs its certificate in tls.certificate"));
    assert!(check(&FILES).await.contains("tls.certificate: cannot read certificate.pem"));
    renew(folder.path());
    let good = run(folder.path(), &[&["config", "check", "--deep"], &FILES[..]].concat()).await;
    assert_eq!(good.code, Some(0), "{}", good.stderr);
    let key = fs::read(folder.path().join("key.pem")).unwrap();
    fs::write(folder.path().join("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(
        check(&FILES).await.contains("--set tls.key: tls.key: the certificate cannot be used with the key")
    );
    fs::write(folder.path().join("key.pem"), "nonsense").unwrap();
    assert!(check(&FILES).await.contains("tls.key: key.pem: "));
    fs::write(folder.path().join("key.pem"), key).unwrap();
    fs::write(folder.path().join("certificate.pem"), "").unwrap();
    assert!(check(&FILES).await.contains("tls.certificate: certificate.pem has no certificate"));
}
