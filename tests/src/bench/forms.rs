//! Synthetic forms as the baseline measured them: 30 fields, of which 7 name things, 4 are choices, 12 are scores and 3
//! are answers of 50 to 400 characters; 904 bytes of text on average.

use std::ops::Range;
use std::path::Path;

use model::document::{DocumentKind, Edit, Scalar, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of};
use model::form::built_in::civil_servant_self_assessment;
use model::hash::PublicKey;
use model::identity::{CycleId, PersonId, SpaceId, derive_bytes};
use model::self_assessment::{Heading, subject};
use model::time::Timestamp;
use phone::device::Device;

use phone::store::{Store, StoreFailed, StoreKey, documents, entries};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::stage::Writer;
use crate::demo::{Told, failed};

const SYLLABLES: [&str; 40] = [
    "cần", "rút", "kinh", "nghiệm", "trong", "việc", "tiếp", "dân", "hằng", "tuần", "đã", "hoàn", "thành", "kế",
    "hoạch", "được", "giao", "phối", "hợp", "với", "các", "bộ", "phận", "chuyên", "môn", "của", "xã", "để", "giải",
    "quyết", "hồ", "sơ", "đúng", "hạn", "còn", "chậm", "ở", "khâu", "báo", "cáo",
];

/// Whose forms they are.
pub struct Author {
    /// The person.
    pub person: PersonId,
    /// Their space.
    pub space: SpaceId,
    /// The device.
    pub device: Device,
}

/// The edits of the form with this number: one transaction, as a form that is filled in at once.
pub fn edits(person: PersonId, number: u32) -> Vec<Edit> {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(number));
    let mut edits = heading(person, number).edits();
    let mut put = |field: String, value: Scalar| edits.push(Edit { field, value: Some(value) });
    for name in ["unit", "reviewer"] {
        let id = PersonId::from_bytes(derive_bytes(name, &[&(number % 50).to_be_bytes()]));
        put(format!("a/{name}"), Scalar::Text(id.to_string()));
    }
    for (name, options) in [("self_rating", 4), ("d", 2), ("dd", 2), ("e", 2)] {
        let option = ["excellent", "good", "completed", "not_completed"][random.random_range(0..options)];
        put(format!("a/{name}"), Scalar::Text(option.to_owned()));
    }
    for score in 0..12 {
        put(format!("a/g{}_{}", score / 4 + 1, score % 4 + 1), Scalar::Integer(random.random_range(0..11) * 50));
    }
    for name in ["strengths", "weaknesses", "explanation"] {
        put(format!("a/{name}"), Scalar::Text(prose(&mut random)));
    }
    for name in ["acknowledgement", "has_evidence", "is_final"] {
        put(format!("a/{name}"), Scalar::Flag(true));
    }
    edits
}

/// What the form with this number is about.
pub fn heading(person: PersonId, number: u32) -> Heading {
    let cycle = CycleId::from_bytes(derive_bytes("cycle of the benchmark", &[&number.to_be_bytes()]));
    Heading { cycle, person, form: civil_servant_self_assessment().pin(), is_leader: true }
}

fn prose(random: &mut ChaCha8Rng) -> String {
    let characters = random.random_range(50..=400);
    let mut text = String::new();
    while text.chars().count() < characters {
        text.push_str(SYLLABLES[random.random_range(0..SYLLABLES.len())]);
        text.push(' ');
    }
    text
}

impl Author {
    /// The person and the device of an enrolled phone's store.
    pub fn of(store: &mut Store, folder: &Path) -> Told<Self> {
        let device = Device::open(store, &folder.join("incarnation"), || [7; 32]);
        let device = device.map_err(failed("The device cannot be read"))?;
        let person = device.home.as_ref().ok_or("the phone is not enrolled")?.person;
        let space = device.own_space().ok_or("the phone is not enrolled")?;
        Ok(Self { person, space, device })
    }

    /// The first change of a form, signed.
    pub fn form(&self, number: u32) -> Entry {
        let (space, person, incarnation) = (self.space, self.person, self.device.incarnation);
        let about = subject(heading(person, number).cycle, person);
        let document = DocumentKind::SelfAssessment.document_about(space, &about);
        let actor = actor_of(self.device.id(), space, document, incarnation);
        let claimed = Timestamp::from_utc_ms(1_780_000_000_000 + i64::from(number));
        let change = WorkingDocument::default().record(actor, claimed, &edits(person, number));
        let body = change.expect("a form has something to record").bytes;
        let draft = EntryDraft { kind: EntryKind::Change, space, document, person, incarnation, body };
        Entry::sign(draft, &self.device.key).expect("a form fits into an entry")
    }
}

/// Opens the store of a phone that nobody else has open.
pub fn open(folder: &Path) -> Told<Store> {
    let key = StoreKey::from_slice(&[9; 32]).ok_or("no key")?;
    Store::open(&folder.join("store.db"), &key).map_err(failed("The phone's store cannot be opened"))
}

/// The key of an enrolled phone that nobody else has open.
pub fn key_of(folder: &Path) -> Told<PublicKey> {
    Ok(Author::of(&mut open(folder)?, folder)?.device.public_key())
}

/// Fills the outbox of a phone with the forms of these numbers, as its own work would, only in one commit.
pub fn fill(folder: &Path, numbers: Range<u32>) -> Told<Writer> {
    let mut store = open(folder)?;
    let author = Author::of(&mut store, folder)?;
    let kept = store.transact(|transaction| {
        let keep = |number| {
            let entry = author.form(number);
            let about = (author.space, entry.fields.document);
            let mut row = documents::begin(transaction, about.0, about.1, author.person)?;
            row.latest = entries::keep_own(transaction, &entry, &row)?;
            row.changes = 1;
            documents::write(transaction, &row)?;
            Ok::<_, StoreFailed>(entry)
        };
        numbers.map(keep).collect::<Result<Vec<Entry>, _>>()
    });
    Ok(Writer { key: author.device.public_key(), entries: kept.map_err(failed("The forms cannot be kept"))? })
}
