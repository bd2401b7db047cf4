//! What the filed papers of a case say that other papers and steps must agree with.
//!
//! A fold over the log like every decision, so all replicas find the same: the months bind the level, the decision binds
//! notice and publication, and of two decisions under one number neither may be told to anybody. Source: domain 2.1,
//! guards; domain 4.2, `Decision`; invariant I11.

use minicbor::{Decode, Encode};

use super::filed::Filed;
use super::paper::PaperKind;
use crate::cadre::ResidenceMode;
use crate::document::Fields;
use crate::rating::{NotRatedReason, Outcome, Rating};
use crate::refusal::Refusal;
use crate::self_assessment::fields::answer_name;
use crate::self_assessment::text_of;

/// How a case may end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, uniffi::Enum)]
pub enum OutcomeBound {
    /// With every level.
    #[default]
    #[n(1)]
    Open,
    /// With this level or a lower one.
    #[n(2)]
    AtMost {
        /// The highest.
        #[n(0)]
        rating: Rating,
    },
    /// Without a level.
    #[n(3)]
    NotRated {
        /// Why.
        #[n(0)]
        reason: NotRatedReason,
    },
}

impl OutcomeBound {
    /// Whether a case may end so.
    pub fn allows(self, outcome: Outcome) -> bool {
        match (self, outcome) {
            (Self::Open, Outcome::Rated { .. }) => true,
            (Self::AtMost { rating: highest }, Outcome::Rated { rating }) => rating <= highest,
            (Self::NotRated { reason: needed }, Outcome::NotRated { reason }) => reason == needed,
            (Self::Open | Self::AtMost { .. }, Outcome::NotRated { .. })
            | (Self::NotRated { .. }, Outcome::Rated { .. }) => false,
        }
    }
}

/// What a record of service means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Consequence {
    /// How the case may end.
    #[n(0)]
    pub bound: OutcomeBound,
    /// Whether the former unit must comment first.
    #[n(1)]
    pub needs_former_unit: bool,
    /// Whether no self-assessment is asked for.
    #[n(2)]
    pub is_excused: bool,
}

/// A decision as other papers quote it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Decided {
    /// Which decision of the case, from 1.
    #[n(0)]
    pub sequence: u8,
    /// Number and symbol, at most 60 characters.
    #[n(1)]
    pub number: String,
    /// The day on it.
    #[n(2)]
    pub date: String,
    /// What was decided.
    #[n(3)]
    pub outcome: Outcome,
}

impl Decided {
    /// Reads what was signed; `None` if it decides nothing.
    pub fn read(fields: &Fields) -> Option<Self> {
        Some(Self {
            sequence: answer(fields, "sequence")?.parse().ok().filter(|sequence| *sequence > 0)?,
            number: answer(fields, "decision_number")?.trim().to_owned(),
            date: answer(fields, "decision_date")?.to_owned(),
            outcome: outcome_of(fields)?,
        })
    }
}

/// What is known of a case from its papers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(map)]
pub struct Findings {
    /// Of the record of service; none as long as the period was worked in full, or nobody said otherwise.
    #[n(0)]
    pub consequence: Option<Consequence>,
    /// The level that the cadre chose.
    #[n(1)]
    pub self_rating: Option<Rating>,
    /// The level that the head proposes.
    #[n(2)]
    pub proposed: Option<Rating>,
    /// The decision with the highest number; of two different ones the first.
    #[n(3)]
    pub decided: Option<Decided>,
    /// Whether another decision bears the same number as that one.
    #[n(4)]
    pub has_two_decisions: bool,
    /// Whether the newest outcome of an appeal changes the decision.
    #[n(5)]
    pub is_appeal_upheld: bool,
    /// Which decision stood when the newest notice was filed; none of a notice that an older version filed.
    #[n(6)]
    pub noticed: Option<u8>,
    /// The same of the newest publication.
    #[n(7)]
    pub published: Option<u8>,
    /// Whether the place of residence is asked; none before a paper says so.
    #[n(8)]
    pub residence: Option<ResidenceMode>,
}

