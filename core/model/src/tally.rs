//! Counting a round: envelopes are opened one by one, folded into counts, and forgotten.
//!
//! The exact count lives in the memory of the opener alone: [`Tally`] has no way of being written, and what leaves is
//! made by [`crate::publication::publishable`]. The order in which envelopes come changes nothing. Source: anonymity A16,
//! A34-A39.

use std::collections::{BTreeMap, HashMap, HashSet};

use minicbor::{Decode, Encode};

use crate::ballot::Given;
use crate::envelope::{Opened, OpeningRefused};
use crate::hash::ContentHash;
use crate::round::{AreaNumber, RoundDefinition};
use crate::slip::SlipTag;
use crate::slip::book::SlipBook;

/// What became of the envelopes of a box (anonymity A37): in the box = not of this round + returned + repeated +
/// collected, and collected = valid + doubled + misformed. In an area, only what came under a slip of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct EnvelopeKinds {
    /// Broken, of another round, or under a slip that was never printed.
    #[n(0)]
    pub not_of_this_round: u32,
    /// Under a slip that was handed back unused: "lá thăm đã trả lại".
    #[n(1)]
    pub returned: u32,
    /// Further envelopes of a slip that is counted already.
    #[n(2)]
    pub repeated: u32,
    /// Slips with one good ballot.
    #[n(3)]
    pub valid: u32,
    /// Slips with different ballots; none of them counts: "trùng mã".
    #[n(4)]
    pub doubled: u32,
    /// Slips whose ballot is not of the round's form: "sai mẫu".
    #[n(5)]
    pub misformed: u32,
}

impl EnvelopeKinds {
    /// Distinct slips that came back: "thu về".
    pub fn collected(&self) -> u32 {
        self.valid + self.doubled + self.misformed
    }

    /// Envelopes of all kinds.
    pub fn in_box(&self) -> u32 {
        self.not_of_this_round + self.returned + self.repeated + self.collected()
    }

    /// Envelopes that the seals of the phones must account for: all but junk from outside.
    pub fn of_this_round(&self) -> u32 {
        self.in_box() - self.not_of_this_round
    }
}

/// How one question was answered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answers {
    /// Per option, in the order of the paper; none for a text.
    pub options: Vec<u32>,
    /// Left blank.
    pub blank: u32,
}

/// The exact count of one area.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AreaTally {
    /// Ballots under its slips.
    pub kinds: EnvelopeKinds,
    /// Per question of [`RoundDefinition::asked`].
    pub answers: Vec<Answers>,
}

/// The exact count. It cannot be written, shown or sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Tally {
    /// The whole round.
    pub kinds: EnvelopeKinds,
    /// Per area of the round.
    pub areas: BTreeMap<AreaNumber, AreaTally>,
}

/// Texts of one question, in no order and without anything else of their ballots (anonymity A39).
#[derive(Clone, PartialEq, Eq)]
pub struct QuestionTexts {
    /// Index of the question in [`RoundDefinition::asked`].
    pub question: usize,
    /// Sorted, so that nothing of the order in which envelopes were opened is left; the opener shuffles them.
    pub texts: Vec<String>,
}

/// A count under way.
pub struct Counting<'a> {
    round: &'a RoundDefinition,
    book: &'a SlipBook,
    void: &'a HashSet<SlipTag>,
    slips: HashMap<SlipTag, Slip>,
    not_of_this_round: u32,
    returned: u32,
}

/// What came under one slip so far.
struct Slip {
    area: AreaNumber,
    content: ContentHash,
    given: Option<Vec<Given>>,
    envelopes: u32,
    is_doubled: bool,
}

impl<'a> Counting<'a> {
    /// Begins with the slips that were printed and those that were handed back.
    pub fn new(round: &'a RoundDefinition, book: &'a SlipBook, void: &'a HashSet<SlipTag>) -> Self {
        Self { round, book, void, slips: HashMap::new(), not_of_this_round: 0, returned: 0 }
    }

    /// Takes one envelope.
    pub fn take(&mut self, opened: Result<Opened, OpeningRefused>) {
        let Ok(opened) = opened else {
            self.not_of_this_round += 1;
            return;
        };
        let tag_in = |area| (area, opened.secret.tag(self.round.id, area));
        let found = self.book.areas().map(tag_in).find(|(area, tag)| self.book.has(*area, tag));
        let Some((area, tag)) = found else {
            self.not_of_this_round += 1;
            return;
        };
        if self.void.contains(&tag) {
            self.returned += 1;
            return;
        }
        let Opened { content, given, .. } = opened;
        let slip = self.slips.entry(tag).or_insert(Slip { area, content, given, envelopes: 0, is_doubled: false });
        slip.envelopes += 1;
        // With a winner, whoever tries often enough would displace a ballot; without one, trying gains nothing (A16).
        slip.is_doubled |= slip.content != content;
    }

