//! A request made ready for the writer: everything that needs no database is done before its turn comes.

use model::entry::{Content, Entry, EntryRefused, device_id};
use model::exchange::{Request, SpaceRequest};
use model::hash::PublicKey;
use model::identity::DeviceId;
use model::receipt::{Epoch, ReceiptPage};
use model::signatures::SignatureBatch;

/// A request whose entries were read, before the writer saw it.
pub struct Prepared {
    request: Request,
    spaces: Vec<PreparedSpace>,
    /// The device whose signatures in it are all known to fit.
    verified: Option<DeviceId>,
}

/// What is known of one space's part without asking the log.
struct PreparedSpace {
    entries: Vec<Result<Entry, EntryRefused>>,
    /// Which receipts are of this space and signed by this server.
    pages: Vec<bool>,
    /// Whom the enrolment lets in that is shown.
    enrolled: Option<DeviceId>,
}

impl Prepared {
    /// Reads every entry: size, fields, hash, header of each change. Verifies what the server with this identity is said
    /// to have signed.
    pub fn new(request: Request, identity: &PublicKey) -> Self {
        let is_ours =
            |asked: &SpaceRequest, page: &ReceiptPage| page.space == asked.space && page.is_signed_by(identity);
        let prepare = |asked: &SpaceRequest| PreparedSpace {
            entries: asked.entries.iter().map(|pushed| Entry::read(&pushed.entry)).collect(),
            pages: asked.receipts.iter().map(|page| is_ours(asked, page)).collect(),
            enrolled: enrolled(asked, identity),
        };
        Self { spaces: request.spaces.iter().map(prepare).collect(), request, verified: None }
    }

    /// Verifies what the device of this key made, as one batch; after a failure each entry is verified by itself.
    pub fn verified_with(mut self, key: &PublicKey) -> Self {
        let device = device_id(key);
        let mut batch = SignatureBatch::default();
        let own =
            self.spaces.iter().flat_map(|space| &space.entries).flatten().filter(|entry| entry.fields.device == device);
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
        &self.spaces[index].entries
    }

    /// Which receipts of its space with this index are of that space and signed by this server.
    pub(crate) fn pages_of_ours(&self, index: usize) -> &[bool] {
        &self.spaces[index].pages
    }

    /// A device that the log does not know is let in on its own signed membership entry (exchange rule R16).
    pub(crate) fn shows_enrolment(&self, index: usize, device: DeviceId) -> bool {
        self.spaces[index].enrolled == Some(device)
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

fn enrolled(asked: &SpaceRequest, identity: &PublicKey) -> Option<DeviceId> {
    let enrolment = asked.enrolment.as_ref()?;
    let (entry, _) = enrolment.read()?;
    let Content::Grant(grant) = &entry.content else { return None };
    let is_ours = grant.role.is_some()
        && entry.fields.space == asked.space
        && entry.is_signed_by(identity)
        && enrolment.page.is_signed_by(identity);
    grant.key.as_ref().filter(|_| is_ours).map(device_id)
}
