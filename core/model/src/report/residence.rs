//! What places of residence say about cadres, one row per opinion. Source: domain specification 6, R13.
//!
//! An opinion comes from an open meeting and stands with its counts in a signed paper, whose readers know them. This
//! report goes further than the paper, so it obeys k ([`GroupMin`]): of fewer than k people present no number is shown;
//! below 2k only whether more than half agree, because exact counts of a small meeting can be unanimous, and a range that
//! is shown of unanimous meetings alone would say so. It has no sums over opinions, from which a hidden row would follow
//! by subtraction.

use super::group_min::GroupMin;
use super::unit_names;
use crate::identity::{PersonId, UnitId};
use crate::ratio::Ratio;
use crate::rule_set::{LegalNumber, LegalShare, Provenance};
use crate::text::sort_key;

/// How many voters must be present for an opinion to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct VoterQuorum {
    /// Under so many voters in all, more than a share of them.
    pub share_below_voters: LegalNumber,
    /// That share.
    pub share_exceeded: LegalShare,
    /// From so many voters in all, this number of people, whatever the share.
    pub present_min: LegalNumber,
}

impl VoterQuorum {
    /// More than half of fewer than 100 voters; 55 people of 100 voters and more.
    ///
    /// Source: Nghị quyết 1134/2016 on voter conferences at elections (domain specification 3.6). Its numbers are found;
    /// that they hold for an opinion of the place of residence is ours, so all three are defaults. The template
    /// `RES-OPINION` has the same rule as an expression.
    pub const fn of_voter_conferences() -> Self {
        const fn number(value: u32) -> LegalNumber {
            LegalNumber { value, provenance: Provenance::Default }
        }
        let share_exceeded = LegalShare { value: Ratio::percent_of_one(50), provenance: Provenance::Default };
        Self { share_below_voters: number(100), share_exceeded, present_min: number(55) }
    }

    /// The fewest voters present with whom an opinion counts.
    pub fn fewest_present(&self, voters_total: u32) -> u32 {
        if voters_total < self.share_below_voters.value {
            u32::try_from(self.share_exceeded.value.min_count_above(voters_total.into())).unwrap_or(u32::MAX)
        } else {
            self.present_min.value
        }
    }
}

/// One residence opinion, as the report takes it in from a paper.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ResidenceOpinion {
    /// About whom.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// The cadre's unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Voters of the residential area.
    pub voters_total: u32,
    /// Of them, present at the meeting.
    pub voters_present: u32,
    /// How they spoke; none when there was no vote.
    pub counts: Option<OpinionCounts>,
}

/// How the people present spoke; each of them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct OpinionCounts {
    /// People who agree.
    pub agree: u32,
    /// People who disagree.
    pub disagree: u32,
    /// People without opinion.
    pub no_opinion: u32,
}

/// Residence opinions of one cycle.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ResidenceReport {
    /// All opinions, the denominator.
    pub opinions: u32,
    /// Of them, those of meetings with a quorum whose numbers agree with one another.
    pub quorate: u32,
    /// Quorate of all; none without opinions.
    pub quorate_share: Option<Ratio>,
    /// One row per opinion: by unit name, then name, then id; numbers in names by value.
    pub rows: Vec<ResidenceRow>,
}

/// One residence opinion as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
pub struct ResidenceRow {
    /// About whom.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// The cadre's unit.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Voters of the residential area.
    pub voters_total: u32,
    /// Of them, present at the meeting; none when they are fewer than k.
    pub voters_present: Option<u32>,
    /// The fewest that had to be present.
    pub fewest_present: u32,
    /// What the meeting said.
    pub finding: ResidenceFinding,
}

/// What a meeting said, as far as it counts and may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum ResidenceFinding {
    /// More people present than voters, or counts that are missing or do not add up: flagged, never corrected.
    Contradictory,
    /// Too few voters were present; whatever was said does not count.
    WithoutQuorum,
    /// It counts, and fewer than k people were present.
    Hidden,
    /// It counts, and fewer than 2k people were present.
    Ranged {
        /// Whether more than half of the people present agree.
        is_more_than_half: bool,
    },
    /// It counts.
    Counted {
        /// How they spoke.
        counts: OpinionCounts,
        /// Agree of present.
        agreed: Ratio,
    },
}

