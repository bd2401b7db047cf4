//! One exchange of the named road: what a phone sends, what the server answers, and how large either may be.
//!
//! Deterministic CBOR with small integer keys inside one zstd frame that says its size. Keys are only ever added;
//! unknown ones are skipped. Answers about pushed entries stand in the order in which the entries were pushed, so that a full push
//! does not carry every hash twice. Source: exchange rules R2-R9 and their table of answers.
//!
#![doc = include_str!("../EXCHANGE_RULES.md")]

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::entry::ENTRY_BYTES_MAX;
use crate::handshake::{is_signed, sign};
use crate::hash::{ChainHash, EntryHash, PublicKey, Signature};
use crate::identity::SpaceId;
use crate::receipt::{Epoch, Place, ReceiptPage, ReceiptedEntry};
use crate::refusal::Refusal;

/// The version of these messages.
pub const EXCHANGE_VERSION: u16 = 1;

/// Spaces in one request.
pub const SPACES_MAX: usize = 256;

/// Entries in one request, over all spaces.
pub const ENTRIES_MAX: usize = 1_024;

/// Bytes of a message as sent.
pub const MESSAGE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of a message unpacked, as its frame promises.
pub const UNPACKED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes of entries that a phone packs into one request.
pub const PUSH_BYTES: usize = 1024 * 1024;

/// Bytes of rows that a reply carries unless the phone asks for less.
pub const BUDGET_BYTES: usize = 1024 * 1024;

/// The header of a reply that holds [`sign_reply`] in base 64, without padding.
pub const SIGNATURE_HEADER: &str = "signature";

const EPOCH_DOMAIN: &[u8] = b"langnghe/epoch/1";
const REPLY_DOMAIN: &[u8] = b"langnghe/reply/1";

/// Hashes named by one `Missing`.
pub const MISSING_MAX: usize = 64;

/// zstd level 3: level 9 costs 5.6 times as much for 5 % fewer bytes (measured 2026-11-21).
const ZSTD_LEVEL: i32 = 3;

/// Which history a phone holds of a space.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Cursor {
    /// The server's life that its rows come from.
    #[n(0)]
    pub epoch: Epoch,
    /// Rows held.
    #[n(1)]
    pub number: u64,
    /// Over exactly these rows.
    #[n(2)]
    pub chain: ChainHash,
}

impl Cursor {
    /// Of a phone that never heard from a server.
    pub const START: Self = Self { epoch: Epoch::NEVER, number: 0, chain: ChainHash::EMPTY };
}

/// Everything a phone says in one exchange.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Request {
    /// [`EXCHANGE_VERSION`] of the phone.
    #[n(0)]
    pub version: u16,
    /// At most [`SPACES_MAX`].
    #[n(1)]
    pub spaces: Vec<SpaceRequest>,
    /// Bytes of rows wanted, at most [`BUDGET_BYTES`]; small on a slow network.
    #[n(2)]
    pub budget_bytes: u32,
    /// The newest life of the server that the phone heard of: an older one that still runs must stop (R20).
    #[n(3)]
    pub newest: Option<SignedEpoch>,
}

/// A request about one space.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SpaceRequest {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// What the phone holds.
    #[n(1)]
    pub cursor: Cursor,
    /// How far the phone knows its rows to be safe.
    #[n(2)]
    pub safe: u64,
    /// Unsent entries: first those with an old receipt, in receipt order; then the rest in causal order.
    #[n(3)]
    pub entries: Vec<Pushed>,
    /// Old receipts of some of them, no more pages than entries: each costs the server a signature.
    #[n(4)]
    pub receipts: Vec<ReceiptPage>,
    /// The membership entry by which this device was let in, shown to a server that does not know it (R2, R16).
    #[n(5)]
    pub enrolment: Option<ReceiptedEntry>,
}

/// An entry on its way to the server.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Pushed {
    /// The bytes as signed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub entry: Vec<u8>,
    /// Index into the request's receipts of the page that names it.
    #[n(1)]
    pub receipt: Option<u16>,
}

