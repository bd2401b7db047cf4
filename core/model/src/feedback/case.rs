//! What leaves a batch: screened texts, and counters of what goes nowhere.
//!
//! Only the screened text ever reaches a server; of a denunciation a number is left, and the resident was told where it
//! belongs. The packet is signed by those who read the batch, so a server takes no case from anybody else. Source:
//! anonymity A29, A48, A49; domain 2.3, 3.8.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};

use super::batch::BATCH_MOST;
use super::{CONTENT_CHARS_MAX, FeedbackAbout, Topic};
use crate::handshake::{is_signed, public, sign};
use crate::hash::{PublicKey, Signature};
use crate::identity::{FeedbackId, RoundId};
use crate::round::holder::OPENERS;
use crate::round::{AreaNumber, RoundDefinition};
use crate::text::{check_line, check_prose};
use crate::time::Day;

/// Characters of what the unit spoken of reads.
pub const PARAPHRASE_CHARS_MAX: u32 = 500;

const DOMAIN: &[u8] = b"langnghe/intake-packet/1";

/// One text after screening.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct FeedbackCase {
    /// Random; nothing of the envelope is in it.
    #[n(0)]
    pub id: FeedbackId,
    /// What it is about in general.
    #[n(1)]
    pub topic: Topic,
    /// Whom or what it is about.
    #[n(2)]
    pub about: FeedbackAbout,
    /// Only where enough of the batch share it.
    #[n(3)]
    pub area: Option<AreaNumber>,
    /// What was said without what gives anybody away.
    #[n(4)]
    pub text: String,
    /// What the unit spoken of reads instead, one line.
    #[n(5)]
    pub paraphrase: String,
    /// Whether a code waits for an answer; the code itself stays with those who read the batch.
    #[n(6)]
    pub awaits_reply: bool,
}

/// Everything that leaves one batch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct IntakePacket {
    /// Of which round.
    #[n(0)]
    pub round: RoundId,
    /// The day of the batch; the clock of every case starts here.
    #[n(1)]
    pub day: Day,
    /// By their random names, so that no order is left.
    #[n(2)]
    pub cases: Vec<FeedbackCase>,
    /// Denunciations and complaints, which belong elsewhere and leave nothing else.
    #[n(3)]
    pub denounced: u32,
    /// What the commune can do nothing about, or nobody can read.
    #[n(4)]
    pub out_of_scope: u32,
    #[n(5)]
    signatures: Vec<(PublicKey, Signature)>,
}

/// What came is no packet of this round's intake or holders.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PacketRefused {
    /// Another file, or changed on the way.
    #[error("this is no packet of feedback")]
    Unreadable,
    /// Of another round.
    #[error("the packet is of another round")]
    OtherRound,
    /// Neither the intake nor two holders signed it.
    #[error("the packet is signed neither by the intake nor by two holders")]
    NotSigned,
    /// A case that cannot be kept.
    #[error("case {number} has no proper text")]
    Case {
        /// From 1.
        number: usize,
    },
}

impl IntakePacket {
    /// A packet of a batch, signed by those who read it: the intake, or two holders.
    pub fn signed(round: RoundId, day: Day, read: Screened, keys: &[&SigningKey]) -> Self {
        let Screened { mut cases, denounced, out_of_scope } = read;
        cases.sort_unstable_by_key(|case| case.id);
        let mut packet = Self { round, day, cases, denounced, out_of_scope, signatures: Vec::new() };
        let bytes = packet.unsigned_bytes();
        packet.signatures = keys.iter().map(|key| (public(key), sign(&[DOMAIN, &bytes], key))).collect();
        packet
    }

    /// The same packet under an earlier day, signed anew, if it is of a later one: made under a clock that ran ahead.
    pub fn dated(bytes: &[u8], today: Day, keys: &[&SigningKey]) -> Option<Vec<u8>> {
        let Self { round, day, cases, denounced, out_of_scope, .. } = minicbor::decode(bytes).ok()?;
        let read = Screened { cases, denounced, out_of_scope };
        (day > today).then(|| Self::signed(round, today, read, keys).to_bytes())
    }

    /// Its one way of being written.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Of which round a file says it is; asked before the round is known.
    pub fn round_of(bytes: &[u8]) -> Option<RoundId> {
        minicbor::decode::<Self>(bytes).ok().map(|packet| packet.round)
    }

    /// Of which day a file says it is; none if it is no packet.
    pub fn day_of(bytes: &[u8]) -> Option<Day> {
        minicbor::decode::<Self>(bytes).ok().map(|packet| packet.day)
    }

    /// Reads a packet of this round.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, PacketRefused> {
        let packet: Self = minicbor::decode(bytes).map_err(|_| PacketRefused::Unreadable)?;
        if packet.to_bytes() != bytes || packet.cases.len() > BATCH_MOST {
            return Err(PacketRefused::Unreadable);
        }
        if packet.round != round.id || !round.takes_feedback() {
            return Err(PacketRefused::OtherRound);
        }
        if !packet.is_signed(round) {
            return Err(PacketRefused::NotSigned);
        }
        let is_sorted = packet.cases.is_sorted_by(|one, next| one.id < next.id);
        match packet.cases.iter().position(|case| !case.is_sound(round)) {
            Some(index) => Err(PacketRefused::Case { number: index + 1 }),
            None if is_sorted => Ok(packet),
            None => Err(PacketRefused::Unreadable),
        }
    }

    /// Whether two holders read it, and not the intake: whoever has the codes gets the answers.
    pub fn is_of_holders(&self) -> bool {
        self.signatures.len() == OPENERS
    }

    /// Whether it speaks of what only the holders may open.
    fn is_protected(&self) -> bool {
        self.cases.iter().any(|case| case.about.is_protected())
    }

    /// The intake signs for what its key opens; for the rest two holders do.
    fn is_signed(&self, round: &RoundDefinition) -> bool {
        let bytes = self.unsigned_bytes();
        let is_right = |(key, signature): &(PublicKey, Signature)| is_signed(&[DOMAIN, &bytes], signature, key);
        let signers: BTreeSet<PublicKey> = self.signatures.iter().map(|(key, _)| *key).collect();
        let is_all_right = signers.len() == self.signatures.len() && self.signatures.iter().all(is_right);
        let is_intake = round.intake.as_ref().is_some_and(|intake| signers.iter().eq([&intake.signing]));
        let are_holders =
            signers.len() == OPENERS && signers.iter().all(|key| round.holders.iter().any(|holder| holder.key == *key));
        is_all_right && (are_holders || (is_intake && !self.is_protected()))
    }

    fn unsigned_bytes(&self) -> Vec<u8> {
        Self { signatures: Vec::new(), ..self.clone() }.to_bytes()
    }
}

