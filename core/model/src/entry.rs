//! The entry: the unit of a log, signed by the device that made it.
//!
//! Bytes are kept and relayed exactly as they were signed, so that keys of a newer app survive an older one.
//! This module never reads the clock; times inside are claims of the device.

use ed25519_dalek::{Signer, SigningKey};
use ed25519_zebra::VerificationKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::case::CaseState;
use crate::case::filed::Filed;
use crate::change::{ChangeHeader, ChangeRefused};
use crate::hash::{EntryHash, PublicKey, Signature};
use crate::identity::{DeviceId, DocumentId, PersonId, SpaceId, derive_bytes};
use crate::membership::Grant;

/// Bytes of one entry as sent; minutes are split by the app before they reach this.
pub const ENTRY_BYTES_MAX: usize = 72 * 1024;

/// Bytes of a submission: less than an entry may have, because the office files it whole within an entry of its own.
pub const SUBMISSION_BYTES_MAX: usize = ENTRY_BYTES_MAX - 1024;

/// Entries that one entry may name as its dependencies.
pub const DEPENDENCIES_MAX: usize = 64;

/// Characters of a status word or reason.
pub const REASON_BYTES_MAX: usize = 4_000;

/// What an entry is. The numbers are on the wire and are never reused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// One uncompressed automerge change.
    #[n(1)]
    Change = 1,
    /// A document's value at named heads, signed: final.
    #[n(2)]
    Submit = 2,
    /// A step of the document's case, decided by log order.
    #[n(3)]
    Status = 3,
    /// Membership of a device or a person, given or taken by the office.
    #[n(4)]
    Grant = 4,
    /// A signed paper that the office files in its case.
    #[n(5)]
    File = 5,
}

impl EntryKind {
    /// The kind with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Change, Self::Submit, Self::Status, Self::Grant, Self::File]
            .into_iter()
            .find(|kind| *kind as i64 == number)
    }
}

/// The fields of an entry as they are signed, in the one way of writing them; what a newer version has to say beside them
/// comes as a new kind.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SignedFields {
    /// What it is.
    #[n(0)]
    pub kind: EntryKind,
    /// Whose log.
    #[n(1)]
    pub space: SpaceId,
    /// Which document; sixteen zero bytes for membership.
    #[n(2)]
    pub document: DocumentId,
    /// Who acted.
    #[n(3)]
    pub person: PersonId,
    /// On which device; its key signed.
    #[n(4)]
    pub device: DeviceId,
    /// The random number that a device makes anew after every restore (exchange rule R1).
    #[n(5)]
    pub incarnation: u64,
    /// An automerge change, or the CBOR of [`Submit`], [`Status`], [`Grant`] or [`Filed`].
    #[cbor(n(6), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// By the device key, over the fields above.
    #[n(7)]
    pub signature: Signature,
}

/// A document's value, final from here on. Source: design 3, "Submit".
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Submit {
    /// The heads that were signed; the value is the view at these for ever.
    #[n(0)]
    pub heads: Vec<EntryHash>,
    /// The canonical value at the heads.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub value: Vec<u8>,
    /// Fingerprint of the form version that was filled in.
    #[n(2)]
    pub form: EntryHash,
    /// The submission that this one corrects.
    #[n(3)]
    pub over: Option<EntryHash>,
    /// UTC milliseconds by the device's clock: a claim, never a proof.
    #[n(4)]
    pub claimed_ms: i64,
}

/// A step of a case. It names the step that it follows, so that of two only the first in the log counts (R11).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Status {
    /// The step in force when this one was taken.
    #[n(0)]
    pub follows: Option<EntryHash>,
    /// The new state.
    #[n(1)]
    pub to: CaseState,
    /// Why, in words; required where something is returned.
    #[n(2)]
    pub reason: Option<String>,
    /// What it is about: a submission, or a paper that was filed in the case.
    #[n(3)]
    pub about: EntryHash,
    /// UTC milliseconds by the device's clock: a claim.
    #[n(4)]
    pub claimed_ms: i64,
}

/// What an entry says, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// The weighed header of a change.
    Change(ChangeHeader),
    /// A submission.
    Submit(Submit),
    /// A step of a case.
    Status(Status),
    /// Membership.
    Grant(Grant),
    /// A filed paper.
    File(Filed),
}

/// An entry whose form is right. Whether it may enter a log is the gate's question.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its address.
    pub hash: EntryHash,
    /// What is signed.
    pub fields: SignedFields,
    /// What it says.
    pub content: Content,
    /// The very bytes that were signed and sent.
    pub bytes: Vec<u8>,
}

