//! A round as the office tells it to the phones: what the holders signed, and the one admission key; and the file in
//! which it leaves the ceremony.

use data_encoding::BASE64;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{NotSigned, SignedRound};
use crate::admission::{ADMISSION_BYTES, AdmissionKey};
use crate::directory::{DirectoryItem, ItemKind};

/// A signed round with the key that lets its envelopes in.
#[derive(Clone, PartialEq, Eq)]
pub struct AnnouncedRound {
    /// What three holders signed.
    pub signed: SignedRound,
    /// The same for every phone; the definition holds its hash (anonymity A23).
    pub admission: AdmissionKey,
}

/// How it stands in the directory.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    signed: String,
    admission: String,
}

impl AnnouncedRound {
    /// The item of the directory; its code is the round's name.
    pub fn item(&self) -> DirectoryItem {
        let body = Body {
            signed: BASE64.encode(&self.signed.to_bytes()),
            admission: BASE64.encode(self.admission.as_bytes()),
        };
        let body = serde_json::to_string(&body).expect("two texts can be written");
        DirectoryItem { kind: ItemKind::Round, code: self.signed.definition.id.to_string(), body }
    }

    /// Reads an item. Another code, a signature that does not fit or another admission key make it none: nobody seals
    /// under it.
    pub fn read(item: &DirectoryItem) -> Result<Self, NotSigned> {
        let body: Body = serde_json::from_str(&item.body).map_err(|_| NotSigned)?;
        let bytes = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| NotSigned);
        let signed = SignedRound::read(&bytes(&body.signed)?)?;
        let admission: [u8; ADMISSION_BYTES] = bytes(&body.admission)?.try_into().map_err(|_| NotSigned)?;
        let round = Self { signed, admission: AdmissionKey::from_bytes(admission) };
        let definition = &round.signed.definition;
        let is_whole =
            item.kind == ItemKind::Round && item.code == definition.id.to_string() && round.admission.is_of(definition);
        if is_whole { Ok(round) } else { Err(NotSigned) }
    }
}

/// What the three holders hand to the office after the ceremony. The sealed slip book goes no further than the server,
/// which gives it back at the opening; phones get an [`AnnouncedRound`].
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Announcement {
    /// What they signed.
    #[n(0)]
    pub signed: SignedRound,
    #[cbor(n(1), with = "minicbor::bytes")]
    admission: [u8; ADMISSION_BYTES],
    /// Sealed to the round's key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub slip_book: Vec<u8>,
}

impl Announcement {
    /// From what the ceremony made.
    pub fn new(round: AnnouncedRound, slip_book: Vec<u8>) -> Self {
        Self { signed: round.signed, admission: *round.admission.as_bytes(), slip_book }
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads the file of a ceremony; a signature that does not fit, or another admission key, makes it none.
    pub fn read(bytes: &[u8]) -> Result<Self, NotSigned> {
        let announcement: Self = minicbor::decode(bytes).map_err(|_| NotSigned)?;
        let definition = &announcement.signed.definition;
        let is_whole = announcement.signed.is_signed()
            && AdmissionKey::from_bytes(announcement.admission).is_of(definition)
            && announcement.to_bytes() == bytes;
        if is_whole { Ok(announcement) } else { Err(NotSigned) }
    }

    /// What the phones are told.
    pub fn round(&self) -> AnnouncedRound {
        AnnouncedRound { signed: self.signed.clone(), admission: AdmissionKey::from_bytes(self.admission) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RoundDefinition, samples};
    use super::*;

    fn round() -> AnnouncedRound {
        let admission = AdmissionKey::from_bytes([4; 32]);
        let definition = RoundDefinition { admission: admission.hash(), ..samples::confidence() };
        AnnouncedRound { signed: samples::signed(definition), admission }
    }

    #[test]
    fn a_phone_reads_the_round_that_the_office_announced() {
        assert!(AnnouncedRound::read(&round().item()) == Ok(round()));
    }

    #[test]
    fn a_round_that_the_server_changed_is_none() {
        let item = round().item();
        let renamed = DirectoryItem { code: "other".to_owned(), ..item.clone() };
        let other_kind = DirectoryItem { kind: ItemKind::Cycle, ..item.clone() };
        let tagged = AnnouncedRound { admission: AdmissionKey::from_bytes([5; 32]), ..round() }.item();
        let mut lowered = round();
        lowered.signed.definition.group_min = 5;
        let cut = DirectoryItem { body: item.body[..item.body.len() - 2].to_owned(), ..item };
        for item in [renamed, other_kind, tagged, lowered.item(), cut] {
            assert!(AnnouncedRound::read(&item).is_err());
        }
    }

    #[test]
    fn the_office_reads_what_the_ceremony_wrote() {
        let announcement = Announcement::new(round(), vec![7; 40]);
        let bytes = announcement.to_bytes();
        let read = Announcement::read(&bytes).unwrap_or_else(|refused| panic!("{refused}"));
        assert!(read == announcement && read.round() == round());
        let mut tagged = announcement.clone();
        tagged.admission = [5; 32];
        let mut lowered = announcement;
        lowered.signed.definition.group_min = 5;
        let longer = [&bytes[..], &[0]].concat();
        for bytes in [tagged.to_bytes(), lowered.to_bytes(), longer, bytes[..bytes.len() - 1].to_vec()] {
            assert!(Announcement::read(&bytes).is_err());
        }
    }
}
