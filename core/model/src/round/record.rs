//! What a volunteer's phone says of a round on the named road: which slips were drawn, what its box holds, which slips
//! came back unused.
//!
//! Ticks leave the phone once a day as one sorted set, without time: the order of visits is in nothing. A seal is said
//! once; a list of returned slips is sealed to the round's key. Nothing here touches an answer. Source: anonymity A7, A8,
//! A19, A43.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use super::AreaNumber;
use crate::box_seal::{BoxId, BoxSeal, SLOTS};
use crate::document::{DocumentKind, Edit, Field, Fields, Scalar};
use crate::hash::ContentHash;
use crate::identity::{PersonId, RoundId};
use crate::opening::SealedBytes;
use crate::refusal::Refusal;

/// Lines of one set of ticks.
pub const TICKS_MAX: usize = 500;

/// Slips of one sealed list of returned ones.
pub const RETURNED_MAX: usize = 200;

/// One record of one person about one round.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RoundRecord {
    /// Lines of the roll whose household drew a slip.
    pub issued: BTreeMap<AreaNumber, BTreeSet<u32>>,
    /// Seals of this person's phones, usually one.
    pub seals: Vec<BoxSeal>,
    /// Sealed lists of slips that were handed back.
    pub returned: Vec<SealedBytes>,
}

/// The edits that begin a record; the same on every phone of the person.
pub fn begin(round: RoundId, person: PersonId) -> Vec<Edit> {
    vec![
        text("_t", DocumentKind::RoundRecord.word().to_owned()),
        Edit { field: "_v".to_owned(), value: Some(Scalar::Integer(1)) },
        text("round", round.to_string()),
        text("person", person.to_string()),
    ]
}

/// The edit that says which lines drew a slip since the last time. Any order of the same ticks gives the same edit (A7).
///
/// # Panics
///
/// With more than [`TICKS_MAX`] lines.
pub fn ticks(area: AreaNumber, lines: &BTreeSet<u32>) -> Edit {
    assert!(lines.len() <= TICKS_MAX, "one set has at most {TICKS_MAX} lines");
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    let lines = lines.join(",");
    text(&format!("issued.{}.{}", area.0, name_of(lines.as_bytes())), lines)
}

/// The edit that says what a box holds.
pub fn seal(seal: &BoxSeal) -> Edit {
    let field = format!("sealed.{}", HEXLOWER.encode(seal.id.as_bytes()));
    text(&field, format!("{} {}", seal.count, seal.root))
}

/// The edit with a sealed list of returned slips.
pub fn returned(sealed: &SealedBytes) -> Edit {
    text(&format!("returned.{}", name_of(&sealed.0)), BASE64.encode(&sealed.0))
}

impl RoundRecord {
    /// Reads a record. What this version does not know is left out; what is disputed counts nowhere, for a phone says
    /// every field once.
    pub fn read(fields: &Fields) -> Self {
        let mut record = Self::default();
        for (name, field) in fields {
            let Field::Settled(Scalar::Text(value)) = field else { continue };
            record.take(name, value);
        }
        record
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name.split_once('.')? {
            ("issued", rest) => {
                let area = AreaNumber(rest.split_once('.')?.0.parse().ok()?);
                let lines: Vec<u32> = value.split(',').map(|line| line.parse().ok()).collect::<Option<_>>()?;
                self.issued.entry(area).or_default().extend(lines);
            }
            ("sealed", id) => {
                let id: [u8; 16] = HEXLOWER.decode(id.as_bytes()).ok()?.try_into().ok()?;
                let (count, root) = value.split_once(' ')?;
                let count = count.parse().ok().filter(|count| usize::from(*count) <= SLOTS)?;
                let root = ContentHash::from_slice(&HEXLOWER.decode(root.as_bytes()).ok()?)?;
                self.seals.push(BoxSeal { id: BoxId::from_bytes(id), count, root });
            }
            ("returned", _) => self.returned.push(SealedBytes(BASE64.decode(value.as_bytes()).ok()?)),
            _ => {}
        }
        Some(())
    }
}

