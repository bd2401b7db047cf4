//! A request made ready for the writer: everything that needs no database is done before its turn comes.

use model::entry::{Entry, EntryRefused, device_id};
use model::exchange::{Request, SpaceRequest};
use model::hash::PublicKey;
use model::identity::DeviceId;
use model::receipt::Epoch;
use model::signatures::SignatureBatch;

/// A request whose entries were read, before the writer saw it.
pub struct Prepared {
    request: Request,
    entries: Vec<Vec<Result<Entry, EntryRefused>>>,
    /// The device whose signatures in it are all known to fit.
    verified: Option<DeviceId>,
}

impl Prepared {
    /// Reads every entry: size, fields, hash, header of each change.
    pub fn new(request: Request) -> Self {
        let read = |space: &SpaceRequest| space.entries.iter().map(|pushed| Entry::read(&pushed.entry)).collect();
        let entries = request.spaces.iter().map(read).collect();
        Self { request, entries, verified: None }
    }

    /// Verifies what the device of this key made, as one batch; after a failure each entry is verified by itself.
    pub fn verified_with(mut self, key: &PublicKey) -> Self {
        let device = device_id(key);
        let mut batch = SignatureBatch::default();
        let own = self.entries.iter().flatten().flatten().filter(|entry| entry.fields.device == device);
        own.for_each(|entry| batch.add(entry, key));
        self.verified = batch.holds().then_some(device);
        self
    }

    /// Whether the entry is signed with its device's key, verified now or before.
    pub(crate) fn is_signed(&self, entry: &Entry, key: &PublicKey) -> bool {
        self.verified == Some(entry.fields.device) || entry.is_signed_by(key)
    }

    /// The message.
    pub(crate) fn request(&self) -> &Request {
        &self.request
    }

    /// What was read of the entries of its space with this index.
    pub(crate) fn entries(&self, index: usize) -> &[Result<Entry, EntryRefused>] {
        &self.entries[index]
    }

    /// Bytes of entries in it.
    pub fn pushed_bytes(&self) -> usize {
        self.request.spaces.iter().flat_map(|space| &space.entries).map(|pushed| pushed.entry.len()).sum()
    }

    /// The newest life of this server that the phone can prove; one later than ours means that we are the old one (R20).
    pub fn proven_epoch(&self, identity: &PublicKey) -> Option<Epoch> {
        self.request.newest.filter(|newest| newest.is_signed_by(identity)).map(|newest| newest.epoch)
    }
}
