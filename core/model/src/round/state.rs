//! How far a round is. Days open and close it; people announce, count, report and purge it, each once and in order.
//!
//! Results exist from the count on, a counted round never opens again, and raw answers are gone after the purge.
//! Source: domain 2.2, I5; anonymity A46, A52.

use minicbor::{Decode, Encode};

use super::RoundDefinition;
use crate::time::Day;

/// Days after the report until box, seals and shares are destroyed, if nobody objects (A52).
pub const DAYS_UNTIL_PURGE: i64 = 30;

/// Days after the report until they are destroyed whatever was objected (A52).
pub const DAYS_UNTIL_PURGE_MOST: i64 = 365;

/// Days after the grace date of a round that takes feedback until its box is destroyed: readers have had their turns.
/// Nothing of it is published, so nobody objects. Source: A52, text packets.
pub const DAYS_FEEDBACK_IS_KEPT: i64 = 90;

/// Days before the same questions may be asked of the same people again (A46).
pub const DAYS_BETWEEN_ROUNDS: i64 = 90;

/// Where a round stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode, uniffi::Enum)]
#[cbor(index_only)]
pub enum RoundState {
    /// The office prepares it; everything may still change.
    #[n(0)]
    Planned,
    /// Signed by the holders and known to phones; nothing changes any more.
    #[n(1)]
    Announced,
    /// Slips are drawn and ballots cast.
    #[n(2)]
    Open,
    /// No more ballots; boxes that were sealed in time still arrive until the grace date.
    #[n(3)]
    Closed,
    /// Opened by the holders. Results exist.
    #[n(4)]
    Counted,
    /// Published.
    #[n(5)]
    Reported,
    /// Ballots, seals and shares are destroyed; what was published stays.
    #[n(6)]
    Purged,
}

/// What people did with a round so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RoundSteps {
    /// The day on which it was announced.
    pub announced: Option<Day>,
    /// The day on which the holders counted.
    pub counted: Option<Day>,
    /// The day on which the result was published.
    pub reported: Option<Day>,
    /// Whether somebody objects to the result.
    pub is_challenged: bool,
    /// The day on which the ballots were destroyed.
    pub purged: Option<Day>,
}

/// A step that this round cannot take on this day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a round that is {from:?} cannot become {to:?} today")]
pub struct StepRefused {
    /// Where it stands.
    pub from: RoundState,
    /// What was wanted.
    pub to: RoundState,
}

impl RoundSteps {
    /// Where the round stands on a day.
    pub fn state(&self, round: &RoundDefinition, today: Day) -> RoundState {
        match (self.announced, self.counted, self.reported, self.purged) {
            (_, _, _, Some(_)) => RoundState::Purged,
            (_, _, Some(_), None) => RoundState::Reported,
            (_, Some(_), None, None) => RoundState::Counted,
            (None, None, None, None) => RoundState::Planned,
            (Some(_), None, None, None) if today < round.opens => RoundState::Announced,
            (Some(_), None, None, None) if today <= round.closes => RoundState::Open,
            (Some(_), None, None, None) => RoundState::Closed,
        }
    }

    /// Takes the next step. A round is announced before it opens, counted after its grace date, and purged when the time
    /// for objections is over.
    pub fn take(&mut self, to: RoundState, round: &RoundDefinition, today: Day) -> Result<(), StepRefused> {
        let from = self.state(round, today);
        let place = match (from, to) {
            (RoundState::Planned, RoundState::Announced) if today <= round.opens => &mut self.announced,
            (RoundState::Closed, RoundState::Counted) if today > round.grace && !round.takes_feedback() => {
                &mut self.counted
            }
            (RoundState::Counted, RoundState::Reported) => &mut self.reported,
            (RoundState::Reported | RoundState::Counted | RoundState::Closed, RoundState::Purged)
                if self.is_purge_due(round, today) =>
            {
                &mut self.purged
            }
            _ => return Err(StepRefused { from, to }),
        };
        *place = Some(today);
        Ok(())
    }

    /// Whether what residents sealed must be destroyed by now.
    pub fn is_purge_due(&self, round: &RoundDefinition, today: Day) -> bool {
        let due = match self.reported {
            _ if round.takes_feedback() => round.grace.plus_days(DAYS_FEEDBACK_IS_KEPT),
            Some(reported) if self.is_challenged => reported.plus_days(DAYS_UNTIL_PURGE_MOST),
            Some(reported) => reported.plus_days(DAYS_UNTIL_PURGE),
            // Too few answered, or two counts differed: nothing will be published, and nothing is kept for longer.
            None => round.grace.plus_days(DAYS_UNTIL_PURGE_MOST),
        };
        self.purged.is_none() && due.is_some_and(|due| due <= today)
    }
}