/// Why bytes are not an entry.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryRefused {
    /// More than [`ENTRY_BYTES_MAX`].
    #[error("an entry of {given} bytes, at most {limit} are taken")]
    TooLarge {
        /// Bytes given.
        given: usize,
        /// [`ENTRY_BYTES_MAX`].
        limit: usize,
    },
    /// Not the fields of an entry, or a kind of a newer app.
    #[error("not an entry that this version knows")]
    Unreadable,
    /// Too many dependencies.
    #[error("an entry with {given} dependencies, at most {limit}")]
    TooManyDependencies {
        /// Dependencies given.
        given: usize,
        /// [`DEPENDENCIES_MAX`].
        limit: usize,
    },
    /// The change inside was refused by its header.
    #[error("the change is refused: {0}")]
    Change(#[from] ChangeRefused),
}

impl Entry {
    /// Signs and wraps one entry.
    pub fn sign(draft: EntryDraft, key: &SigningKey) -> Result<Self, EntryRefused> {
        let device = device_id(&PublicKey::from_bytes(key.verifying_key().to_bytes()));
        let EntryDraft { kind, space, document, person, incarnation, body } = draft;
        let signature = Signature::from_bytes([0; 64]);
        let mut fields = SignedFields { kind, space, document, person, device, incarnation, body, signature };
        let content = Content::read(kind, &fields.body)?;
        let hash = address(&fields, &content);
        fields.signature = Signature::from_bytes(key.sign(&signed_bytes(&fields, &hash)).to_bytes());
        let bytes = minicbor::to_vec(&fields).expect("writing to memory cannot fail");
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryRefused::TooLarge { given: bytes.len(), limit: ENTRY_BYTES_MAX });
        }
        Ok(Self { hash, fields, content, bytes })
    }

    /// Reads foreign bytes: size, fields, header of a change. Signatures are the gate's.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryRefused> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryRefused::TooLarge { given: bytes.len(), limit: ENTRY_BYTES_MAX });
        }
        let mut input = minicbor::Decoder::new(bytes);
        let fields: SignedFields = input.decode().map_err(|_| EntryRefused::Unreadable)?;
        // What is not signed is not carried: a field beside those we know, or another way of writing one, would lie under
        // the same address and signature.
        let is_as_signed = minicbor::to_vec(&fields).is_ok_and(|signed| signed == bytes);
        if !is_as_signed {
            return Err(EntryRefused::Unreadable);
        }
        let content = Content::read(fields.kind, &fields.body)?;
        let hash = address(&fields, &content);
        let entry = Self { hash, fields, content, bytes: bytes.to_vec() };
        let given = entry.dependencies().len();
        if given > DEPENDENCIES_MAX {
            return Err(EntryRefused::TooManyDependencies { given, limit: DEPENDENCIES_MAX });
        }
        Ok(entry)
    }

    /// What must stand in the log before it (exchange rule R1).
    pub fn dependencies(&self) -> Vec<EntryHash> {
        match &self.content {
            Content::Change(header) => header.dependencies.iter().map(|hash| EntryHash::from_bytes(*hash)).collect(),
            Content::Submit(submit) => submit.heads.iter().chain(&submit.over).copied().collect(),
            Content::Status(status) => status.follows.iter().copied().chain([status.about]).collect(),
            Content::Grant(_) | Content::File(_) => Vec::new(),
        }
    }

    /// Whether its address speaks for its fields. A change is addressed by what the engine sees of it, so its fields hold
    /// only if they make the actor under which it was written; every other address covers them anyway.
    pub fn is_bound_to_its_fields(&self) -> bool {
        let SignedFields { device, space, document, incarnation, .. } = self.fields;
        match &self.content {
            Content::Change(header) => header.actor == actor_of(device, space, document, incarnation),
            Content::Submit(_) | Content::Status(_) | Content::Grant(_) | Content::File(_) => true,
        }
    }

    /// Whether log order decides about it.
    pub fn is_decision(&self) -> bool {
        matches!(self.content, Content::Submit(_) | Content::Status(_))
    }

    /// Whether the named device signed it with this key; the same answer as in a [`SignatureBatch`].
    ///
    /// [`SignatureBatch`]: crate::signatures::SignatureBatch
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let signature = ed25519_zebra::Signature::from_bytes(self.fields.signature.as_bytes());
        let verified = VerificationKey::try_from(*key.as_bytes())
            .and_then(|verifying| verifying.verify(&signature, &self.signed_bytes()));
        device_id(key) == self.fields.device && verified.is_ok()
    }

    /// The thirty-two bytes under the signature.
    pub fn signed_bytes(&self) -> [u8; 32] {
        signed_bytes(&self.fields, &self.hash)
    }
}