/// What the id of the record is derived from.
pub fn subject(round: RoundId, person: PersonId) -> Vec<u8> {
    [round.as_bytes().as_slice(), person.as_bytes()].concat()
}

pub(crate) fn subject_of(fields: &Fields) -> Option<Vec<u8>> {
    let (round, person) = heading(fields)?;
    Some(subject(round, person))
}

/// Whether the fields are a record, and the author's own.
pub(crate) fn check_shape(fields: &Fields, author: Option<PersonId>) -> Result<(), Refusal> {
    let (_, person) = heading(fields).ok_or(Refusal::BrokenDocument)?;
    let is_own = author.is_none_or(|author| author == person);
    if is_own { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Of which round, and whose.
pub fn heading(fields: &Fields) -> Option<(RoundId, PersonId)> {
    let text = |name| crate::self_assessment::text_of(fields, name);
    let is_ours = text("_t")? == DocumentKind::RoundRecord.word();
    let heading = (RoundId::parse(text("round")?).ok()?, PersonId::parse(text("person")?).ok()?);
    is_ours.then_some(heading)
}

/// A name that says nothing but which value stands under it.
fn name_of(value: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(value)[..8])
}

fn text(field: &str, value: String) -> Edit {
    Edit { field: field.to_owned(), value: Some(Scalar::Text(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::WorkingDocument;
    use crate::entry::actor_of;
    use crate::identity::{DeviceId, SpaceId};
    use crate::time::Timestamp;

    fn ids() -> (RoundId, PersonId) {
        (RoundId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]))
    }

    fn box_seal(number: u8) -> BoxSeal {
        BoxSeal::of(BoxId::from_bytes([number; 16]), &[]).unwrap_or_else(|refused| panic!("{refused}"))
    }

    fn fields(edits: &[Edit]) -> Fields {
        let (device, space) = (DeviceId::from_bytes([3; 16]), SpaceId::from_bytes([4; 16]));
        let id = DocumentKind::RoundRecord.document_about(space, &subject(ids().0, ids().1));
        let mut document = WorkingDocument::default();
        document
            .record(actor_of(device, space, id, 1), Timestamp::from_utc_ms(0), edits)
            .expect("edits change something");
        document.fields().expect("single values")
    }

    #[test]
    fn a_record_reads_what_a_phone_said() {
        let (first, second) = (BTreeSet::from([7, 3, 11]), BTreeSet::from([3, 4]));
        let sealed = SealedBytes(vec![1, 2, 3]);
        let mut edits = begin(ids().0, ids().1);
        edits.extend([ticks(AreaNumber(1), &first), ticks(AreaNumber(1), &second), ticks(AreaNumber(2), &second)]);
        edits.extend([seal(&box_seal(1)), returned(&sealed)]);
        let fields = fields(&edits);
        let record = RoundRecord::read(&fields);
        assert_eq!(record.issued[&AreaNumber(1)], BTreeSet::from([3, 4, 7, 11]));
        assert_eq!(record.issued[&AreaNumber(2)], second);
        assert!(record.seals == [box_seal(1)] && record.returned == [sealed]);
        assert_eq!(heading(&fields), Some(ids()));
        assert_eq!(check_shape(&fields, Some(ids().1)), Ok(()));
        assert_eq!(check_shape(&fields, Some(PersonId::from_bytes([9; 16]))), Err(Refusal::NotAllowed));
    }

    /// A7: any order of the same ticks gives the same bytes.
    #[test]
    fn the_order_of_visits_is_in_nothing() {
        let (there, back): (BTreeSet<u32>, BTreeSet<u32>) = ((1..60).collect(), (1..60).rev().collect());
        assert_eq!(ticks(AreaNumber(1), &there), ticks(AreaNumber(1), &back));
    }

    #[test]
    fn what_no_phone_says_is_left_out() {
        let edits = ["issued.1", "issued.x.1", "sealed.zz", "sealed.00", "returned.1", "other.1"];
        let edits: Vec<Edit> = edits.into_iter().map(|name| text(name, "99 zz,!".to_owned())).collect();
        assert!(RoundRecord::read(&fields(&edits)) == RoundRecord::default());
    }
}