/// Everything the server answers; nothing by default.
#[derive(Clone, PartialEq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Reply {
    /// One per space of the request, in its order; left out where there is nothing new.
    #[n(0)]
    pub spaces: Vec<SpaceReply>,
    /// Spaces that this device may read and did not ask for.
    #[n(1)]
    pub invited: Vec<SpaceId>,
    /// The server's clock, UTC milliseconds; shown beside claims, never used to decide.
    #[n(2)]
    pub server_ms: i64,
}

/// The answer about one space.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SpaceReply {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// The cursor that this answers: applied only to exactly this one (exchange rule R5).
    #[n(1)]
    pub at: Cursor,
    /// What happened.
    #[n(2)]
    pub answer: Answered,
}

/// What the server did about a space.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
pub enum Answered {
    /// Same history: answers and what follows the cursor.
    #[n(0)]
    Rows(#[n(0)] Rows),
    /// Another history: nothing was stored (exchange rules R7, R8).
    #[n(1)]
    OtherEpoch(#[n(0)] EpochNotice),
    /// The device is unknown here.
    #[n(2)]
    UnknownDevice,
}

/// Answers to pushed entries, and rows after the cursor.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Rows {
    /// One per pushed entry, in order.
    #[n(0)]
    pub acknowledgements: Vec<Acknowledgement>,
    /// Signatures over the receipts in `acknowledgements`, cut into pages in order; none where each stored entry comes
    /// as a row of this reply.
    #[n(1)]
    pub acknowledged_by: Vec<Signature>,
    /// Rows after the cursor, without gaps.
    #[n(2)]
    pub rows: Vec<Row>,
    /// Signatures over the receipts of `rows`, cut into pages in order.
    #[n(3)]
    pub rows_by: Vec<Signature>,
    /// Whether more rows wait.
    #[n(4)]
    pub has_more: bool,
    /// Rows up to here survive what the server promises to survive (exchange rule R13).
    #[n(5)]
    pub safe: u64,
    /// Whether `safe` comes from a second copy; else it covers one fault only.
    #[n(6)]
    pub has_second_copy: bool,
}

/// A row of the log on its way to a phone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Row {
    /// With its bytes.
    #[n(0)]
    Full {
        /// The entry as signed.
        #[cbor(n(0), with = "minicbor::bytes")]
        entry: Vec<u8>,
        /// Its first receipt if that is of another place than this row.
        #[n(1)]
        first: Option<Place>,
        /// Whether it has effect.
        #[n(2)]
        in_force: bool,
        /// When the server first had it.
        #[n(3)]
        received_ms: i64,
    },
    /// Pushed in this very request.
    #[n(1)]
    Pushed {
        /// Index into the pushed entries.
        #[n(0)]
        index: u16,
        /// Its first receipt if that is of another place than this row.
        #[n(1)]
        first: Option<Place>,
        /// Whether it has effect.
        #[n(2)]
        in_force: bool,
        /// When the server first had it.
        #[n(3)]
        received_ms: i64,
    },
}

/// What became of one pushed entry.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Acknowledgement {
    /// In the log.
    #[n(0)]
    Stored {
        /// Its first receipt.
        #[n(0)]
        first: Place,
        /// Its number in the present log.
        #[n(1)]
        number: u64,
        /// Whether it has effect.
        #[n(2)]
        in_force: bool,
        /// When the server first had it.
        #[n(3)]
        received_ms: i64,
    },
    /// Not taken, and why.
    #[n(1)]
    Refused(#[n(0)] Refusal),
    /// It builds on entries that the server does not have.
    #[n(2)]
    Missing(#[n(0)] Vec<EntryHash>),
    /// The server is recovering, or its engine has looked at enough for one request; asked again later.
    #[n(3)]
    Wait,
}

/// The server has begun a new life.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct EpochNotice {
    /// The present one.
    #[n(0)]
    pub present: SignedEpoch,
    /// The lives before it.
    #[n(1)]
    pub lineage: Vec<Fork>,
}

/// A life of the server under its identity key: nobody else can claim that one has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SignedEpoch {
    /// Which.
    #[n(0)]
    pub epoch: Epoch,
    /// By the identity key.
    #[n(1)]
    by: Signature,
}