/// What a device wants to say, before it is signed.
#[derive(Clone, Debug)]
pub struct EntryDraft {
    /// What it is.
    pub kind: EntryKind,
    /// Whose log.
    pub space: SpaceId,
    /// Which document.
    pub document: DocumentId,
    /// Who acts.
    pub person: PersonId,
    /// Of the device, at this moment.
    pub incarnation: u64,
    /// The content.
    pub body: Vec<u8>,
}

impl Content {
    fn read(kind: EntryKind, body: &[u8]) -> Result<Self, EntryRefused> {
        match kind {
            EntryKind::Change => Ok(Self::Change(ChangeHeader::read(body)?)),
            EntryKind::Submit => minicbor::decode(body).map(Self::Submit).map_err(|_| EntryRefused::Unreadable),
            EntryKind::Status => minicbor::decode(body).map(Self::Status).map_err(|_| EntryRefused::Unreadable),
            EntryKind::Grant => minicbor::decode(body).map(Self::Grant).map_err(|_| EntryRefused::Unreadable),
            EntryKind::File => minicbor::decode(body).map(Self::File).map_err(|_| EntryRefused::Unreadable),
        }
    }
}

/// The name of a device: the first sixteen bytes of a hash of its key.
pub fn device_id(key: &PublicKey) -> DeviceId {
    DeviceId::from_bytes(derive_bytes("device", &[key.as_bytes()]))
}

/// The automerge actor under which a device may write in one document (exchange rule R1).
pub fn actor_of(device: DeviceId, space: SpaceId, document: DocumentId, incarnation: u64) -> [u8; 16] {
    let incarnation = incarnation.to_be_bytes();
    derive_bytes("actor", &[device.as_bytes(), space.as_bytes(), document.as_bytes(), &incarnation])
}

fn address(fields: &SignedFields, content: &Content) -> EntryHash {
    match content {
        Content::Change(header) => EntryHash::from_bytes(header.hash),
        Content::Submit(_) | Content::Status(_) | Content::Grant(_) | Content::File(_) => {
            let mut hash = Sha256::new();
            hash.update(b"langnghe/entry-hash/1");
            hash_fields(&mut hash, fields);
            hash.update(&fields.body);
            EntryHash::from_bytes(hash.finalize().into())
        }
    }
}

fn signed_bytes(fields: &SignedFields, hash: &EntryHash) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(b"langnghe/entry/1");
    hash_fields(&mut digest, fields);
    digest.update(hash.as_bytes());
    digest.finalize().into()
}

fn hash_fields(hash: &mut Sha256, fields: &SignedFields) {
    hash.update([fields.kind as u8]);
    hash.update(fields.space.as_bytes());
    hash.update(fields.document.as_bytes());
    hash.update(fields.person.as_bytes());
    hash.update(fields.device.as_bytes());
    hash.update(fields.incarnation.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_nobody_signed_are_not_carried() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let (space, document) = (SpaceId::from_bytes([1; 16]), DocumentId::from_bytes([0; 16]));
        let person = PersonId::from_bytes([2; 16]);
        let grant = Grant { key: None, person, role: None, claimed_ms: 0 };
        let body = minicbor::to_vec(grant).expect("writing to memory cannot fail");
        let draft = EntryDraft { kind: EntryKind::Grant, space, document, person, incarnation: 1, body };
        let entry = Entry::sign(draft, &key).expect("a grant is a small entry");
        assert_eq!(Entry::read(&entry.bytes).map(|read| read.hash), Ok(entry.hash));
        // A ninth field, and the first number of the map written with a byte more.
        let mut longer = entry.bytes.clone();
        longer[0] += 1;
        longer.extend([0x18, 0x63, 0x00]);
        let other_way = [&entry.bytes[..1], &[0x18, 0x00], &entry.bytes[2..]].concat();
        for bytes in [longer, other_way, [&entry.bytes[..], &[0]].concat()] {
            assert_eq!(Entry::read(&bytes).map(|read| read.hash), Err(EntryRefused::Unreadable));
        }
    }
}
