//! This device: its key, its incarnation, the server that it belongs to, and the one that it asks to be let in by.
//!
//! The key lies in the store. The incarnation lies in the store *and* in a file that no backup of the operating system
//! holds; when they differ, the store was restored and a new one is made before any entry is (exchange rule R1).

use std::path::Path;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use model::enrolment::NONCE_BYTES;
use model::entry::device_id;
use model::four_words::four_words;
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, SpaceId};
use model::receipt::ReceiptedEntry;
use model::space::{directory_space, person_space};

use crate::account;
use crate::store::{Store, StoreFailed, ballot_box, meta, set_meta};

/// Where the office let this device in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Home {
    /// Where the server answers.
    #[n(0)]
    pub address: String,
    /// Its identity.
    #[n(1)]
    pub server: PublicKey,
    /// Whose device this is.
    #[n(2)]
    pub person: PersonId,
}

/// A request to be let in that the server of the code took. It changes nothing about the home until the office approved
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Application {
    /// Where the server of the code answers.
    #[n(0)]
    pub address: String,
    /// Its identity.
    #[n(1)]
    pub server: PublicKey,
    /// The code's hash.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub code: [u8; 32],
    /// The server's part in the four words.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: [u8; NONCE_BYTES],
}

/// The device as it stands.
pub struct Device {
    /// Its key.
    pub key: SigningKey,
    /// Under which its next entries are made.
    pub incarnation: u64,
    /// Where it belongs; none before enrolment.
    pub home: Option<Home>,
    /// What the office has not approved yet.
    pub application: Option<Application>,
}

impl Device {
    /// Reads or makes the device. `random` gives 32 fresh bytes.
    pub fn open(
        store: &mut Store,
        incarnation_file: &Path,
        mut random: impl FnMut() -> [u8; 32],
    ) -> Result<Self, StoreFailed> {
        let seed: [u8; 32] = match meta(store.reader(), "key")? {
            Some(bytes) => bytes.try_into().map_err(|_| StoreFailed::Damaged)?,
            None => {
                let seed = random();
                store.transact(|transaction| set_meta(transaction, "key", &seed))?;
                seed
            }
        };
        let incarnation = incarnation(store, incarnation_file, &mut random)?;
        let home = kept(store, "home")?;
        let application = kept::<Option<Application>>(store, "application")?.flatten();
        Ok(Self { key: SigningKey::from_bytes(&seed), incarnation, home, application })
    }

    /// The public half of its key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// Its name.
    pub fn id(&self) -> DeviceId {
        device_id(&self.public_key())
    }

    /// The space of its person's own papers.
    pub fn own_space(&self) -> Option<SpaceId> {
        let home = self.home.as_ref()?;
        Some(person_space(&home.server, home.person))
    }

    /// The space of what the office tells every phone.
    pub fn directory(&self) -> Option<SpaceId> {
        self.home.as_ref().map(|home| directory_space(&home.server))
    }

    /// What must also stand on the office's screen before it approves.
    pub fn words(&self) -> Option<[&'static str; 4]> {
        let Application { server, code, nonce, .. } = self.application.as_ref()?;
        Some(four_words(server, &self.public_key(), code, nonce))
    }

    /// Keeps what the office is asked for.
    pub fn apply(&mut self, store: &mut Store, application: Application) -> Result<(), StoreFailed> {
        let application = Some(application);
        store.transact(|transaction| set_meta(transaction, "application", &bytes(&application)))?;
        self.application = application;
        Ok(())
    }

    /// Keeps where the office let the device in, with its memberships; nothing is asked for any more.
    pub fn settle(&mut self, store: &mut Store, home: Home, given: &[ReceiptedEntry]) -> Result<(), StoreFailed> {
        store.transact(|transaction| {
            account::enrol(transaction, given)?;
            set_meta(transaction, "home", &bytes(&home))?;
            set_meta(transaction, "application", &bytes(&None::<Application>))
        })?;
        (self.home, self.application) = (Some(home), None);
        Ok(())
    }
}

fn bytes<T: Encode<()>>(kept: &T) -> Vec<u8> {
    minicbor::to_vec(kept).expect("writing to memory cannot fail")
}

fn kept<T: for<'b> Decode<'b, ()>>(store: &Store, name: &str) -> Result<Option<T>, StoreFailed> {
    let Some(bytes) = meta(store.reader(), name)? else { return Ok(None) };
    minicbor::decode(&bytes).map(Some).map_err(|_| StoreFailed::Damaged)
}

/// The incarnation that file and store agree on, or a new one in both.
fn incarnation(store: &mut Store, file: &Path, random: &mut impl FnMut() -> [u8; 32]) -> Result<u64, StoreFailed> {
    let stored = meta(store.reader(), "incarnation")?;
    let outside = std::fs::read(file).ok();
    if let (Some(stored), Some(outside)) = (&stored, &outside)
        && stored == outside
        && let Ok(bytes) = <[u8; 8]>::try_from(stored.as_slice())
    {
        return Ok(u64::from_be_bytes(bytes));
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&random()[..8]);
    // The file first: if the process dies in between, they differ and the next start makes another new one.
    write_durably(file, &bytes)?;
    store.transact(|transaction| {
        ballot_box::name_anew(transaction, random)?;
        set_meta(transaction, "incarnation", &bytes)
    })?;
    Ok(u64::from_be_bytes(bytes))
}

fn write_durably(file: &Path, bytes: &[u8]) -> Result<(), StoreFailed> {
    use std::io::Write;
    let write = || {
        let mut open = std::fs::File::create(file)?;
        open.write_all(bytes)?;
        open.sync_all()
    };
    write().map_err(|failed: std::io::Error| match failed.kind() {
        std::io::ErrorKind::StorageFull => StoreFailed::Full,
        _ => StoreFailed::ReadOnly,
    })
}