impl Findings {
    /// Takes in a paper that the office filed. What cannot be read says nothing.
    pub fn record(&mut self, filed: &Filed) {
        let Some(fields) = filed.fields() else { return };
        self.residence = filed.residence.or(self.residence);
        match filed.paper {
            PaperKind::ServiceRecord => self.consequence = filed.consequence,
            PaperKind::SelfAssessment => self.self_rating = rating_of(&fields, "self_rating"),
            PaperKind::HeadComment => self.proposed = proposed_rating(&fields),
            PaperKind::Decision => Decided::read(&fields).into_iter().for_each(|decided| self.decide(decided)),
            PaperKind::AppealOutcome => self.is_appeal_upheld = answer(&fields, "outcome") == Some("changed"),
            PaperKind::Notice => self.noticed = self.sequence(),
            PaperKind::Publication => self.published = self.sequence(),
            PaperKind::ResidenceOpinion
            | PaperKind::OldUnitComment
            | PaperKind::Minutes
            | PaperKind::PartyComment
            | PaperKind::Appeal => {}
        }
    }

    fn sequence(&self) -> Option<u8> {
        self.decided.as_ref().map(|decided| decided.sequence)
    }

    /// Whether a notice or a publication that was filed tells another decision than the one that stands by now.
    pub fn is_outdated(&self, kind: PaperKind) -> bool {
        let told = if kind == PaperKind::Notice { self.noticed } else { self.published };
        told.is_some() && told != self.sequence()
    }

    /// Whether the decision that stands is one that the months of service allow by now.
    pub fn is_decided_in_bound(&self) -> bool {
        self.decided.as_ref().is_none_or(|decided| self.bound().allows(decided.outcome))
    }

    fn decide(&mut self, new: Decided) {
        match &self.decided {
            Some(known) if known.sequence > new.sequence => {}
            Some(known) if known.sequence == new.sequence => self.has_two_decisions |= *known != new,
            Some(_) | None => (self.decided, self.has_two_decisions) = (Some(new), false),
        }
    }

    /// Whether the place of residence is asked.
    pub fn residence(&self) -> ResidenceMode {
        self.residence.unwrap_or_default()
    }

    /// How the case may end.
    pub fn bound(&self) -> OutcomeBound {
        self.consequence.unwrap_or_default().bound
    }

    /// Whether a paper agrees with what lies in the case.
    pub fn check(&self, kind: PaperKind, fields: &Fields) -> Result<(), Contradiction> {
        match kind {
            PaperKind::HeadComment => self.check_proposed(fields),
            PaperKind::Decision => self.check_decision(fields),
            PaperKind::Appeal => self.check_number(fields),
            PaperKind::Notice | PaperKind::Publication => {
                self.check_number(fields)?;
                let is_same = self.decided.as_ref().is_some_and(|decided| is_published_as(decided.outcome, fields));
                if is_same { Ok(()) } else { Err(Contradiction::OtherOutcome) }
            }
            PaperKind::ResidenceOpinion if self.residence() == ResidenceMode::Exempt => Err(Contradiction::NotAsked),
            PaperKind::SelfAssessment
            | PaperKind::ServiceRecord
            | PaperKind::ResidenceOpinion
            | PaperKind::OldUnitComment
            | PaperKind::Minutes
            | PaperKind::PartyComment
            | PaperKind::AppealOutcome => Ok(()),
        }
    }

    /// What a paper is begun with, because the case says it already: question and answer.
    pub fn prefilled(&self, kind: PaperKind) -> Vec<(&'static str, String)> {
        let text = |key, text: &str| (key, text.to_owned());
        let level = |outcome| match outcome {
            Outcome::Rated { rating } => vec![text("outcome", "rated"), text("rating", rating.wire_key())],
            Outcome::NotRated { .. } => vec![text("outcome", "not_rated")],
        };
        match (kind, &self.decided) {
            (PaperKind::Decision, Some(decided)) => vec![
                ("sequence", decided.sequence.saturating_add(1).to_string()),
                text("superseded_number", &decided.number),
            ],
            (PaperKind::Appeal, Some(decided)) => vec![text("decision_number", &decided.number)],
            (PaperKind::Notice | PaperKind::Publication, Some(decided)) => {
                std::iter::once(text("decision_number", &decided.number)).chain(level(decided.outcome)).collect()
            }
            (PaperKind::HeadComment, None) => match self.bound() {
                OutcomeBound::NotRated { .. } => vec![text("outcome", "not_rated")],
                OutcomeBound::Open | OutcomeBound::AtMost { .. } => vec![text("outcome", "rated")],
            },
            (PaperKind::Decision, None) => match self.bound() {
                OutcomeBound::NotRated { reason } => vec![
                    text("sequence", "1"),
                    text("outcome", "not_rated"),
                    text("not_rated_reason", reason.wire_key()),
                ],
                OutcomeBound::Open | OutcomeBound::AtMost { .. } => {
                    vec![text("sequence", "1"), text("outcome", "rated")]
                }
            },
            // Nothing of it stands in the case.
            _ => Vec::new(),
        }
    }

