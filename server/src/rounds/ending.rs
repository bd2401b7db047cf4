//! The end of a round: its ballots or feedback, their copies and their key are destroyed, and what was published stays.
//!
//! People order it, no clock does; orders and pages say when it is due. The sealed lists and seals in the books of the
//! named road open nothing once the holders have destroyed their shares. Source: anonymity A52.

use model::identity::RoundId;
use model::round::state::RoundState;
use model::time::Day;

use super::{ResultRefused, find, note_step};
use crate::ballots::boxes::Boxes;
use crate::database;
use crate::failure::ServerFailed;
use crate::feedback;
use crate::office::Office;

/// Notes that somebody objects to a published result: its ballots are kept until the objection is settled.
pub fn object(office: &Office, round: RoundId, today: Day) -> Result<(), ResultRefused> {
    let kept = find(office.reader(), round)?.ok_or(ResultRefused::Unknown)?;
    if kept.state(today) != RoundState::Reported {
        return Err(ResultRefused::NoObjection);
    }
    let sql = "insert into objection (round, day) values (?1, ?2) on conflict do nothing";
    office.reader().execute(sql, (round.as_bytes(), today.to_string())).map_err(ServerFailed::from)?;
    Ok(())
}

/// Destroys the ballots of a round, or its feedback with the screened texts. The day is written down first: whatever breaks off then, the next start finishes.
pub fn destroy(office: &Office, boxes: &Boxes, round: RoundId, today: Day) -> Result<(), ResultRefused> {
    let mut kept = find(office.reader(), round)?.ok_or(ResultRefused::Unknown)?;
    let definition = kept.announcement.signed.definition.clone();
    kept.steps.take(RoundState::Purged, &definition, today)?;
    forget(office, round, today)?;
    Ok(boxes.destroy(round)?)
}

/// Erases what the database holds of a round whose box is destroyed; a restore may have brought it back.
pub(crate) fn forget(office: &Office, round: RoundId, today: Day) -> Result<(), ServerFailed> {
    let transaction = office.reader().unchecked_transaction()?;
    transaction.execute("delete from spoken_seal where round = ?1", [round.as_bytes()])?;
    feedback::forget_texts(&transaction, round)?;
    note_step(&transaction, round, RoundState::Purged, today)?;
    transaction.commit()?;
    // What somebody reads right now is cut by the next look (see `running`).
    database::cut_journal(office.reader()).map(|_| ())
}