/// Agree of present, where a quorum was there. Cannot fail; equal opinions in any order give equal reports.
pub fn summarise_residence_opinions(
    quorum: &VoterQuorum,
    group_min: GroupMin,
    opinions: &[ResidenceOpinion],
) -> ResidenceReport {
    let unit_names = unit_names(opinions.iter().map(|opinion| (opinion.unit, opinion.unit_name.as_str())));
    let mut sorted: Vec<&ResidenceOpinion> = opinions.iter().collect();
    sorted.sort();
    sorted.sort_by_cached_key(|opinion| {
        (sort_key(unit_names[&opinion.unit]), opinion.unit, sort_key(&opinion.name), opinion.person)
    });
    let rows = sorted.into_iter().map(|opinion| ResidenceRow {
        person: opinion.person,
        name: opinion.name.clone(),
        unit: opinion.unit,
        unit_name: unit_names[&opinion.unit].to_owned(),
        voters_total: opinion.voters_total,
        voters_present: Some(opinion.voters_present).filter(|present| group_min.is_reached_by(*present)),
        fewest_present: quorum.fewest_present(opinion.voters_total),
        finding: finding(quorum, group_min, opinion),
    });
    let rows: Vec<ResidenceRow> = rows.collect();
    let quorate = rows.iter().filter(|row| row.finding.is_quorate()).count() as u32;
    let all = rows.len() as u32;
    ResidenceReport { opinions: all, quorate, quorate_share: Ratio::of(quorate.into(), all.into()), rows }
}

fn finding(quorum: &VoterQuorum, group_min: GroupMin, opinion: &ResidenceOpinion) -> ResidenceFinding {
    let present = opinion.voters_present;
    if present > opinion.voters_total {
        return ResidenceFinding::Contradictory;
    }
    if present < quorum.fewest_present(opinion.voters_total) {
        return ResidenceFinding::WithoutQuorum;
    }
    let counts = opinion.counts.filter(|counts| counts.sum() == u64::from(present));
    let agreed = counts.and_then(|counts| Ratio::of(counts.agree.into(), present.into()));
    match (counts, agreed) {
        (Some(_), Some(_)) if !group_min.is_reached_by(present) => ResidenceFinding::Hidden,
        (Some(_), Some(agreed)) if !group_min.is_doubled_by(present) => {
            ResidenceFinding::Ranged { is_more_than_half: agreed.is_more_than_half() }
        }
        (Some(counts), Some(agreed)) => ResidenceFinding::Counted { counts, agreed },
        (None, _) | (_, None) => ResidenceFinding::Contradictory,
    }
}

impl OpinionCounts {
    fn sum(self) -> u64 {
        u64::from(self.agree) + u64::from(self.disagree) + u64::from(self.no_opinion)
    }
}

