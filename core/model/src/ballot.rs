//! What one resident answered, in the one form in which it lies inside an envelope.
//!
//! Every ballot of a round has the same size and exactly one way of being written; a second encoding is refused when it
//! is opened. The secret of the slip is inside and is its own proof. Source: anonymity A14, A15; domain 5.6.

use zeroize::{Zeroize, Zeroizing};

use crate::round::template::{OpinionKind, OpinionQuestion};
use crate::round::{RoundDefinition, Subject};
use crate::slip::{SECRET_BYTES, SlipSecret};
use crate::text::{TextRefused, check_prose, normalised};

const VERSION: u8 = 1;

/// UTF-8 bytes that one character of a text may take on average; Vietnamese letters take at most three.
const BYTES_PER_CHAR: usize = 3;

/// Bytes that say how long a text is.
const LENGTH_BYTES: usize = 2;

/// The largest ballot of a round: its envelope lies in one slot of a phone's box, and every box has all its slots.
pub const BALLOT_BYTES_MAX: usize = 16 * 1024;

/// One question as it is put to a resident.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked<'a> {
    /// The question.
    pub question: &'a OpinionQuestion,
    /// Whom it is about, if it is asked about every subject.
    pub subject: Option<&'a Subject>,
}

/// The answer to one question. Blank is an answer that a person may want to give.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing was chosen or written.
    Blank,
    /// The option with this index.
    Option(u8),
    /// A text.
    Text(String),
}

impl Drop for Given {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            text.zeroize();
        }
    }
}

/// One resident's answers and the secret of the slip.
#[derive(Clone, PartialEq, Eq)]
pub struct Ballot {
    /// Of the slip that was drawn.
    pub secret: SlipSecret,
    /// One for every question of [`RoundDefinition::asked`], in its order.
    pub given: Vec<Given>,
}

/// Why a ballot cannot be cast.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum BallotRefused {
    /// Not one answer for every question.
    #[error("there are {given} answers to {asked} questions")]
    AnswerCount {
        /// Answers.
        given: u32,
        /// Questions.
        asked: u32,
    },
    /// An option that the question does not have, or a text where an option is asked for.
    #[error("the answer to question {number} is of another kind")]
    OtherKind {
        /// From 1.
        number: u32,
    },
    /// A text that cannot be stored.
    #[error("the text of question {number}: {refused}")]
    Text {
        /// From 1.
        number: u32,
        /// Why.
        refused: TextRefused,
    },
}

/// The plaintext is no ballot of this round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no ballot of the round")]
pub struct NoBallot;

impl RoundDefinition {
    /// Every question in the order of the paper; one about subjects once for each, in the round's order.
    pub fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.template.questions.iter().flat_map(|question| {
            let subjects: Vec<Option<&Subject>> = match question.is_per_subject {
                true => self.subjects().iter().map(Some).collect(),
                false => vec![None],
            };
            subjects.into_iter().map(move |subject| Asked { question, subject })
        })
    }

    /// Bytes of every ballot of this round.
    pub fn ballot_bytes(&self) -> usize {
        1 + SECRET_BYTES + self.asked().map(|asked| bytes_of(asked.question)).sum::<usize>()
    }
}

impl Ballot {
    /// Whether these answers may be cast in this round.
    pub fn check(&self, round: &RoundDefinition) -> Result<(), BallotRefused> {
        let asked = round.asked().count();
        if asked != self.given.len() {
            return Err(BallotRefused::AnswerCount { given: self.given.len() as u32, asked: asked as u32 });
        }
        for (index, (asked, given)) in round.asked().zip(&self.given).enumerate() {
            check_given(asked.question, given, index as u32 + 1)?;
        }
        Ok(())
    }

