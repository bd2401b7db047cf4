//! One batch: what may be read today in random order, what the readers decide about each text, and what leaves.

use model::feedback::batch::{BATCH_MOST, WAIT_WORKING_DAYS, may_read, mix};
use model::feedback::case::{FeedbackCase, IntakePacket, Screened};
use model::feedback::{Feedback, FeedbackAbout};
use model::identity::FeedbackId;
use model::round::RoundDefinition;
use model::time::Day;
use rand_core::CryptoRng;

use super::ledger::{AnswerTo, Ledger};
use super::{IntakeRefused, Reader};
use crate::failure::OpenerFailed;
use crate::frozen::FrozenBox;

/// What the readers decide about one text.
#[derive(Clone, PartialEq, Eq)]
pub enum Decision {
    /// It becomes a case with these words, and the unit spoken of reads the paraphrase.
    Case {
        /// Without what gives anybody away.
        text: String,
        /// One line.
        paraphrase: String,
        /// Whom or what it is about; a person may be left out here.
        about: FeedbackAbout,
    },
    /// A denunciation or complaint: a number is left of it.
    Denounced,
    /// The commune can do nothing about it, or it says nothing.
    OutOfScope,
}

/// A batch that is being read. Nothing of it is on a disk.
pub struct Reading {
    round: RoundDefinition,
    ledger: Ledger,
    today: Day,
    texts: Vec<Feedback>,
}

/// What is written after a batch, the ledger first.
pub struct Concluded {
    /// Stays with the readers.
    pub ledger: Ledger,
    /// Goes to the office.
    pub packet: IntakePacket,
}

impl Reading {
    /// Opens what came since the last batch, if it may be read today, or the batch that was begun before. What is sealed
    /// to the other key stays shut and is not counted. [`Self::begun`] is kept before anybody reads.
    pub fn begin(
        so_far: &FrozenBox,
        (reader, mut ledger): (&Reader, Ledger),
        today: Day,
        random: &mut impl CryptoRng,
    ) -> Result<Self, OpenerFailed> {
        let round = so_far.input.round.definition.clone();
        check_day(&round, ledger.last, today)?;
        // The office's newest list has a day, so a clock that is behind it is wrong.
        if so_far.input.lists.iter().filter_map(|list| list.day).any(|listed| today < listed) {
            return Err(IntakeRefused::Clock { today }.into());
        }
        if so_far.missing > 0 {
            return Err(IntakeRefused::BoxWentBack.into());
        }
        ledger.follow(&so_far.input.lists)?;
        let (mut ids, mut texts) = (Vec::new(), Vec::new());
        so_far.each_in_random_order(random, |envelope| {
            if !ledger.may_read(envelope.id) || texts.len() == BATCH_MOST {
                return;
            }
            // What opens and says nothing that this version reads may be of a newer one: it waits.
            if let Ok(feedback) = reader.key.open_feedback(&round, &envelope) {
                ids.push(envelope.id);
                texts.push(feedback);
            }
        })?;
        match ledger.under_way() {
            0 if !may_read(texts.len(), ledger.last, today) => {
                return Err(IntakeRefused::TooFew { from: ledger.last.plus_working_days(WAIT_WORKING_DAYS) }.into());
            }
            0 => ledger.begin(&ids),
            begun if begun != ids.len() => return Err(IntakeRefused::BoxWentBack.into()),
            _ => (),
        }
        mix(&mut texts, round.group_min, random);
        Ok(Self { round, ledger, today, texts })
    }

    /// What the readers must keep before the first text is shown.
    pub fn begun(&self) -> &Ledger {
        &self.ledger
    }

    /// In random order.
    pub fn texts(&self) -> &[Feedback] {
        &self.texts
    }

    /// The round.
    pub fn round(&self) -> &RoundDefinition {
        &self.round
    }

    /// Whether a decision about the text with this index may stand.
    pub fn check(&self, index: usize, decision: &Decision) -> Result<(), IntakeRefused> {
        let is_sound = match (decision, self.texts.get(index)) {
            (Decision::Denounced | Decision::OutOfScope, Some(_)) => true,
            (Decision::Case { text, paraphrase, about }, Some(said)) => {
                let id = FeedbackId::from_bytes([0; 16]);
                // Who is spoken of may be left out; what is protected stays so.
                let is_person = matches!(said.about, FeedbackAbout::Person { .. });
                let is_same = *about == said.about || (is_person && about.is_protected());
                is_same && case_of(said, (id, text, paraphrase, *about)).is_sound(&self.round)
            }
            (_, None) => false,
        };
        if is_sound { Ok(()) } else { Err(IntakeRefused::Words { number: index + 1 }) }
    }

    /// Everything is decided: the packet is signed, and the ledger knows what was read. The decisions are in the order of
    /// [`Self::texts`]. What cannot be written afterwards is concluded again.
    pub fn conclude(
        &self,
        reader: &Reader,
        decisions: &[Decision],
        random: &mut impl CryptoRng,
    ) -> Result<Concluded, IntakeRefused> {
        let (given, texts) = (decisions.len(), self.texts.len());
        if given != texts {
            return Err(IntakeRefused::Decisions { given, texts });
        }
        (0..texts).try_for_each(|index| self.check(index, &decisions[index]))?;
        let (mut screened, mut ledger) = (Screened::default(), self.ledger.clone());
        for (said, decision) in self.texts.iter().zip(decisions) {
            let about = match decision {
                Decision::Denounced => {
                    screened.denounced += 1;
                    AnswerTo::Denounced
                }
                Decision::OutOfScope => {
                    screened.out_of_scope += 1;
                    AnswerTo::OutOfScope
                }
                Decision::Case { text, paraphrase, about } => {
                    let mut id = [0; 16];
                    random.fill_bytes(&mut id);
                    let id = FeedbackId::from_bytes(id);
                    screened.cases.push(case_of(said, (id, text, paraphrase, *about)));
                    AnswerTo::Case(id)
                }
            };
            if let Some(code) = &said.reply {
                ledger.awaits(about, code);
            }
        }
        let keys: Vec<_> = reader.signing.iter().collect();
        let packet = IntakePacket::signed(self.round.id, self.today, screened, &keys);
        ledger.end();
        ledger.last = self.today;
        ledger.packet = packet.to_bytes();
        Ok(Concluded { ledger, packet })
    }
}

/// Days after the grace date on which somebody may still read or answer.
const READ_DAYS_MAX: i64 = 366;

/// A clock that shows a day before the round or before the last batch, or long after the round, is wrong: under such a day
/// nothing is signed, for no server would take it.
pub(super) fn check_day(round: &RoundDefinition, last: Day, today: Day) -> Result<(), IntakeRefused> {
    let end = round.grace.plus_days(READ_DAYS_MAX).unwrap_or(Day::MAX);
    let is_possible = (round.opens.max(last)..=end).contains(&today);
    if is_possible { Ok(()) } else { Err(IntakeRefused::Clock { today }) }
}

fn case_of(said: &Feedback, (id, text, paraphrase, about): (FeedbackId, &str, &str, FeedbackAbout)) -> FeedbackCase {
    FeedbackCase {
        id,
        topic: said.topic,
        about,
        area: said.area,
        text: text.trim().to_owned(),
        paraphrase: paraphrase.trim().to_owned(),
        awaits_reply: said.reply.is_some(),
    }
}
