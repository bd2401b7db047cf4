//! Encrypted connections: the server shows a certificate of its own identity key.
//!
//! Phones know that key from their enrolment code, so nobody has to vouch for it, and an office without a name on the
//! internet has it at once. Nothing of a connection is kept that another could go on with (anonymity A22). Browsers do not
//! know the key; they read the public pages without encryption, or through a proxy with a certificate.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::version::TLS13;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::failure::ServerFailed;

/// What stands before the 32 secret bytes of an Ed25519 key in a file of keys. Source: RFC 8410, section 7.
const ED25519_SECRET_BEGINS: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The first byte of every encrypted connection. Source: RFC 8446, section 5.1, `handshake`.
const TLS_BEGINS: u8 = 22;

/// The name in the certificate; phones look at its key alone.
const NAME: &str = "langnghe";

/// What takes encrypted connections under this identity.
pub fn acceptor(identity: &SigningKey) -> Result<TlsAcceptor, ServerFailed> {
    let (shown, key) = certificate(identity)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![shown], key.into()));
    let mut config = config.map_err(|_| ServerFailed::UnfitEngine)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate of this identity, and the key to it.
pub fn certificate(
    identity: &SigningKey,
) -> Result<(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>), ServerFailed> {
    let secret = Zeroizing::new([&ED25519_SECRET_BEGINS[..], identity.as_bytes()].concat());
    let key = PrivatePkcs8KeyDer::from(secret.to_vec());
    let pair = KeyPair::try_from(&key).map_err(|_| ServerFailed::UnfitEngine)?;
    let parameters = CertificateParams::new([NAME.to_owned()]).map_err(|_| ServerFailed::UnfitEngine)?;
    let shown = parameters.self_signed(&pair).map_err(|_| ServerFailed::UnfitEngine)?;
    Ok((shown.der().clone(), key))
}

/// Whether a client begins an encrypted connection; waits for its first byte. None if it left.
pub(crate) async fn is_begun(stream: &TcpStream) -> Option<bool> {
    let mut first = [0; 1];
    let taken = stream.peek(&mut first).await.ok()?;
    (taken == 1).then_some(first[0] == TLS_BEGINS)
}