    /// The plaintext: version, secret, answers in order, zeros up to the round's one size.
    pub fn to_bytes(&self, round: &RoundDefinition) -> Result<Zeroizing<Vec<u8>>, BallotRefused> {
        self.check(round)?;
        let size = round.ballot_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.secret.to_bytes());
        for (asked, given) in round.asked().zip(&self.given) {
            match (&asked.question.kind, given) {
                (OpinionKind::Choice { .. }, Given::Option(option)) => bytes.push(option + 1),
                (OpinionKind::Choice { .. }, _) => bytes.push(0),
                (OpinionKind::Text { .. }, given) => {
                    let text = Zeroizing::new(match given {
                        Given::Text(text) => normalised(text),
                        Given::Blank | Given::Option(_) => String::new(),
                    });
                    bytes.extend_from_slice(&(text.len() as u16).to_be_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        bytes.resize(size, 0);
        Ok(bytes)
    }

    /// The secret of a plaintext, whatever stands behind it: a ballot of the wrong form is still somebody's slip.
    pub fn read_secret(bytes: &[u8], round: &RoundDefinition) -> Result<SlipSecret, NoBallot> {
        let mut rest = bytes;
        let is_ours = bytes.len() == round.ballot_bytes() && take(&mut rest, 1)? == [VERSION];
        let secret = take(&mut rest, SECRET_BYTES)?.try_into().map_err(|_| NoBallot)?;
        SlipSecret::from_bytes(secret).filter(|_| is_ours).ok_or(NoBallot)
    }

    /// Reads a plaintext; only the bytes that [`Self::to_bytes`] writes are a ballot.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, NoBallot> {
        let secret = Self::read_secret(bytes, round)?;
        let mut rest = &bytes[1 + SECRET_BYTES..];
        let mut given = Vec::new();
        for asked in round.asked() {
            given.push(match asked.question.kind {
                OpinionKind::Choice { .. } => match take(&mut rest, 1)? {
                    [0] => Given::Blank,
                    [option] => Given::Option(option - 1),
                    _ => return Err(NoBallot),
                },
                OpinionKind::Text { .. } => read_text(&mut rest)?,
            });
        }
        let ballot = Self { secret, given };
        let written = ballot.to_bytes(round).map_err(|_| NoBallot)?;
        if written.as_slice() == bytes { Ok(ballot) } else { Err(NoBallot) }
    }
}

fn check_given(question: &OpinionQuestion, given: &Given, number: u32) -> Result<(), BallotRefused> {
    match (&question.kind, given) {
        (_, Given::Blank) => Ok(()),
        (OpinionKind::Choice { options }, Given::Option(option)) if usize::from(*option) < options.len() => Ok(()),
        (OpinionKind::Text { chars_max }, Given::Text(text)) => {
            let text_refused = |refused| BallotRefused::Text { number, refused };
            check_prose(text, u32::from(*chars_max)).map_err(text_refused)?;
            let text = Zeroizing::new(normalised(text));
            let (given, limit) = (text.len(), usize::from(*chars_max) * BYTES_PER_CHAR);
            let too_long =
                TextRefused::TooLong { given: given.div_ceil(BYTES_PER_CHAR) as u32, limit: u32::from(*chars_max) };
            if given > limit { Err(text_refused(too_long)) } else { Ok(()) }
        }
        (OpinionKind::Choice { .. } | OpinionKind::Text { .. }, _) => Err(BallotRefused::OtherKind { number }),
    }
}

fn bytes_of(question: &OpinionQuestion) -> usize {
    match question.kind {
        OpinionKind::Choice { .. } => 1,
        OpinionKind::Text { chars_max } => LENGTH_BYTES + usize::from(chars_max) * BYTES_PER_CHAR,
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], NoBallot> {
    let (taken, left) = rest.split_at_checked(count).ok_or(NoBallot)?;
    *rest = left;
    Ok(taken)
}

fn read_text(rest: &mut &[u8]) -> Result<Given, NoBallot> {
    let length = take(rest, LENGTH_BYTES)?.try_into().map_err(|_| NoBallot)?;
    let text = take(rest, usize::from(u16::from_be_bytes(length)))?;
    let text = std::str::from_utf8(text).map_err(|_| NoBallot)?;
    Ok(if text.is_empty() { Given::Blank } else { Given::Text(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::round::samples;

    fn secret() -> SlipSecret {
        SlipSecret::from_random([0xab; SECRET_BYTES])
    }

    /// Answers cannot be printed, so proptest makes what they are made of.
    fn given(choices: &[Option<u8>], texts: &[String]) -> Vec<Given> {
        let choices = choices.iter().map(|choice| choice.map_or(Given::Blank, Given::Option));
        let text = |text: &String| if text.is_empty() { Given::Blank } else { Given::Text(text.clone()) };
        choices.chain(texts.iter().map(text)).collect()
    }

    proptest! {
        #[test]
        fn every_ballot_of_a_round_has_one_size_and_reads_as_written(
            choices in prop::collection::vec(prop::option::of(0..6_u8), 8),
            texts in prop::collection::vec("[a-zàáđêơữỹ ]{0,80}", 2),
        ) {
            let round = samples::satisfaction();
            let ballot = Ballot { secret: secret(), given: given(&choices, &texts) };
            let bytes = ballot.to_bytes(&round).unwrap();
            prop_assert_eq!(bytes.len(), round.ballot_bytes());
            prop_assert!(Ballot::read(&bytes, &round) == Ok(ballot));
        }

        #[test]
        fn whatever_else_lies_inside_is_no_ballot(mut bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let round = samples::confidence();
            bytes.resize(round.ballot_bytes(), 0);
            if let Ok(ballot) = Ballot::read(&bytes, &round) {
                prop_assert!(ballot.to_bytes(&round).unwrap().as_slice() == bytes);
            }
        }
    }

    #[test]
    fn a_round_about_three_people_asks_three_times() {
        let round = samples::confidence();
        let names: Vec<&str> = round.asked().filter_map(|asked| Some(&*asked.subject?.name)).collect();
        assert_eq!(names, ["Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường"]);
        assert_eq!(round.ballot_bytes(), 12);
    }

    /// A15: non-zero padding and a second encoding.
    #[test]
    fn only_one_way_of_writing_a_ballot_is_read() {
        let round = samples::satisfaction();
        let mut given = vec![Given::Option(0); 8];
        given.extend([Given::Text("Tốt".into()), Given::Blank]);
        let bytes = Ballot { secret: secret(), given }.to_bytes(&round).unwrap().to_vec();
        assert!(Ballot::read(&bytes, &round).is_ok());
        for (place, value) in [(0, 2), (1, 0xff), (9, 7), (bytes.len() - 1, 1)] {
            let mut changed = bytes.clone();
            changed[place] = value;
            assert!(Ballot::read(&changed, &round) == Err(NoBallot), "byte {place}");
        }
        assert!(Ballot::read(&bytes[..bytes.len() - 1], &round) == Err(NoBallot));
        assert!(Ballot::read(&[&bytes[..], &[0]].concat(), &round) == Err(NoBallot));
        // "Tốt" with its marks apart is the same text in other bytes.
        let apart = "To\u{302}\u{301}t";
        let start = 1 + SECRET_BYTES + 8;
        let mut changed = bytes[..start].to_vec();
        changed.extend_from_slice(&(apart.len() as u16).to_be_bytes());
        changed.extend_from_slice(apart.as_bytes());
        changed.resize(bytes.len(), 0);
        assert!(Ballot::read(&changed, &round) == Err(NoBallot));
    }

    #[test]
    fn an_answer_of_another_kind_is_refused_with_its_number() {
        let round = samples::satisfaction();
        let blank = vec![Given::Blank; 10];
        let with = |index: usize, answer: Given| {
            let mut given = blank.clone();
            given[index] = answer;
            Ballot { secret: secret(), given }.check(&round)
        };
        assert_eq!(with(0, Given::Option(5)), Ok(()));
        assert_eq!(with(0, Given::Option(6)), Err(BallotRefused::OtherKind { number: 1 }));
        assert_eq!(with(2, Given::Text("x".into())), Err(BallotRefused::OtherKind { number: 3 }));
        assert_eq!(with(9, Given::Option(0)), Err(BallotRefused::OtherKind { number: 10 }));
        let too_long =
            |given| Err(BallotRefused::Text { number: 9, refused: TextRefused::TooLong { given, limit: 500 } });
        assert_eq!(with(8, Given::Text("ữ".repeat(500))), Ok(()));
        assert_eq!(with(8, Given::Text("a".repeat(501))), too_long(501));
        assert_eq!(with(8, Given::Text("😀".repeat(400))), too_long(534), "four bytes each");
        let short = Ballot { secret: secret(), given: vec![Given::Blank; 9] };
        assert_eq!(short.check(&round), Err(BallotRefused::AnswerCount { given: 9, asked: 10 }));
    }
}
