//! What follows from published numbers, and only from them: rates, bands of a confidence round, coverage.
//!
//! Source: domain R10-R12; anonymity A41, A45. Nothing here has seen an exact count.

use super::{PublishedQuestion, PublishedTally};
use crate::ratio::Ratio;
use crate::round::template::Side;
use crate::round::{Denominator, RoundDefinition};

/// What a share of low confidence means by the rules of such votes. In a consultative round nothing follows from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, uniffi::Enum)]
pub enum ConfidenceBand {
    /// At most one half.
    NotMoreThanHalf,
    /// "Quá nửa": more than one half, less than two thirds.
    MoreThanHalf,
    /// "Từ 2/3 trở lên".
    TwoThirds,
}

impl ConfidenceBand {
    /// Of so many of so many; none if nobody answered.
    pub fn of(low: u32, whole: u32) -> Option<Self> {
        let share = Ratio::of(low.into(), whole.into())?;
        Some(if share.is_at_least_two_thirds() {
            Self::TwoThirds
        } else if share.is_more_than_half() {
            Self::MoreThanHalf
        } else {
            Self::NotMoreThanHalf
        })
    }
}

/// Both sides of one question, if the published cells keep them apart: satisfied or better, and the rest.
pub fn sides(round: &RoundDefinition, question: &PublishedQuestion) -> Option<[u32; 2]> {
    let asked = round.asked().nth(question.question.into())?;
    let options = asked.question.options();
    let mut sides = [0, 0];
    for cell in &question.total {
        let mut of_cell = cell.options.iter().filter_map(|index| options.get(usize::from(*index))).map(|of| of.side);
        let side = of_cell.next()?;
        if of_cell.any(|other| other != side) {
            return None;
        }
        match side {
            Side::For => sides[0] += cell.count,
            Side::Rest => sides[1] += cell.count,
            Side::Outside => {}
        }
    }
    (sides != [0, 0]).then_some(sides)
}

/// The band of a subject; none where the published cells do not tell it, as where nearly everybody took one side.
pub fn band(
    round: &RoundDefinition,
    published: &PublishedTally,
    question: &PublishedQuestion,
) -> Option<ConfidenceBand> {
    let [confident, low] = sides(round, question)?;
    let whole = match round.denominator {
        Denominator::Answers => confident + low,
        Denominator::ValidBallots => published.kinds.valid,
        Denominator::Collected => published.kinds.collected(),
    };
    ConfidenceBand::of(low, whole)
}

/// The share of the satisfied among those who know (R11).
pub fn satisfied(round: &RoundDefinition, question: &PublishedQuestion) -> Option<Ratio> {
    let [satisfied, rest] = sides(round, question)?;
    Ratio::of(satisfied.into(), u64::from(satisfied) + u64::from(rest))
}

/// Participation of the whole round (R12); a share of nothing is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Participation {
    /// Slips that were drawn, of everybody who may answer.
    pub drawn: Option<Ratio>,
    /// Slips that came back, of those that were drawn.
    pub collected: Option<Ratio>,
    /// Ballots that count, of those that came back.
    pub valid: Option<Ratio>,
}

impl Participation {
    /// Of a published round.
    pub fn of(round: &RoundDefinition, published: &PublishedTally) -> Self {
        let eligible: u64 = round.areas.iter().map(|area| u64::from(area.eligible)).sum();
        let (drawn, collected) = (u64::from(published.issued), u64::from(published.kinds.collected()));
        Self {
            drawn: Ratio::of(drawn, eligible),
            collected: Ratio::of(collected, drawn),
            valid: Ratio::of(published.kinds.valid.into(), collected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::cells::Cell;
    use crate::publication::slices::Slices;
    use crate::ratio::Rounding;
    use crate::round::samples;
    use crate::tally::EnvelopeKinds;

    /// R10, worked numbers.
    #[test]
    fn more_than_half_and_two_thirds_are_told_apart_to_the_vote() {
        use ConfidenceBand::{MoreThanHalf, NotMoreThanHalf, TwoThirds};
        for (low, whole, expected) in [
            (15, 30, NotMoreThanHalf),
            (16, 30, MoreThanHalf),
            (19, 30, MoreThanHalf),
            (20, 30, TwoThirds),
            (14, 29, NotMoreThanHalf),
            (15, 29, MoreThanHalf),
            (19, 29, MoreThanHalf),
            (20, 29, TwoThirds),
        ] {
            assert_eq!(ConfidenceBand::of(low, whole), Some(expected), "{low} of {whole}");
        }
        assert_eq!(ConfidenceBand::of(0, 0), None);
    }

    fn question(cells: &[(&[u8], u32)]) -> PublishedQuestion {
        let total = cells.iter().map(|(options, count)| Cell { options: options.to_vec(), count: *count }).collect();
        PublishedQuestion { question: 0, total, outside: 2, areas: Slices { shown: Vec::new(), hidden: Vec::new() } }
    }

    fn published(question: PublishedQuestion) -> PublishedTally {
        let kinds = EnvelopeKinds { valid: 32, doubled: 4, ..EnvelopeKinds::default() };
        let participation = Slices { shown: Vec::new(), hidden: Vec::new() };
        let (round, fingerprint) = (samples::confidence().id, [0; 10]);
        let (issued, overfull, questions) = (40, Vec::new(), vec![question]);
        PublishedTally { round, fingerprint, kinds, issued, overfull, participation, questions }
    }

    #[test]
    fn a_band_is_over_the_denominator_of_the_round() {
        let of = |denominator, cells: &[(&[u8], u32)]| {
            let round = RoundDefinition { denominator, ..samples::confidence() };
            let published = published(question(cells));
            band(&round, &published, &published.questions[0])
        };
        let cells: [(&[u8], u32); 3] = [(&[0], 6), (&[1], 6), (&[2], 18)];
        assert_eq!(of(Denominator::Answers, &cells), Some(ConfidenceBand::MoreThanHalf));
        assert_eq!(of(Denominator::ValidBallots, &cells), Some(ConfidenceBand::MoreThanHalf));
        assert_eq!(of(Denominator::Collected, &cells), Some(ConfidenceBand::NotMoreThanHalf), "18 of 36");
        assert_eq!(of(Denominator::Answers, &[(&[0, 1, 2], 30)]), None, "nearly everybody took one side");
        assert_eq!(of(Denominator::Answers, &[]), None, "too few answered");
    }

    /// R11: 71 of 72, and who knows nothing is in no denominator.
    #[test]
    fn the_satisfied_are_a_share_of_those_who_know() {
        let round = samples::satisfaction();
        let rate = satisfied(&round, &question(&[(&[0], 41), (&[1], 30), (&[2, 3, 4], 11)]));
        assert_eq!(rate.map(|rate| (rate.numerator, rate.denominator.get())), Some((71, 82)));
        let rate = Ratio::of(71, 72).map(|rate| rate.percent(2, Rounding::Truncate).vietnamese());
        assert_eq!(rate.as_deref(), Some("98,61"));
    }

    /// R12.
    #[test]
    fn participation_is_three_shares() {
        let round = samples::confidence();
        let shares = Participation::of(&round, &published(question(&[])));
        let pair = |ratio: Option<Ratio>| ratio.map(|ratio| (ratio.numerator, ratio.denominator.get()));
        assert_eq!(pair(shares.drawn), Some((40, 105)));
        assert_eq!(pair(shares.collected), Some((36, 40)));
        assert_eq!(pair(shares.valid), Some((32, 36)));
    }
}