    /// The count, and the texts of every question that has enough of them.
    pub fn finish(self) -> (Tally, Vec<QuestionTexts>) {
        let empty = AreaTally { kinds: EnvelopeKinds::default(), answers: self.blank_answers() };
        let mut areas: BTreeMap<AreaNumber, AreaTally> =
            self.round.areas.iter().map(|area| (area.number, empty.clone())).collect();
        let mut texts: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for slip in self.slips.into_values() {
            let area = areas.entry(slip.area).or_insert_with(|| empty.clone());
            area.kinds.repeated += slip.envelopes - 1;
            match (slip.is_doubled, slip.given) {
                (true, _) => area.kinds.doubled += 1,
                (false, None) => area.kinds.misformed += 1,
                (false, Some(given)) => {
                    area.kinds.valid += 1;
                    count(&mut area.answers, given, &mut texts);
                }
            }
        }
        let mut kinds = EnvelopeKinds {
            not_of_this_round: self.not_of_this_round,
            returned: self.returned,
            ..EnvelopeKinds::default()
        };
        for area in areas.values() {
            kinds.repeated += area.kinds.repeated;
            kinds.valid += area.kinds.valid;
            kinds.doubled += area.kinds.doubled;
            kinds.misformed += area.kinds.misformed;
        }
        let least = usize::from(self.round.group_min);
        let enough = texts.into_iter().filter(|(_, texts)| texts.len() >= least);
        let sorted = |(question, mut texts): (usize, Vec<String>)| {
            texts.sort_unstable();
            QuestionTexts { question, texts }
        };
        (Tally { kinds, areas }, enough.map(sorted).collect())
    }

    fn blank_answers(&self) -> Vec<Answers> {
        let of = |options: usize| Answers { options: vec![0; options], blank: 0 };
        self.round.asked().map(|asked| of(asked.question.options().len())).collect()
    }
}

fn count(answers: &mut [Answers], given: Vec<Given>, texts: &mut BTreeMap<usize, Vec<String>>) {
    for (index, (answer, given)) in answers.iter_mut().zip(given).enumerate() {
        match &given {
            Given::Option(option) => answer.options[usize::from(*option)] += 1,
            Given::Blank => answer.blank += 1,
            Given::Text(text) => texts.entry(index).or_default().push(text.clone()),
        }
    }
}

/// Why the holders must not simply count (anonymity A36).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, Encode, Decode)]
pub enum CountBlocked {
    /// A name of a signed list is not in the box: something was taken away after it had arrived.
    #[n(0)]
    #[error("{missing} envelopes of the signed lists are not in the box")]
    ListedMissing {
        /// How many.
        #[n(0)]
        missing: u32,
    },
    /// Phones sealed another number than the box holds.
    #[n(1)]
    #[error("the phones sealed {sealed} envelopes, the box holds {in_box} of this round")]
    SealsDiffer {
        /// By all seals together.
        #[n(0)]
        sealed: u32,
        /// In the box, junk apart.
        #[n(1)]
        in_box: u32,
    },
    /// Too few ballots count for anything to be shown.
    #[n(2)]
    #[error("{valid} ballots count; fewer than {least} are never counted")]
    TooFew {
        /// How many count.
        #[n(0)]
        valid: u32,
        /// The smallest group.
        #[n(1)]
        least: u32,
    },
    /// Slips that nobody can account for: printed is not issued + unused + spoiled (A8).
    #[n(3)]
    #[error("{printed} slips were printed, {found} are accounted for")]
    SlipsDiffer {
        /// At the ceremony.
        #[n(0)]
        printed: u32,
        /// Issued by the rolls, unused and spoiled on the table.
        #[n(1)]
        found: u32,
    },
    /// The bag holds another number of stubs than slips left an envelope in the box (A8).
    #[n(4)]
    #[error("the bag holds {stubs} stubs, the box envelopes of {sealed} slips")]
    StubsDiffer {
        /// In the bag.
        #[n(0)]
        stubs: u32,
        /// Slips with an envelope in the box.
        #[n(1)]
        sealed: u32,
    },
}

impl CountBlocked {
    /// Whether the holders may go on with a reason that is printed in the minutes.
    pub fn may_go_on_with_a_reason(&self) -> bool {
        match self {
            Self::ListedMissing { .. }
            | Self::SealsDiffer { .. }
            | Self::SlipsDiffer { .. }
            | Self::StubsDiffer { .. } => true,
            Self::TooFew { .. } => false,
        }
    }
}

impl Tally {
    /// Everything that speaks against this count: envelopes of signed lists that are missing, and what all seals say.
    pub fn blocked(&self, round: &RoundDefinition, missing: u32, sealed: u32) -> Vec<CountBlocked> {
        let (in_box, valid, least) = (self.kinds.of_this_round(), self.kinds.valid, u32::from(round.group_min));
        let mut blocked = Vec::new();
        if missing > 0 {
            blocked.push(CountBlocked::ListedMissing { missing });
        }
        if sealed != in_box {
            blocked.push(CountBlocked::SealsDiffer { sealed, in_box });
        }
        if valid < least {
            blocked.push(CountBlocked::TooFew { valid, least });
        }
        blocked
    }

    /// Every number in one order, for a MAC over the count; nothing of it is kept.
    pub(crate) fn feed(&self, take: &mut impl FnMut(&[u8])) {
        let mut number = |number: u32| take(&number.to_be_bytes());
        for (area, kinds) in [(0, &self.kinds)].into_iter().chain(self.areas.iter().map(|(at, of)| (at.0, &of.kinds))) {
            number(area.into());
            let EnvelopeKinds { not_of_this_round, returned, repeated, valid, doubled, misformed } = *kinds;
            [not_of_this_round, returned, repeated, valid, doubled, misformed].into_iter().for_each(&mut number);
        }
        for answers in self.areas.values().flat_map(|area| &area.answers) {
            number(answers.options.len() as u32);
            answers.options.iter().chain([&answers.blank]).for_each(|count| number(*count));
        }
    }

    /// The whole round's answers to one question.
    pub fn answers(&self, question: usize) -> Answers {
        let mut whole = Answers::default();
        for area in self.areas.values() {
            let answers = &area.answers[question];
            whole.options.resize(answers.options.len(), 0);
            for (sum, count) in whole.options.iter_mut().zip(&answers.options) {
                *sum += count;
            }
            whole.blank += answers.blank;
        }
        whole
    }
}

#[cfg(test)]
mod tests;
