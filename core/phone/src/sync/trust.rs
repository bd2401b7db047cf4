//! How a phone knows over an encrypted connection that it speaks with its server.
//!
//! The server of an office's own network shows a certificate of its identity key, which stands in the enrolment code; no
//! authority has to vouch for it and no clock is asked. A server behind a proxy on the internet shows one that the public
//! authorities vouch for. Nothing of a connection is kept that the next one could go on with. Source: security 2.2, anonymity
//! A22.

use std::sync::Arc;

use model::hash::PublicKey;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

/// What stands before the 32 bytes of an Ed25519 key in a certificate. Source: RFC 8410, section 4.
const ED25519_KEY_BEGINS: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What a client needs for TLS with the server of this identity; none where the engine is unfit.
pub(crate) fn with_server(server: &PublicKey) -> Option<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let public = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok()?;
    let identity = [&ED25519_KEY_BEGINS[..], server.as_bytes()].concat();
    let trust = Trust { identity, public, provider: Arc::clone(&provider) };
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]).ok()?;
    let mut config = config.dangerous().with_custom_certificate_verifier(Arc::new(trust)).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Some(config)
}

#[derive(Debug)]
struct Trust {
    /// The server's identity as it stands in a certificate.
    identity: Vec<u8>,
    public: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate =
            EndEntityCert::try_from(shown).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if certificate.subject_public_key_info().as_ref() == self.identity {
            return Ok(ServerCertVerified::assertion());
        }
        // A server at a bare number stands in the office's own network, where no proxy speaks for it.
        if matches!(name, ServerName::IpAddress(_)) {
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        }
        self.public.verify_server_cert(shown, between, name, stapled, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
