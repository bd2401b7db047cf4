//! How a device and the server recognise each other before an exchange: a challenge and a signed answer.
//!
//! No clock takes part: a phone's clock may be 30 years off. The challenge is signed, so that the phone knows the server
//! by the identity key of its enrolment code; the answer is signed, so that the server knows the device by its key.
//! Whether the device may do anything is decided per space by the exchange. Source: security 2.3.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};

use crate::hash::{PublicKey, Signature};

/// Bytes of a challenge and of a session's token.
pub const SECRET_BYTES: usize = 32;

const CHALLENGE_DOMAIN: &[u8] = b"langnghe/challenge/1";
const SESSION_DOMAIN: &[u8] = b"langnghe/session/1";

/// What the server answers to `GET /v1/challenge`: good for one session, for a minute.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Challenge {
    /// Random, used once.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; SECRET_BYTES],
    /// The server's identity.
    #[n(1)]
    pub server: PublicKey,
    /// By the identity key.
    #[n(2)]
    pub signature: Signature,
}

/// What a phone sends to `POST /v1/session`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SessionRequest {
    /// The device's key.
    #[n(0)]
    pub device: PublicKey,
    /// Of the challenge that this answers.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; SECRET_BYTES],
    /// By the device's key.
    #[n(2)]
    pub signature: Signature,
}

/// A session. Its token goes into `Authorization: Bearer` as 64 hexadecimal digits, never into an address.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Session {
    /// A secret of this device for a short time.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub token: [u8; SECRET_BYTES],
    /// How long it is good for.
    #[n(1)]
    pub seconds: u32,
}

impl Challenge {
    /// Signs a fresh nonce.
    pub fn sign(nonce: [u8; SECRET_BYTES], server: &SigningKey) -> Self {
        let identity = public(server);
        let signature = sign(&[CHALLENGE_DOMAIN, &nonce, identity.as_bytes()], server);
        Self { nonce, server: identity, signature }
    }

    /// Whether the server of the enrolment code made it; any other server is not spoken to.
    pub fn is_signed_by(&self, server: &PublicKey) -> bool {
        let parts = [CHALLENGE_DOMAIN, &self.nonce, server.as_bytes()];
        self.server == *server && is_signed(&parts, &self.signature, server)
    }
}

impl SessionRequest {
    /// Answers a challenge of this server.
    pub fn sign(challenge: &Challenge, device: &SigningKey) -> Self {
        let (key, nonce) = (public(device), challenge.nonce);
        let signature = sign(&[SESSION_DOMAIN, &nonce, challenge.server.as_bytes(), key.as_bytes()], device);
        Self { device: key, nonce, signature }
    }

    /// Whether the named device signed it for this server.
    pub fn is_signed_for(&self, server: &PublicKey) -> bool {
        let parts = [SESSION_DOMAIN, &self.nonce, server.as_bytes(), self.device.as_bytes()];
        is_signed(&parts, &self.signature, &self.device)
    }
}

impl Session {
    /// The token as it stands in the header.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", data_encoding::HEXLOWER.encode(&self.token))
    }
}

/// The token of an `Authorization` header.
pub fn read_bearer(header: &str) -> Option<[u8; SECRET_BYTES]> {
    let digits = header.strip_prefix("Bearer ")?;
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// Every part has a fixed length, so their concatenation can be read in one way only.
pub(crate) fn sign(parts: &[&[u8]], key: &SigningKey) -> Signature {
    Signature::from_bytes(key.sign(&parts.concat()).to_bytes())
}

pub(crate) fn is_signed(parts: &[&[u8]], signature: &Signature, key: &PublicKey) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(key.as_bytes()) else { return false };
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(&parts.concat(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    #[test]
    fn a_challenge_names_its_server() {
        let challenge = Challenge::sign([7; 32], &key(1));
        assert!(challenge.is_signed_by(&public(&key(1))));
        assert!(!challenge.is_signed_by(&public(&key(2))));
        let claimed = Challenge { server: public(&key(2)), ..challenge.clone() };
        assert!(!claimed.is_signed_by(&public(&key(2))));
        let changed = Challenge { nonce: [8; 32], ..challenge };
        assert!(!changed.is_signed_by(&public(&key(1))));
    }

    #[test]
    fn an_answer_is_good_for_one_server_one_device_and_one_nonce() {
        let request = SessionRequest::sign(&Challenge::sign([7; 32], &key(1)), &key(3));
        assert!(request.is_signed_for(&public(&key(1))));
        assert!(!request.is_signed_for(&public(&key(2))));
        let stolen = SessionRequest { device: public(&key(4)), ..request.clone() };
        assert!(!stolen.is_signed_for(&public(&key(1))));
        let replayed = SessionRequest { nonce: [8; 32], ..request };
        assert!(!replayed.is_signed_for(&public(&key(1))));
    }

    #[test]
    fn the_header_carries_the_token() {
        let session = Session { token: [0xab; 32], seconds: 900 };
        assert_eq!(read_bearer(&session.bearer()), Some(session.token));
        for wrong in ["", "Bearer ", "Bearer ab", "bearer 00", "Basic abcd"] {
            assert_eq!(read_bearer(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn messages_read_what_they_write() {
        let challenge = Challenge::sign([7; 32], &key(1));
        let request = SessionRequest::sign(&challenge, &key(3));
        assert_eq!(minicbor::decode::<Challenge>(&minicbor::to_vec(&challenge).unwrap()).unwrap(), challenge);
        assert_eq!(minicbor::decode::<SessionRequest>(&minicbor::to_vec(&request).unwrap()).unwrap(), request);
        assert!(minicbor::decode::<SessionRequest>(&[0xa1, 0x00, 0x41, 0x00]).is_err());
    }
}
