//! Server: TLS by rustls, with a certificate that can be exchanged while connections go on.

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// HTTP/2 and HTTP/1.1 on one port, by ALPN (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The files of a certificate, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, and the intermediate ones after it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// A file has no certificate, or no key, or one that is broken.
    #[error("{0}: {1}")]
    Pem(PathBuf, #[source] pem::Error),
    /// There is no certificate in the file.
    #[error("{0} has no certificate")]
    Empty(PathBuf),
    /// The key does not belong to the certificate, or is of an unknown kind.
    #[error("the certificate cannot be used with the key: {0}")]
    Unusable(#[source] rustls::Error),
    /// rustls refuses our own settings.
    #[error(transparent)]
    Setup(rustls::Error),
}

impl Error {
    /// Whether it is about the file of the key.
    #[must_use]
    pub fn is_of_key(&self, files: &Files) -> bool {
        match self {
            Self::Unreadable(file, _) | Self::Pem(file, _) | Self::Empty(file) => *file == files.key,
            Self::Unusable(_) => true,
            Self::Setup(_) => false,
        }
    }
}

/// TLS with the certificate of two files; clones share it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

/// What is served now, and the text of the files that it came from.
#[derive(Debug)]
struct Current {
    files: Files,
    read: RwLock<Read>,
}

#[derive(Debug)]
struct Read {
    text: [Vec<u8>; 2],
    certified: Arc<CertifiedKey>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// One cannot be read, or they do not belong together.
    pub fn read(files: Files) -> Result<Self, Error> {
        let read = RwLock::new(Read::of(&files)?);
        let current = Arc::new(Current { files, read });
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::Setup)?
            .with_no_client_auth();
        let mut config = config.with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), current })
    }

    /// Reads the files again, and tells whether they had changed. New connections get the new certificate.
    ///
    /// # Errors
    /// As [`Tls::read`]; then the old certificate is served on.
    pub fn reload(&self) -> Result<bool, Error> {
        let text = self.current.files.text()?;
        if self.current.read.read().unwrap_or_else(PoisonError::into_inner).text == text {
            return Ok(false);
        }
        let read = Read::from_text(&self.current.files, text)?;
        *self.current.read.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(true)
    }

    /// Looks at the files every `period`, by their content: those that a platform mounts are exchanged by a link.
    pub async fn watch(self, period: Duration) {
        let mut ticks = tokio::time::interval(period);
        let mut failed = false;
        loop {
            ticks.tick().await;
            let reloaded = self.reload();
            match &reloaded {
                Ok(true) => tracing::info!("the TLS certificate was exchanged"),
                // once: half of an exchange is seen now and then
                Err(error) if !failed => tracing::error!(%error, "the old TLS certificate is served on"),
                Ok(false) | Err(_) => {}
            }
            failed = reloaded.is_err();
        }
    }

    /// The server's half of the handshake.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.current.files).finish()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&read.certified))
    }
}

impl Files {
    fn text(&self) -> Result<[Vec<u8>; 2], Error> {
        let read = |file: &PathBuf| fs::read(file).map_err(|error| Error::Unreadable(file.clone(), error));
        Ok([read(&self.certificate)?, read(&self.key)?])
    }
}

impl Read {
    fn of(files: &Files) -> Result<Self, Error> {
        Self::from_text(files, files.text()?)
    }

    fn from_text(files: &Files, text: [Vec<u8>; 2]) -> Result<Self, Error> {
        let [certificate, key] = &text;
        let broken = |file: &PathBuf| {
            let file = file.clone();
            move |error| Error::Pem(file, error)
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .map_err(broken(&files.certificate))?;
        if chain.is_empty() {
            return Err(Error::Empty(files.certificate.clone()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(broken(&files.key))?;
        let provider = ring::default_provider();
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(Error::Unusable)?;
        Ok(Self { text, certified: Arc::new(certified) })
    }
}
