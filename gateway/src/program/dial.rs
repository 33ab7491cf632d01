//! One request to somebody else: looked up, looked at, connected, sent, answered, closed.

use axum::body::Bytes;
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kanban_gateway::hook::{Target, is_public};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What one request may do and cost.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Whether it may go into the gateway's own network.
    pub allow_private: bool,
    /// How long it may take, the answer included.
    pub timeout: Duration,
    /// How much of the answer is read.
    pub answer_bytes_max: usize,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; empty if it was longer than the terms allow.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// Its name is nobody's.
    #[error("{host} cannot be found")]
    NoHost {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// It is in the gateway's own network.
    #[error("{host} is in a private network")]
    Private {
        /// The host.
        host: String,
    },
    /// Nobody is there.
    #[error("{host} cannot be reached")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// It does not speak HTTP, or stopped to.
    #[error("{host} does not answer as HTTP has it")]
    Http {
        /// The host.
        host: String,
        /// Why.
        source: hyper::Error,
    },
    /// It takes too long.
    #[error("{host} does not answer in time")]
    TimedOut {
        /// The host.
        host: String,
    },
    /// It cannot be said to anybody.
    #[error("this cannot be sent")]
    Unsayable(#[from] axum::http::Error),
}

/// Sends a request and waits for the answer. Redirects are answers like others.
pub async fn send(
    target: &Target,
    method: Method,
    headers: HeaderMap,
    body: Vec<u8>,
    terms: Terms,
) -> Result<Answer, DialError> {
    let host = || target.host.clone();
    let sent = async {
        let socket = connect(target, terms.allow_private).await?;
        if !target.is_tls {
            return exchange(target, method, headers, body, socket, terms).await;
        }
        let unreachable = |source| DialError::Unreachable { host: host(), source };
        let name = ServerName::try_from(host())
            .map_err(|error| unreachable(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let socket = TlsConnector::from(trusted()).connect(name, socket);
        exchange(target, method, headers, body, socket.await.map_err(unreachable)?, terms).await
    };
    let in_time = tokio::time::timeout(terms.timeout, sent).await;
    in_time.unwrap_or_else(|_| Err(DialError::TimedOut { host: host() }))
}

async fn connect(target: &Target, allow_private: bool) -> Result<TcpStream, DialError> {
    let host = || target.host.clone();
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let found = found.map_err(|source| DialError::NoHost { host: host(), source })?;
    let allowed: Vec<SocketAddr> =
        found.filter(|address| allow_private || is_public(address.ip())).collect();
    let mut failure = DialError::Private { host: host() };
    for address in allowed {
        match TcpStream::connect(address).await {
            Ok(socket) => return Ok(socket),
            Err(source) => failure = DialError::Unreachable { host: host(), source },
        }
    }
    Err(failure)
}

async fn exchange(
    target: &Target,
    method: Method,
    headers: HeaderMap,
    body: Vec<u8>,
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    terms: Terms,
) -> Result<Answer, DialError> {
    let broken = |source| DialError::Http { host: target.host.clone(), source };
    let (mut sender, connection) =
        http1::handshake::<_, Full<Bytes>>(TokioIo::new(socket)).await.map_err(broken)?;
    // Ends with the sender. What goes wrong on it, the sender says too.
    let connection = tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(&target.path).body(Full::from(body))?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&authority(target)).map_err(axum::http::Error::from)?;
    request.headers_mut().insert(HOST, host);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status().as_u16();
    // Nobody needs what is longer: the status counts.
    let body = Limited::new(answer.into_body(), terms.answer_bytes_max).collect().await;
    connection.abort();
    Ok(Answer { status, body: body.map(|body| body.to_bytes().to_vec()).unwrap_or_default() })
}

/// The host as `Host` has it.
fn authority(target: &Target) -> String {
    let Target { is_tls, host, port, .. } = target;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    match (is_tls, port) {
        (true, 443) | (false, 80) => host,
        _ => format!("{host}:{port}"),
    }
}

/// Whom browsers trust.
fn trusted() -> Arc<ClientConfig> {
    static TRUSTED: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let make = || {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has what the default versions of TLS need");
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    };
    TRUSTED.get_or_init(make).clone()
}
