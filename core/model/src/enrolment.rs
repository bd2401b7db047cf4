//! How a phone joins: a code that it reads from a square picture, a signed request, and the office's answer.
//!
//! The code carries the server's identity key, so there is no trust on first use, also on a local network without a
//! certificate. Every answer is signed with that key over the request as sent: a phone that shows four words was heard
//! by the server of its code. A photographed code is not enough: the office compares [`crate::four_words`] before it
//! approves. Source: security 2.2.

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::handshake::{is_signed, public, sign};
use crate::hash::{PublicKey, Signature};
use crate::receipt::ReceiptedEntry;

/// Bytes of a one-time code: four that name it, twelve that are secret.
pub const CODE_BYTES: usize = 16;

/// Of these, the bytes that name it, so that wrong tries are counted against one code and nobody else's.
pub const CODE_NAME_BYTES: usize = 4;

/// Characters of a server's address.
pub const ADDRESS_CHARS_MAX: usize = 200;

/// The version of these messages. A server answers no other one: phones and servers are of one release.
pub const ENROLMENT_VERSION: u16 = 2;

/// Bytes of the server's part in the four words, and of what makes each request another one.
pub const NONCE_BYTES: usize = 16;

const SCHEME: &str = "langnghe:1?";
const ENROL_DOMAIN: &[u8] = b"langnghe/enrol/2";
const ANSWER_DOMAIN: &[u8] = b"langnghe/enrolment-answer/1";

/// What the picture holds. As text: `langnghe:1?a=https://…&k=…&c=…`, key and code in base 32 without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentCode {
    /// Where the server is found, with `http://` or `https://`.
    pub address: String,
    /// Its identity.
    pub server: PublicKey,
    /// Used once, for a quarter of an hour.
    pub code: [u8; CODE_BYTES],
}

/// Why a text is not an enrolment code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeRefused {
    /// Something else was read.
    #[error("this is not a code of Lắng Nghe")]
    NotOurs,
    /// A newer server made it.
    #[error("the code is of a newer version of Lắng Nghe")]
    Newer,
    /// Ours, but cut off or mistyped.
    #[error("the code is damaged")]
    Damaged,
}

impl EnrolmentCode {
    /// Reads the text of a picture or of a message.
    pub fn parse(text: &str) -> Result<Self, CodeRefused> {
        let text = text.trim();
        let Some(fields) = text.strip_prefix(SCHEME) else {
            let is_ours = text.starts_with("langnghe:");
            return Err(if is_ours { CodeRefused::Newer } else { CodeRefused::NotOurs });
        };
        let field = |name: &str| {
            fields.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('=')).ok_or(CodeRefused::Damaged)
        };
        let address = field("a")?;
        if !is_address(address) {
            return Err(CodeRefused::Damaged);
        }
        let server = bytes_of(field("k")?).and_then(|bytes| PublicKey::from_slice(&bytes));
        let code = bytes_of(field("c")?).and_then(|bytes| bytes.try_into().ok());
        match (server, code) {
            (Some(server), Some(code)) => Ok(Self { address: address.to_owned(), server, code }),
            _ => Err(CodeRefused::Damaged),
        }
    }
}

impl std::fmt::Display for EnrolmentCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let base32 = |bytes: &[u8]| data_encoding::BASE32_NOPAD.encode(bytes);
        let (key, code) = (base32(self.server.as_bytes()), base32(&self.code));
        write!(out, "{SCHEME}a={}&k={key}&c={code}", self.address)
    }
}

/// What a phone sends to `POST /v1/enrol`.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolmentRequest {
    /// The one-time code.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub code: [u8; CODE_BYTES],
    /// The key that the phone has made.
    #[n(1)]
    pub device: PublicKey,
    /// By that key.
    #[n(2)]
    pub signature: Signature,
    /// [`ENROLMENT_VERSION`] of the phone; none from a phone that knows no versions.
    #[n(3)]
    pub version: Option<u16>,
    /// Random: what the server once answered to a request with the same code is no answer to this one.
    #[cbor(n(4), with = "minicbor::bytes", default)]
    pub nonce: [u8; NONCE_BYTES],
}

impl EnrolmentRequest {
    /// Asks the server of the code to take this device in; the nonce is fresh.
    pub fn sign(code: &EnrolmentCode, device: &SigningKey, nonce: [u8; NONCE_BYTES]) -> Self {
        let (version, signature) = (Some(ENROLMENT_VERSION), Signature::from_bytes([0; 64]));
        let unsigned = Self { code: code.code, device: public(device), signature, version, nonce };
        let signature = sign(&unsigned.parts(&code.server, &code_hash(&code.code)), device);
        Self { signature, ..unsigned }
    }

    /// Whether the named device signed it for this server.
    pub fn is_signed_for(&self, server: &PublicKey) -> bool {
        is_signed(&self.parts(server, &code_hash(&self.code)), &self.signature, &self.device)
    }

    fn parts<'a>(&'a self, server: &'a PublicKey, code: &'a [u8; 32]) -> [&'a [u8]; 5] {
        [ENROL_DOMAIN, code, &self.nonce, self.device.as_bytes(), server.as_bytes()]
    }
}