/// Whether a round asks the same of the same people too soon after another: the difference of the two would show the few
/// who came in between (A46). Of feedback nothing is published that could be subtracted.
pub fn is_too_soon(earlier: &RoundDefinition, next: &RoundDefinition) -> bool {
    let is_same = earlier.about == next.about
        && earlier.template.code == next.template.code
        && earlier.organiser == next.organiser;
    is_same
        && !next.takes_feedback()
        && earlier.closes.plus_days(DAYS_BETWEEN_ROUNDS).is_none_or(|free| next.opens < free)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    const STATES: [RoundState; 7] = [
        RoundState::Planned,
        RoundState::Announced,
        RoundState::Open,
        RoundState::Closed,
        RoundState::Counted,
        RoundState::Reported,
        RoundState::Purged,
    ];

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_round_goes_its_way_once_and_never_back() {
        let round = samples::confidence();
        let mut steps = RoundSteps::default();
        for (today, state, to) in [
            ("2026-11-20", RoundState::Planned, Some(RoundState::Announced)),
            ("2026-11-30", RoundState::Announced, None),
            ("2026-12-01", RoundState::Open, None),
            ("2026-12-10", RoundState::Open, None),
            ("2026-12-11", RoundState::Closed, None),
            ("2026-12-15", RoundState::Closed, Some(RoundState::Counted)),
            ("2026-12-16", RoundState::Counted, Some(RoundState::Reported)),
            ("2027-01-14", RoundState::Reported, None),
            ("2027-01-15", RoundState::Reported, Some(RoundState::Purged)),
            ("2027-02-01", RoundState::Purged, None),
        ] {
            let today = day(today);
            // The count is taken after the grace date, one day later than the row says it stands closed.
            let moment = if to == Some(RoundState::Counted) { today.plus_days(1).unwrap() } else { today };
            assert_eq!(steps.state(&round, today), state, "{today}");
            for other in STATES.into_iter().filter(|other| Some(*other) != to) {
                let mut copy = steps;
                assert!(copy.take(other, &round, moment).is_err(), "{today}: {state:?} became {other:?}");
            }
            if let Some(to) = to {
                steps.take(to, &round, moment).unwrap();
            }
        }
    }

    #[test]
    fn nothing_is_counted_before_the_grace_date_is_over() {
        let round = samples::confidence();
        let mut steps = RoundSteps { announced: Some(round.opens), ..Default::default() };
        assert!(steps.take(RoundState::Counted, &round, round.grace).is_err());
        assert!(steps.take(RoundState::Counted, &round, round.grace.plus_days(1).unwrap()).is_ok());
    }

    #[test]
    fn an_objection_keeps_the_ballots_for_a_year() {
        let reported = day("2027-01-01");
        let mut steps = RoundSteps { reported: Some(reported), ..Default::default() };
        let is_due = |steps: &RoundSteps, today: &str| steps.is_purge_due(&samples::confidence(), day(today));
        assert!(!is_due(&steps, "2027-01-30") && is_due(&steps, "2027-01-31"));
        steps.is_challenged = true;
        assert!(!is_due(&steps, "2027-12-31") && is_due(&steps, "2028-01-01"));
        steps.purged = Some(day("2028-01-01"));
        assert!(!is_due(&steps, "2028-02-01"));
    }

    /// A52: too few answered, or two counts differed.
    #[test]
    fn ballots_of_a_round_that_is_never_published_are_destroyed_after_a_year() {
        let round = samples::confidence();
        let due = round.grace.plus_days(DAYS_UNTIL_PURGE_MOST).unwrap();
        for counted in [None, round.grace.plus_days(1)] {
            let mut steps = RoundSteps { announced: Some(round.opens), counted, ..Default::default() };
            assert!(steps.take(RoundState::Purged, &round, due.plus_days(-1).unwrap()).is_err());
            assert_eq!(steps.take(RoundState::Purged, &round, due), Ok(()), "counted {counted:?}");
        }
    }

    #[test]
    fn feedback_is_never_counted_and_its_box_goes_ninety_days_after_the_grace_date() {
        let round = crate::feedback::samples::round();
        let mut steps = RoundSteps { announced: Some(round.opens), ..Default::default() };
        let due = round.grace.plus_days(DAYS_FEEDBACK_IS_KEPT).unwrap();
        let before = due.plus_days(-1).unwrap();
        assert!(steps.take(RoundState::Counted, &round, before).is_err());
        assert!(!steps.is_purge_due(&round, before) && steps.take(RoundState::Purged, &round, before).is_err());
        assert_eq!(steps.take(RoundState::Purged, &round, due), Ok(()));
        assert_eq!(steps.state(&round, due), RoundState::Purged);
        let next = RoundDefinition { opens: round.closes, ..round.clone() };
        assert!(!is_too_soon(&round, &next), "a month follows the other");
    }

    #[test]
    fn the_same_is_not_asked_twice_within_ninety_days() {
        let earlier = samples::confidence();
        let mut next = earlier.clone();
        (next.opens, next.closes) = (earlier.closes.plus_days(89).unwrap(), earlier.closes.plus_days(95).unwrap());
        assert!(is_too_soon(&earlier, &next));
        next.opens = earlier.closes.plus_days(90).unwrap();
        assert!(!is_too_soon(&earlier, &next));
        next.opens = earlier.closes;
        next.template.code = "SAT".into();
        assert!(!is_too_soon(&earlier, &next));
    }
}
