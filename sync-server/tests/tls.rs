//! A relay that speaks TLS itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use futures_util::{SinkExt, StreamExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{Handshake, PeerId, PeerMetadata, decode};
use sync_server::config::{Config, StoreKind, TlsFiles};
use sync_server::{ServeError, Server};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message as Frame;

const PATIENCE: Duration = Duration::from_secs(30);

fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)
}

fn config(certificate: &str, private: &str) -> Config {
    let tls = Some(TlsFiles { certificate: key(certificate), key: key(private) });
    let listen = "127.0.0.1:0".parse().unwrap();
    Config { listen, store: StoreKind::Memory, tls, ..Config::default() }
}

#[tokio::test]
async fn clients_connect_by_tls_and_those_without_keep_nobody_waiting() {
    let mut config = config("tls.cert.pem", "tls.key.pem");
    config.limits.header_timeout = Duration::from_millis(200);
    let server = Server::open(&config).await.unwrap();
    assert_eq!(server.scheme(), "https");
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(server.run(async { stopped.await.unwrap_or_default() }));

    // One that says nothing, and one that speaks HTTP.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let plain =
        client_async(format!("ws://{address}/sync"), TcpStream::connect(address).await.unwrap());
    assert!(timeout(PATIENCE, plain).await.unwrap().is_err());

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(key("tls.cert.pem")).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let socket = TlsConnector::from(Arc::new(client)).connect(name, socket).await.unwrap();
    let (mut socket, _) = client_async(format!("wss://{address}/sync"), socket).await.unwrap();
    let join = Handshake::new(PeerId::parse("ana").unwrap(), PeerMetadata::default()).join();
    socket.send(Frame::Binary(join.into())).await.unwrap();
    let answer = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap().into_data();
    assert_eq!(decode(&answer).unwrap().kind(), "peer");

    assert_eq!(timeout(PATIENCE, silent.read(&mut [0])).await.unwrap().unwrap(), 0, "it is closed");
    stop.send(()).unwrap();
    while let Some(Ok(_)) = timeout(PATIENCE, socket.next()).await.unwrap() {}
    timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_refused_in_a_sentence() {
    for (certificate, private, words) in [
        ("none.pem", "tls.key.pem", "none.pem is no certificate in PEM that can be read"),
        ("tls.cert.pem", "tls.cert.pem", "tls.cert.pem is no private key in PEM that can be read"),
        ("tls.key.pem", "tls.key.pem", "tls.key.pem has no certificate in PEM"),
        ("tls.cert.pem", "rsa.pem", "cannot be used together"),
    ] {
        let refused = Server::open(&config(certificate, private)).await;
        let Err(ServeError::Tls(error)) = refused.map(drop) else { panic!("{words}") };
        assert!(error.to_string().ends_with(words), "{error}");
    }
}