/// The answer to `POST /v1/enrol` and to `GET /v1/enrolment`.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Enrolment {
    /// The server's part in the four words, drawn when it took the code for this device's key. It also says which
    /// request of the device is meant: what was once answered about another one does not speak for this one.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub nonce: [u8; NONCE_BYTES],
    /// How far it is.
    #[n(1)]
    pub stage: Stage,
}

/// How far a device's enrolment is.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Stage {
    /// The office has not compared the four words yet.
    #[n(0)]
    Waiting,
    /// Let in: one entry per space, each with its receipt. The phone keeps them for ever (exchange rules R14, R16).
    #[n(1)]
    Approved(#[n(0)] Vec<ReceiptedEntry>),
}

/// The server's word that this is its answer about this enrolment. `asked` is the request as sent; where the request has
/// no body, the device's key.
pub fn sign_answer(asked: &[u8], answer: &[u8], server: &SigningKey) -> Signature {
    sign(&[ANSWER_DOMAIN, &Sha256::digest(asked), &Sha256::digest(answer)], server)
}

/// Whether the server with this identity answered this.
pub fn is_answer_signed(asked: &[u8], answer: &[u8], signature: &Signature, server: &PublicKey) -> bool {
    is_signed(&[ANSWER_DOMAIN, &Sha256::digest(asked), &Sha256::digest(answer)], signature, server)
}

/// Whether a text can stand in a code as the address of a server: `http://…` or `https://…`, short, of letters that
/// every reader of pictures gives back unchanged.
pub fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty()) && text.len() <= ADDRESS_CHARS_MAX && text.chars().all(is_address_char)
}

/// What the server keeps instead of a code.
pub fn code_hash(code: &[u8; CODE_BYTES]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"langnghe/enrolment-code/1");
    hash.update(code);
    hash.finalize().into()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    data_encoding::BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()
}

fn is_address_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, ':' | '/' | '.' | '-' | '_' | '[' | ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> EnrolmentCode {
        let server = PublicKey::from_bytes([3; 32]);
        EnrolmentCode { address: "https://phuong.example:8443".into(), server, code: [9; 16] }
    }

    #[test]
    fn a_code_reads_what_it_prints() {
        assert!(EnrolmentCode::parse(&code().to_string()).is_ok_and(|read| read == code()));
        assert!(EnrolmentCode::parse(&format!("  {}\n", code())).is_ok());
    }

    #[test]
    fn another_text_is_not_a_code() {
        let text = code().to_string();
        for (text, expected) in [
            ("", CodeRefused::NotOurs),
            ("https://phuong.example", CodeRefused::NotOurs),
            ("langnghe:2?x=1", CodeRefused::Newer),
            ("langnghe:1?", CodeRefused::Damaged),
            (&text[..text.len() - 1], CodeRefused::Damaged),
            (&text.replace("https", "ftp"), CodeRefused::Damaged),
            (&text.replace("phuong", "phu ong"), CodeRefused::Damaged),
        ] {
            assert_eq!(EnrolmentCode::parse(text).err(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_request_is_good_for_one_code_one_device_and_one_server() {
        let device = SigningKey::from_bytes(&[5; 32]);
        let request = EnrolmentRequest::sign(&code(), &device, [7; NONCE_BYTES]);
        assert!(request.is_signed_for(&code().server));
        assert!(!request.is_signed_for(&PublicKey::from_bytes([4; 32])));
        let other = EnrolmentRequest { code: [8; 16], ..request.clone() };
        assert!(!other.is_signed_for(&code().server));
        let again = EnrolmentRequest { nonce: [8; NONCE_BYTES], ..request.clone() };
        assert!(!again.is_signed_for(&code().server));
        let stolen = EnrolmentRequest { device: public(&SigningKey::from_bytes(&[6; 32])), ..request };
        assert!(!stolen.is_signed_for(&code().server));
    }

    #[test]
    fn a_request_of_before_there_were_versions_is_read_as_one() {
        let device = SigningKey::from_bytes(&[5; 32]);
        let request = EnrolmentRequest::sign(&code(), &device, [7; NONCE_BYTES]);
        let mut before = minicbor::Encoder::new(Vec::new());
        before.map(3).unwrap().u8(0).unwrap().bytes(&request.code).unwrap();
        before.u8(1).unwrap().encode(request.device).unwrap().u8(2).unwrap().encode(request.signature).unwrap();
        let read: EnrolmentRequest = minicbor::decode(before.writer()).unwrap();
        assert_eq!(read.version, None);
        let read: EnrolmentRequest = minicbor::decode(&minicbor::to_vec(&request).unwrap()).unwrap();
        assert!(read == request && read.version == Some(ENROLMENT_VERSION));
    }

    #[test]
    fn an_answer_is_good_for_one_request_and_one_server() {
        let (server, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let signature = sign_answer(b"asked", b"answer", &server);
        assert!(is_answer_signed(b"asked", b"answer", &signature, &public(&server)));
        assert!(!is_answer_signed(b"other", b"answer", &signature, &public(&server)));
        assert!(!is_answer_signed(b"asked", b"other", &signature, &public(&server)));
        assert!(!is_answer_signed(b"asked", b"answer", &signature, &public(&other)));
        let reply = crate::exchange::sign_reply(b"asked", b"answer", &server);
        assert!(!is_answer_signed(b"asked", b"answer", &reply, &public(&server)), "an exchange's word is not taken");
    }
}