impl ResidenceFinding {
    /// Whether the opinion counts, shown or not.
    pub fn is_quorate(self) -> bool {
        match self {
            Self::Contradictory | Self::WithoutQuorum => false,
            Self::Hidden | Self::Ranged { .. } | Self::Counted { .. } => true,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::completion::samples::{Person, number};
    use crate::form::built_in::residence_opinion::residence_opinion;

    const QUORUM: VoterQuorum = VoterQuorum::of_voter_conferences();

    /// An opinion about the person of that number.
    pub(in crate::report) fn opinion(
        person: u8,
        total: u32,
        present: u32,
        counts: Option<[u32; 3]>,
    ) -> ResidenceOpinion {
        ResidenceOpinion {
            person: PersonId::from_bytes([person; 16]),
            name: format!("Nguyễn Văn {person}"),
            unit: UnitId::from_bytes([person % 3; 16]),
            unit_name: format!("Phường {}", person % 3),
            voters_total: total,
            voters_present: present,
            counts: counts.map(|[agree, disagree, no_opinion]| OpinionCounts { agree, disagree, no_opinion }),
        }
    }

    fn summarise(opinions: &[ResidenceOpinion]) -> ResidenceReport {
        summarise_residence_opinions(&QUORUM, GroupMin::LEAST, opinions)
    }

    fn found(total: u32, present: u32, counts: Option<[u32; 3]>) -> ResidenceFinding {
        summarise(&[opinion(1, total, present, counts)]).rows[0].finding
    }

    fn any_opinion() -> impl Strategy<Value = ResidenceOpinion> {
        let counts = prop::option::of([0..40_u32, 0..10_u32, 0..10_u32]);
        (any::<u8>(), 0..120_u32, 0..60_u32, counts, any::<bool>()).prop_map(
            |(person, total, present, counts, adds_up)| {
                let sum = counts.map(|counts| counts.iter().sum()).filter(|_| adds_up);
                opinion(person, total, sum.unwrap_or(present), counts)
            },
        )
    }

    #[test]
    fn a_quorum_is_more_than_half_or_fifty_five() {
        for (total, fewest) in [(80, 41), (300, 55), (99, 50), (100, 55), (1, 1), (2, 2), (u32::MAX, 55)] {
            assert_eq!(QUORUM.fewest_present(total), fewest, "{total}");
        }
        let check = |total, absent: u32, enough: u32| {
            assert_eq!(found(total, absent, Some([absent, 0, 0])), ResidenceFinding::WithoutQuorum);
            assert!(found(total, enough, Some([enough, 0, 0])).is_quorate());
        };
        check(80, 40, 41);
        check(300, 54, 55);
    }

    /// Or a paper could be signed that the report does not count.
    #[test]
    fn the_template_asks_for_the_same_quorum() {
        let mut front = Person::opens(residence_opinion());
        for total in (1..=120).chain([300, 200_000]) {
            front.answers("voters_total", number(total));
            for present in (0..=total.min(120)).chain([total]) {
                front.answers("voters_present", number(present));
                let quorum = front.completion().question("quorum").unwrap().calculated.clone();
                let is_quorate = present >= QUORUM.fewest_present(total);
                assert_eq!(quorum.as_deref(), Some(if is_quorate { "yes" } else { "no" }), "{present} of {total}");
            }
        }
    }

    #[test]
    fn agreement_is_a_share_of_the_people_present() {
        let counts = OpinionCounts { agree: 30, disagree: 8, no_opinion: 3 };
        let agreed = Ratio::of(30, 41).unwrap();
        assert_eq!(found(80, 41, Some([30, 8, 3])), ResidenceFinding::Counted { counts, agreed });
    }

    #[test]
    fn numbers_that_do_not_agree_are_flagged() {
        for (total, present, counts) in [
            (60, 61, Some([61, 0, 0])),
            (80, 41, Some([30, 8, 2])),
            (80, 41, None),
            (0, 0, Some([0, 0, 0])),
            (80, 41, Some([u32::MAX, u32::MAX, 43])),
        ] {
            let expected = if total == 0 { ResidenceFinding::WithoutQuorum } else { ResidenceFinding::Contradictory };
            assert_eq!(found(total, present, counts), expected, "{present} of {total}");
        }
    }

    #[test]
    fn a_small_meeting_shows_no_counts() {
        let ranged = |is_more_than_half| ResidenceFinding::Ranged { is_more_than_half };
        for (present, counts, expected) in [
            (4, [4, 0, 0], ResidenceFinding::Hidden),
            (5, [5, 0, 0], ranged(true)),
            (5, [3, 2, 0], ranged(true)),
            (8, [4, 4, 0], ranged(false)),
            (9, [0, 9, 0], ranged(false)),
        ] {
            assert_eq!(found(present, present, Some(counts)), expected, "{counts:?}");
        }
        assert!(matches!(found(10, 10, Some([10, 0, 0])), ResidenceFinding::Counted { .. }));
        assert_eq!(summarise(&[opinion(1, 4, 4, None)]).rows[0].voters_present, None);
    }

    #[test]
    fn quorate_meetings_are_a_share_of_all() {
        let report = summarise(&[
            opinion(1, 80, 41, Some([41, 0, 0])),
            opinion(2, 80, 40, None),
            opinion(3, 4, 4, Some([4, 0, 0])),
            opinion(4, 80, 81, None),
        ]);
        assert_eq!((report.opinions, report.quorate, report.quorate_share), (4, 2, Ratio::of(1, 2)));
        assert_eq!(report.rows.iter().map(|row| row.person.as_bytes()[0]).collect::<Vec<_>>(), [3, 1, 4, 2]);
        assert_eq!(summarise(&[]).quorate_share, None);
    }

    proptest! {
        #[test]
        fn the_order_of_the_opinions_never_matters(
            (opinions, shuffled) in prop::collection::vec(any_opinion(), 0..30)
                .prop_flat_map(|opinions| (Just(opinions.clone()), Just(opinions).prop_shuffle())),
        ) {
            prop_assert_eq!(summarise(&opinions), summarise(&shuffled));
        }

        #[test]
        fn counts_are_shown_of_ten_people_and_more(opinions in prop::collection::vec(any_opinion(), 0..30)) {
            for row in summarise(&opinions).rows {
                prop_assert!(row.voters_present.is_none_or(|present| present >= 5));
                if let ResidenceFinding::Counted { counts, .. } = row.finding {
                    prop_assert!(counts.sum() >= 10 && Some(counts.sum()) == row.voters_present.map(u64::from));
                }
            }
        }
    }
}
