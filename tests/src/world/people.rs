//! Who lives in the commune, and which spaces and papers they share.
//!
//! A cadre and the head of the unit. Each has a space of their own papers in which the other decides, and the office
//! tells both through the directory; so every request carries three spaces.

use ed25519_dalek::SigningKey;
use model::hash::PublicKey;
use model::identity::{CycleId, DocumentId, PersonId, SpaceId};
use model::membership::{Grant, Role};
use model::receipt::ReceiptedEntry;
use phone::work::Paper;

use super::servers::SimulatedServer;

/// A cadre with two devices.
pub const CADRE: PersonId = PersonId::from_bytes([1; 16]);

/// The head of the unit, with one device.
pub const HEAD: PersonId = PersonId::from_bytes([2; 16]);

/// Somebody's own paper.
#[derive(Clone, Copy, Debug)]
pub struct OwnPaper {
    /// Where it is.
    pub paper: Paper,
    /// Whose it is.
    pub person: PersonId,
    /// The cycle that it is for.
    pub cycle: CycleId,
}

impl OwnPaper {
    fn of(space: SpaceId, person: PersonId, cycle: u8) -> Self {
        let cycle = CycleId::from_bytes([cycle; 16]);
        let subject = model::self_assessment::subject(cycle, person);
        let document: DocumentId = model::document::DocumentKind::SelfAssessment.document_about(space, &subject);
        Self { paper: Paper { space, document }, person, cycle }
    }
}

/// Two papers of the cadre and one of the head.
pub fn papers(server: &mut SimulatedServer) -> Vec<OwnPaper> {
    let (cadre, head) = (server.office().space_of(CADRE), server.office().space_of(HEAD));
    vec![OwnPaper::of(cadre, CADRE, 0), OwnPaper::of(cadre, CADRE, 1), OwnPaper::of(head, HEAD, 0)]
}

/// The spaces and what a person is in each.
pub fn roles(server: &mut SimulatedServer, person: PersonId) -> [(SpaceId, Role); 3] {
    let office = server.office();
    let (cadre, head, directory) = (office.space_of(CADRE), office.space_of(HEAD), office.directory());
    let (in_cadre, in_head) =
        if person == CADRE { (Role::Subject, Role::PersonnelOffice) } else { (Role::Head, Role::Subject) };
    [(cadre, in_cadre), (head, in_head), (directory, Role::Supervisor)]
}

/// The key of the device with this index.
pub fn key_of(index: usize) -> SigningKey {
    SigningKey::from_bytes(&[100 + index as u8; 32])
}

/// The public half of a key.
pub fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// What an act of the office does with a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// In, with the person's roles.
    In,
    /// Out.
    Out,
}

/// One act about a device, or without a key about its person, in every space.
pub fn act(
    server: &mut SimulatedServer,
    (key, person): (Option<PublicKey>, PersonId),
    step: Step,
    now_ms: i64,
) -> Vec<ReceiptedEntry> {
    let mut records = Vec::new();
    for (space, role) in roles(server, person) {
        let role = (step == Step::In).then_some(role);
        let moment = server.moment(now_ms);
        let grant = Grant { key, person, role, claimed_ms: now_ms };
        records.extend(server.office().act(&[space], &grant, moment).expect("an act of the office is stored"));
    }
    records
}