/// What the readers made of a batch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Screened {
    /// In any order.
    pub cases: Vec<FeedbackCase>,
    /// See [`IntakePacket::denounced`].
    pub denounced: u32,
    /// See [`IntakePacket::out_of_scope`].
    pub out_of_scope: u32,
}

impl FeedbackCase {
    /// Whether it may be kept: texts within their bounds, an area that exists.
    pub fn is_sound(&self, round: &RoundDefinition) -> bool {
        let is_text = !self.text.trim().is_empty() && check_prose(&self.text, CONTENT_CHARS_MAX).is_ok();
        let is_line = check_line(&self.paraphrase, PARAPHRASE_CHARS_MAX).is_ok();
        let has = |number| round.areas.iter().any(|area| area.number == number);
        is_text && is_line && self.area.is_none_or(has)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::round;
    use super::*;
    use crate::round::samples::holder_keys;

    fn case(number: u8, about: FeedbackAbout) -> FeedbackCase {
        FeedbackCase {
            id: FeedbackId::from_bytes([number; 16]),
            topic: Topic::Works,
            about,
            area: None,
            text: "Đèn đường hỏng đã lâu.".to_owned(),
            paraphrase: "Người dân phản ánh đèn đường hỏng.".to_owned(),
            awaits_reply: true,
        }
    }

    fn packet(about: FeedbackAbout, keys: &[&SigningKey]) -> IntakePacket {
        let cases = vec![case(2, about), case(1, about)];
        let day = Day::parse("2026-12-14").unwrap();
        IntakePacket::signed(round().id, day, Screened { cases, denounced: 1, out_of_scope: 0 }, keys)
    }

    fn intake() -> SigningKey {
        SigningKey::from_bytes(&[31; 32])
    }

    #[test]
    fn a_server_reads_what_the_intake_or_two_holders_signed() {
        let [first, second, _] = holder_keys();
        let packets = [
            packet(FeedbackAbout::Street, &[&intake()]),
            packet(FeedbackAbout::Street, &[&first, &second]),
            packet(FeedbackAbout::Leaders, &[&first, &second]),
        ];
        for packet in packets {
            assert_eq!(IntakePacket::read(&packet.to_bytes(), &round()), Ok(packet.clone()));
            assert_eq!(IntakePacket::round_of(&packet.to_bytes()), Some(round().id));
            assert!(packet.cases[0].id < packet.cases[1].id, "no order is left");
        }
    }

    #[test]
    fn a_packet_of_one_holder_of_a_stranger_or_of_the_intake_about_the_leaders_is_refused() {
        let ([first, _, _], stranger) = (holder_keys(), SigningKey::from_bytes(&[77; 32]));
        let refused: [&[&SigningKey]; 5] = [&[], &[&first], &[&first, &first], &[&stranger], &[&intake(), &stranger]];
        for keys in refused {
            let bytes = packet(FeedbackAbout::Street, keys).to_bytes();
            assert_eq!(IntakePacket::read(&bytes, &round()), Err(PacketRefused::NotSigned));
        }
        let bytes = packet(FeedbackAbout::Leaders, &[&intake()]).to_bytes();
        assert_eq!(IntakePacket::read(&bytes, &round()), Err(PacketRefused::NotSigned));
        let cases = vec![case(1, FeedbackAbout::Street), case(2, FeedbackAbout::Leaders)];
        let day = Day::parse("2026-12-14").unwrap();
        let mixed = IntakePacket::signed(round().id, day, Screened { cases, ..Screened::default() }, &[&intake()]);
        assert_eq!(IntakePacket::read(&mixed.to_bytes(), &round()), Err(PacketRefused::NotSigned), "one is enough");
    }

    #[test]
    fn a_changed_packet_one_of_another_round_and_one_without_a_text_are_refused() {
        let packet = packet(FeedbackAbout::Street, &[&intake()]);
        let bytes = packet.to_bytes();
        for place in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(IntakePacket::read(&changed, &round()).is_err(), "byte {place}");
        }
        let other = RoundDefinition { id: RoundId::from_bytes([9; 16]), ..round() };
        let ballots = RoundDefinition { intake: None, ..round() };
        for round in [other, ballots] {
            assert_eq!(IntakePacket::read(&bytes, &round), Err(PacketRefused::OtherRound));
        }
        let mut cases = vec![case(1, FeedbackAbout::Street)];
        cases[0].paraphrase.clear();
        let read = Screened { cases, ..Screened::default() };
        let empty = IntakePacket::signed(round().id, packet.day, read, &[&intake()]);
        assert_eq!(IntakePacket::read(&empty.to_bytes(), &round()), Err(PacketRefused::Case { number: 1 }));
    }
}