impl SignedEpoch {
    /// Signs a life that has begun.
    pub fn sign(epoch: Epoch, server: &SigningKey) -> Self {
        Self { epoch, by: sign(&[EPOCH_DOMAIN, &epoch.to_bytes()], server) }
    }

    /// Whether the server with this identity began it.
    pub fn is_signed_by(&self, server: &PublicKey) -> bool {
        is_signed(&[EPOCH_DOMAIN, &self.epoch.to_bytes()], &self.by, server)
    }
}

/// The server's word that this reply answers this request, both as sent: on a line without encryption somebody else could
/// answer, and an answer decides what a phone sends again.
pub fn sign_reply(request: &[u8], reply: &[u8], server: &SigningKey) -> Signature {
    sign(&[REPLY_DOMAIN, &Sha256::digest(request), &Sha256::digest(reply)], server)
}

/// Whether the server with this identity answered this request with this reply.
pub fn is_reply_signed(request: &[u8], reply: &[u8], signature: &Signature, server: &PublicKey) -> bool {
    is_signed(&[REPLY_DOMAIN, &Sha256::digest(request), &Sha256::digest(reply)], signature, server)
}

/// A signature as the header of a reply holds it.
pub fn write_signature(signature: &Signature) -> String {
    data_encoding::BASE64URL_NOPAD.encode(signature.as_bytes())
}

/// The signature in the header of a reply.
pub fn read_signature(text: &str) -> Option<Signature> {
    Signature::from_slice(&data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?)
}

/// Where one life of the server ended for this space.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Fork {
    /// The earlier life.
    #[n(0)]
    pub epoch: Epoch,
    /// The last number that it shares with the present one.
    #[n(1)]
    pub number: u64,
    /// The chain there.
    #[n(2)]
    pub chain: ChainHash,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageRefused {
    /// Over [`MESSAGE_BYTES_MAX`] packed or [`UNPACKED_BYTES_MAX`] unpacked, or more parts than their limits.
    #[error("the message is too large")]
    TooLarge,
    /// Not one zstd frame of this message.
    #[error("the message cannot be read")]
    Unreadable,
}

/// Packs a request or a reply.
pub fn pack<T: Encode<()>>(message: &T) -> Vec<u8> {
    let plain = minicbor::to_vec(message).expect("writing to memory cannot fail");
    zstd::bulk::compress(&plain, ZSTD_LEVEL).expect("packing memory cannot fail")
}

/// Unpacks a request, with every limit checked before anything is believed.
pub fn unpack_request(packed: &[u8]) -> Result<Request, MessageRefused> {
    let request: Request = unpack(packed)?;
    let entries: usize = request.spaces.iter().map(|space| space.entries.len()).sum();
    let too_large = request.spaces.len() > SPACES_MAX
        || entries > ENTRIES_MAX
        // Beside those of its entries, the one page by which a phone shows what the server has lost.
        || request.spaces.iter().any(|space| space.receipts.len() > space.entries.len() + 1)
        || request.spaces.iter().flat_map(|space| &space.entries).any(|pushed| pushed.entry.len() > ENTRY_BYTES_MAX);
    if too_large { Err(MessageRefused::TooLarge) } else { Ok(request) }
}

/// Unpacks a reply.
pub fn unpack_reply(packed: &[u8]) -> Result<Reply, MessageRefused> {
    unpack(packed)
}

fn unpack<T: for<'b> Decode<'b, ()>>(packed: &[u8]) -> Result<T, MessageRefused> {
    if packed.len() > MESSAGE_BYTES_MAX {
        return Err(MessageRefused::TooLarge);
    }
    // A frame that lies about its size is broken: no more than it promised is ever unpacked.
    let promised = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(MessageRefused::Unreadable)?;
    let promised = usize::try_from(promised).ok().filter(|bytes| *bytes <= UNPACKED_BYTES_MAX);
    let promised = promised.ok_or(MessageRefused::TooLarge)?;
    let plain = zstd::bulk::decompress(packed, promised).map_err(|_| MessageRefused::Unreadable)?;
    minicbor::decode(&plain).map_err(|_| MessageRefused::Unreadable)
}
