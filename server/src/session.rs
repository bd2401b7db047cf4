//! Challenges and sessions: bounded, in memory, by a clock that only goes forward.
//!
//! Any device key may open a session; what it may read or write is decided per space by the exchange (R15, R16).
//! A restart forgets all sessions, and every phone opens a new one by itself.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ed25519_dalek::SigningKey;
use lru::LruCache;
use model::door::DoorRefused;
use model::enrolment::sign_answer;
use model::entry::device_id;
use model::exchange::sign_reply;
use model::handshake::{Challenge, SECRET_BYTES, Session, SessionRequest, public};
use model::hash::{PublicKey, Signature};
use model::identity::DeviceId;
use sha2::{Digest, Sha256};

use crate::limits::{CHALLENGE_TIME, CHALLENGES_MAX, SESSION_TIME, SESSIONS_MAX};

/// What is remembered of handshakes.
pub struct Sessions {
    key: SigningKey,
    server: PublicKey,
    kept: Mutex<Kept>,
}

struct Kept {
    challenges: LruCache<[u8; SECRET_BYTES], Instant>,
    /// By the hash of the token: a dump of this memory opens no session.
    sessions: LruCache<[u8; 32], (PublicKey, Instant)>,
}

impl Sessions {
    /// Without any.
    pub fn new(key: SigningKey) -> Self {
        let size = |limit: usize| NonZeroUsize::new(limit).expect("limits are not zero");
        let kept =
            Kept { challenges: LruCache::new(size(CHALLENGES_MAX)), sessions: LruCache::new(size(SESSIONS_MAX)) };
        Self { server: public(&key), key, kept: Mutex::new(kept) }
    }

    /// Makes a challenge from a fresh nonce.
    pub fn challenge(&self, nonce: [u8; SECRET_BYTES], now: Instant) -> Challenge {
        self.kept().challenges.put(nonce, now + CHALLENGE_TIME);
        Challenge::sign(nonce, &self.key)
    }

    /// Opens a session under a fresh token for an answered challenge; the challenge is used up whatever comes of it.
    pub fn open(
        &self,
        request: &SessionRequest,
        token: [u8; SECRET_BYTES],
        now: Instant,
    ) -> Result<Session, DoorRefused> {
        let ends = self.kept().challenges.pop(&request.nonce).ok_or(DoorRefused::NoSession)?;
        if now >= ends || !request.is_signed_for(&self.server) {
            return Err(DoorRefused::NoSession);
        }
        self.kept().sessions.put(hash(&token), (request.device, now + SESSION_TIME));
        Ok(Session { token, seconds: SESSION_TIME.as_secs() as u32 })
    }

    /// Whose session it is.
    pub fn device(&self, token: &[u8; SECRET_BYTES], now: Instant) -> Result<DeviceId, DoorRefused> {
        self.key(token, now).map(|key| device_id(&key))
    }

    /// The server's word that a reply answers a request, both as sent.
    pub fn sign_reply(&self, request: &[u8], reply: &[u8]) -> Signature {
        sign_reply(request, reply, &self.key)
    }

    /// The server's word that this is its answer about an enrolment.
    pub fn sign_answer(&self, asked: &[u8], answer: &[u8]) -> Signature {
        sign_answer(asked, answer, &self.key)
    }

    /// The key of the device whose session it is.
    pub fn key(&self, token: &[u8; SECRET_BYTES], now: Instant) -> Result<PublicKey, DoorRefused> {
        let mut kept = self.kept();
        let (key, ends) = *kept.sessions.get(&hash(token)).ok_or(DoorRefused::NoSession)?;
        if now < ends {
            return Ok(key);
        }
        kept.sessions.pop(&hash(token));
        Err(DoorRefused::NoSession)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(token: &[u8; SECRET_BYTES]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn device() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn sessions() -> Sessions {
        Sessions::new(SigningKey::from_bytes(&[1; 32]))
    }

    #[test]
    fn a_signed_answer_opens_a_session_for_a_quarter_of_an_hour() {
        let (sessions, now) = (sessions(), crate::machine::tick());
        let request = SessionRequest::sign(&sessions.challenge([7; 32], now), &device());
        let session = sessions.open(&request, [9; 32], now).unwrap();
        assert_eq!(sessions.device(&session.token, now), Ok(device_id(&public(&device()))));
        assert_eq!(sessions.device(&[8; 32], now), Err(DoorRefused::NoSession));
        let late = now + SESSION_TIME;
        assert_eq!(
            sessions.device(&session.token, late - Duration::from_secs(1)).ok(),
            sessions.device(&session.token, now).ok()
        );
        assert_eq!(sessions.device(&session.token, late), Err(DoorRefused::NoSession));
    }

    #[test]
    fn a_challenge_is_answered_once_and_within_a_minute() {
        let (sessions, now) = (sessions(), crate::machine::tick());
        let request = SessionRequest::sign(&sessions.challenge([7; 32], now), &device());
        assert!(sessions.open(&request, [9; 32], now).is_ok());
        assert_eq!(sessions.open(&request, [9; 32], now).err(), Some(DoorRefused::NoSession));
        let request = SessionRequest::sign(&sessions.challenge([8; 32], now), &device());
        assert_eq!(sessions.open(&request, [9; 32], now + CHALLENGE_TIME).err(), Some(DoorRefused::NoSession));
    }

    #[test]
    fn a_wrong_signature_uses_the_challenge_up() {
        let (sessions, now) = (sessions(), crate::machine::tick());
        let right = SessionRequest::sign(&sessions.challenge([7; 32], now), &device());
        let stolen = SessionRequest { device: public(&SigningKey::from_bytes(&[6; 32])), ..right.clone() };
        assert_eq!(sessions.open(&stolen, [9; 32], now).err(), Some(DoorRefused::NoSession));
        assert_eq!(sessions.open(&right, [9; 32], now).err(), Some(DoorRefused::NoSession));
    }
}
