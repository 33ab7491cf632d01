//! TLS on the relay's own socket, for those who have no proxy before it.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use tracing::{info, warn};

/// How often the files are looked at, at most: certificates are exchanged every few weeks.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsFiles {
    /// The certificate, and those that it is signed with, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{} is no {what} in PEM that can be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        source: pem::Error,
    },
    /// There is nothing in it.
    #[error("{} has no certificate in PEM", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The two do not belong together, or are of a kind that nobody uses any more.
    #[error("the certificate in {} and the key in {} cannot be used together", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// Makes TLS of sockets, with the certificate as the files have it now.
#[derive(Clone)]
pub struct Tls {
    shared: Arc<Shared>,
}

struct Shared {
    files: TlsFiles,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    changed: Option<SystemTime>,
    looked: Instant,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`] if there is no serving with them.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let changed = changed(&files);
        let current = Current { config: config(&files)?, changed, looked: Instant::now() };
        Ok(Self { shared: Arc::new(Shared { files, current: Mutex::new(current) }) })
    }

    /// Makes TLS of a socket, once its client has done its part.
    pub async fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        let accepted = TlsAcceptor::from(self.config()).accept(socket).await?;
        Ok(Stream::Tls(Box::new(accepted)))
    }

    fn config(&self) -> Arc<ServerConfig> {
        let files = &self.shared.files;
        // Every change to it is complete before the guard is dropped.
        let mut current = self.shared.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= LOOK_EVERY {
            current.looked = Instant::now();
            let changed = changed(files);
            if changed != current.changed {
                // Two small files, once in some weeks.
                match config(files) {
                    Ok(config) => {
                        info!("serves with the new certificate in {}", files.certificate.display());
                        *current = Current { config, changed, looked: current.looked };
                    }
                    Err(error) => warn!("goes on with the certificate as it was: {error}"),
                }
            }
        }
        current.config.clone()
    }
}

/// When one of the files last changed.
fn changed(files: &TlsFiles) -> Option<SystemTime> {
    let changed = |path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    changed(&files.certificate).max(changed(&files.key))
}

fn config(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let TlsFiles { certificate, key } = files;
    let no = |path: &PathBuf, what| {
        let path = path.clone();
        move |source| TlsError::File { path, what, source }
    };
    let chain =
        CertificateDer::pem_file_iter(certificate).map_err(no(certificate, "certificate"))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(no(certificate, "certificate"))?;
    if chain.is_empty() {
        return Err(TlsError::Empty { path: certificate.clone() });
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(no(key, "private key"))?;
    let pair =
        |source| TlsError::Pair { certificate: certificate.clone(), key: key.clone(), source };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, private))
        .map_err(pair)?;
    Ok(Arc::new(config))
}

/// A socket, with or without TLS.
pub enum Stream {
    Plain(TcpStream),
    /// Boxed: without TLS nobody should pay for it.
    Tls(Box<TlsStream<TcpStream>>),
}

macro_rules! of_either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream.get_mut() {
            Stream::Plain($inner) => {
                let $inner = Pin::new($inner);
                $call
            }
            Stream::Tls($inner) => {
                let $inner = Pin::new($inner.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        of_either!(self, inner => inner.poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        of_either!(self, inner => inner.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_either!(self, inner => inner.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_either!(self, inner => inner.poll_shutdown(context))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        of_either!(self, inner => inner.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(inner) => inner.is_write_vectored(),
            Self::Tls(inner) => inner.is_write_vectored(),
        }
    }
}