    fn check_proposed(&self, fields: &Fields) -> Result<(), Contradiction> {
        let bound = self.bound();
        let is_allowed = match (bound, proposed_rating(fields)) {
            (OutcomeBound::NotRated { .. }, proposed) => proposed.is_none(),
            (OutcomeBound::Open, proposed) => proposed.is_some(),
            (OutcomeBound::AtMost { rating: highest }, proposed) => proposed.is_some_and(|level| level <= highest),
        };
        if is_allowed { Ok(()) } else { Err(Contradiction::OutOfBound { bound }) }
    }

    fn check_decision(&self, fields: &Fields) -> Result<(), Contradiction> {
        let new = Decided::read(fields).ok_or(Contradiction::Undecided)?;
        let known = self.decided.as_ref();
        let next = known.map_or(1, |known| known.sequence.saturating_add(1));
        if new.sequence != next && known != Some(&new) {
            return Err(Contradiction::Sequence { expected: next });
        }
        if let Some(known) = known.filter(|known| known.sequence < new.sequence)
            && answer(fields, "superseded_number").map(str::trim) != Some(known.number.as_str())
        {
            return Err(Contradiction::Number { expected: known.number.clone() });
        }
        let bound = self.bound();
        if bound.allows(new.outcome) { Ok(()) } else { Err(Contradiction::OutOfBound { bound }) }
    }

    fn check_number(&self, fields: &Fields) -> Result<(), Contradiction> {
        let expected = &self.decided.as_ref().ok_or(Contradiction::Undecided)?.number;
        let is_same = answer(fields, "decision_number").is_some_and(|number| number.trim() == expected);
        if is_same { Ok(()) } else { Err(Contradiction::Number { expected: expected.clone() }) }
    }
}

/// Where a paper parts from what lies in the case.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum Contradiction {
    /// The months of service allow no such level, or ask for none, or nothing says why there should be none.
    #[error("the months of service do not allow this outcome")]
    OutOfBound {
        /// What they allow.
        bound: OutcomeBound,
    },
    /// There is no decision yet, or the paper decides nothing.
    #[error("nothing is decided")]
    Undecided,
    /// It names another decision than the one that stands.
    #[error("the decision that stands has another number")]
    Number {
        /// The number that it must name.
        expected: String,
    },
    /// A decision of this sequence is there already, or one is left out.
    #[error("this is not the next decision of the case")]
    Sequence {
        /// The one that comes next.
        expected: u8,
    },
    /// The place of residence is not asked about this cadre.
    #[error("the place of residence is not asked about this cadre")]
    NotAsked,
    /// It says another level than the decision, or one where there is none.
    #[error("the decision says something else")]
    OtherOutcome,
}

impl From<&Contradiction> for Refusal {
    fn from(contradiction: &Contradiction) -> Self {
        match contradiction {
            Contradiction::Sequence { .. } => Self::DecidedAlready,
            Contradiction::OutOfBound { .. }
            | Contradiction::Undecided
            | Contradiction::NotAsked
            | Contradiction::Number { .. }
            | Contradiction::OtherOutcome => Self::Contradicts,
        }
    }
}

fn answer<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
    text_of(fields, &answer_name(key))
}

fn rating_of(fields: &Fields, key: &str) -> Option<Rating> {
    Rating::from_wire_key(answer(fields, key)?)
}

/// The level that the comment of a head proposes; none where it proposes that there be none.
pub fn proposed_rating(fields: &Fields) -> Option<Rating> {
    (answer(fields, "outcome") != Some("not_rated")).then(|| rating_of(fields, "proposed_rating")).flatten()
}

/// A notice and a publication say the level, and of somebody without one only that there is none: the reason is nobody's business.
fn is_published_as(outcome: Outcome, fields: &Fields) -> bool {
    match outcome {
        Outcome::Rated { rating } => {
            answer(fields, "outcome") == Some("rated") && rating_of(fields, "rating") == Some(rating)
        }
        Outcome::NotRated { .. } => answer(fields, "outcome") == Some("not_rated"),
    }
}

fn outcome_of(fields: &Fields) -> Option<Outcome> {
    match answer(fields, "outcome")? {
        "rated" => Some(Outcome::Rated { rating: rating_of(fields, "rating")? }),
        "not_rated" => {
            let reason = NotRatedReason::from_wire_key(answer(fields, "not_rated_reason")?)?;
            Some(Outcome::NotRated { reason })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
