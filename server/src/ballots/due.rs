//! How much a box may hold, and when feedback has waited long enough to be listed.

use model::feedback::batch::WAIT_WORKING_DAYS;
use model::round::RoundDefinition;
use model::time::Day;

/// Envelopes of a round for each of its slips, or for each of its people where feedback is taken without slips; more is
/// stuffing (A30).
const ENVELOPES_PER_SLIP: u32 = 4;

/// Envelopes of a whole box.
pub(super) fn envelopes_most(round: &RoundDefinition) -> usize {
    let people = || round.areas.iter().map(|area| area.eligible).sum();
    let voices: u32 = if round.takes_feedback() { people() } else { round.slips() };
    voices as usize * ENVELOPES_PER_SLIP as usize
}

/// Working days that feedback has waited since the last list. Few are given to their readers only by the first look of
/// every five working days since the opening: after quiet days the next morning would tell the day on which somebody spoke
/// (A48). Under a clock that ran ahead once, days may stand written that have not come.
pub(super) fn waited(opens: Day, [looked, since]: [Day; 2], today: Day) -> u32 {
    let turn = |day: Day| opens.working_days_until(day.min(today)) / WAIT_WORKING_DAYS;
    let since = if since <= today { since } else { opens };
    if turn(looked) < turn(today) { since.working_days_until(today) } else { 0 }
}
