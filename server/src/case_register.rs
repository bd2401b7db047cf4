//! Where every evaluation case is, one row per case, written beside the log in the same transaction.
//!
//! The log decides what is in force; this is a fold over it in log order, so that all cases of a cycle can be counted
//! without opening a paper: 40,000 cases have some 800,000 rows, and their signed bytes are estimated at 2 GB. What no longer
//! fits the fold of this version is made anew from the log when the server opens. Measured 2026-11-23: 0.35 ms a case to
//! make it anew, 17 µs in its transaction to take in a paper of 4 KB, 30 ms to read 40,000 cases.

use model::case::CaseState;
use model::case::filed::Filed;
use model::case::findings::proposed_rating;
use model::case::paper::PaperKind;
use model::entry::{Content, Entry, EntryKind};
use model::identity::{CycleId, PersonId};
use model::rating::{NotRatedReason, Outcome, Rating};
use model::report::residence::OpinionCounts;
use model::self_assessment::fields::answer_name;
use model::self_assessment::text_of;
use rusqlite::{Connection, Row};

use crate::database::{meta, set_meta};
use crate::failure::ServerFailed;

/// The version of the fold; a higher one makes the register anew.
const FOLD: &[u8] = b"2";

/// Where the version stands in the table of single values.
const FOLD_NAME: &str = "case_register";

/// Where one case is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseStanding {
    /// Whose.
    pub person: PersonId,
    /// The step in force; none where a paper was filed and no step was taken.
    pub step: Option<StandingStep>,
    /// The level that the cadre chose.
    pub self_rating: Option<Rating>,
    /// The level that the head proposes.
    pub proposed: Option<Rating>,
    /// What the newest residence opinion counted.
    pub residence: Option<ResidenceCounts>,
    /// What the decision in force says: the newest that was filed when the case became decided. None before the first, and
    /// where an appeal changed it and no other was filed.
    pub decided: Option<Outcome>,
    /// Filed papers that could not be read.
    pub unread_papers: u32,
}

/// The step in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StandingStep {
    /// Where it led.
    pub state: CaseState,
    /// When the server received it, in UTC milliseconds.
    pub since_ms: i64,
}

/// The figures of a residence opinion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResidenceCounts {
    /// Voters of the residential area.
    pub voters_total: u32,
    /// Of them, at the meeting.
    pub voters_present: u32,
    /// How they spoke; none when nobody was counted.
    pub counts: Option<OpinionCounts>,
}

/// The cases of a cycle, in no order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StandingCases {
    /// All that can be read.
    pub cases: Vec<CaseStanding>,
    /// Rows that cannot be read; they hide no other.
    pub unread: u32,
}

/// Reads every case of a cycle.
pub fn of_cycle(connection: &Connection, cycle: CycleId) -> Result<StandingCases, ServerFailed> {
    let sql = "select person, state, since_ms, self_rating, voters_total, voters_present, agree, disagree, no_opinion,
                      decided, unread, proposed
               from case_standing where cycle = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([cycle.as_bytes()])?;
    let mut found = StandingCases::default();
    while let Some(row) = rows.next()? {
        match read(row) {
            Some(case) => found.cases.push(case),
            None => found.unread += 1,
        }
    }
    Ok(found)
}

/// Takes in a row of a log that is in force: a paper that is filed, or a step.
pub fn record(
    connection: &Connection,
    (space, number): (i64, u64),
    entry: &Entry,
    received_ms: i64,
) -> Result<(), ServerFailed> {
    match &entry.content {
        // What lies in a unit's space was counted in its case.
        Content::File(filed) if filed.unit.is_some() => Ok(()),
        Content::File(filed) => record_paper(connection, (space, number), filed),
        Content::Status(status) => {
            let sql = "update case_standing set state = ?2, since_ms = ?3 where space = ?1";
            connection.prepare_cached(sql)?.execute((space, state_number(status.to), received_ms))?;
            if status.to == CaseState::Decided {
                let sql = "update case_standing set
                               decided = iif(appeal is 'changed' and filed_number is decided_number, null, filed_outcome),
                               decided_number = filed_number, appeal = null
                           where space = ?1";
                connection.prepare_cached(sql)?.execute([space])?;
            }
            Ok(())
        }
        Content::Change(_) | Content::Submit(_) | Content::Grant(_) => Ok(()),
    }
}

/// Makes the register anew from the log, unless this version of the fold wrote it.
pub fn catch_up(connection: &mut Connection) -> Result<(), ServerFailed> {
    if meta(connection, FOLD_NAME)?.as_deref() == Some(FOLD) {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute("delete from case_standing", [])?;
    {
        let sql = "select space, number, received_ms, bytes from entry
                   where kind in (?1, ?2) and in_force = 1 order by space, number";
        let mut statement = transaction.prepare(sql)?;
        let mut rows = statement.query((EntryKind::File as i64, EntryKind::Status as i64))?;
        while let Some(row) = rows.next()? {
            // A damaged row stays in the log, where an inspection finds it.
            let Ok(entry) = Entry::read(&row.get::<_, Vec<u8>>(3)?) else { continue };
            record(&transaction, (row.get(0)?, row.get(1)?), &entry, row.get(2)?)?;
        }
    }
    set_meta(&transaction, FOLD_NAME, FOLD)?;
    Ok(transaction.commit()?)
}

fn record_paper(connection: &Connection, (space, number): (i64, u64), filed: &Filed) -> Result<(), ServerFailed> {
    let sql = "insert into case_standing (space, cycle, person, unread) values (?1, ?2, ?3, 0)
               on conflict (space) do nothing";
    connection.prepare_cached(sql)?.execute((space, filed.cycle.as_bytes(), filed.person.as_bytes()))?;
    let Some(fields) = filed.fields() else {
        let sql = "update case_standing set unread = unread + 1 where space = ?1";
        connection.prepare_cached(sql)?.execute([space])?;
        return Ok(());
    };
    let answer = |question: &str| text_of(&fields, &answer_name(question)).map(str::to_owned);
    match filed.paper {
        PaperKind::SelfAssessment => {
            let sql = "update case_standing set self_rating = ?2 where space = ?1";
            let chosen = answer("self_rating").and_then(|word| Rating::from_wire_key(&word)).map(Rating::wire_key);
            connection.prepare_cached(sql)?.execute((space, chosen))?;
        }
        PaperKind::ResidenceOpinion => {
            let sql = "update case_standing set voters_total = ?2, voters_present = ?3, agree = ?4, disagree = ?5,
                           no_opinion = ?6 where space = ?1";
            let count = |question: &str| answer(question).and_then(|text| text.parse::<u32>().ok());
            let [total, present, agree, disagree, no_opinion] =
                ["voters_total", "voters_present", "agree", "disagree", "no_opinion"].map(count);
            connection.prepare_cached(sql)?.execute((space, total, present, agree, disagree, no_opinion))?;
        }
        PaperKind::Decision => {
            let sql = "update case_standing set filed_outcome = ?2, filed_number = ?3 where space = ?1";
            let is_rated = answer("outcome").as_deref() == Some("rated");
            let outcome = answer(if is_rated { "rating" } else { "not_rated_reason" });
            connection.prepare_cached(sql)?.execute((space, outcome, number))?;
            // One that replaces the decision that stands needs no step of its own.
            let sql = "update case_standing set decided = filed_outcome, decided_number = filed_number
                       where space = ?1 and state = ?2";
            connection.prepare_cached(sql)?.execute((space, state_number(CaseState::Decided)))?;
        }
        PaperKind::AppealOutcome => {
            let sql = "update case_standing set appeal = ?2 where space = ?1";
            connection.prepare_cached(sql)?.execute((space, answer("outcome")))?;
        }
        PaperKind::HeadComment => {
            let sql = "update case_standing set proposed = ?2 where space = ?1";
            let proposed = proposed_rating(&fields).map(Rating::wire_key);
            connection.prepare_cached(sql)?.execute((space, proposed))?;
        }
        PaperKind::OldUnitComment
        | PaperKind::ServiceRecord
        | PaperKind::Minutes
        | PaperKind::PartyComment
        | PaperKind::Notice
        | PaperKind::Appeal
        | PaperKind::Publication => {}
    }
    Ok(())
}

/// `None` if a cell holds what this version does not know.
fn read(row: &Row<'_>) -> Option<CaseStanding> {
    let count = |index: usize| row.get::<_, Option<u32>>(index).ok();
    let state = match row.get::<_, Option<i64>>(1).ok()? {
        Some(number) => Some(state_of(number)?),
        None => None,
    };
    let since_ms: Option<i64> = row.get(2).ok()?;
    let self_rating = match row.get_ref(3).ok()?.as_str_or_null().ok()? {
        Some(key) => Some(Rating::from_wire_key(key)?),
        None => None,
    };
    let proposed = match row.get_ref(11).ok()?.as_str_or_null().ok()? {
        Some(key) => Some(Rating::from_wire_key(key)?),
        None => None,
    };
    let decided = match row.get_ref(9).ok()?.as_str_or_null().ok()? {
        Some(word) => Some(outcome_of(word)?),
        None => None,
    };
    let counts = match (count(6)?, count(7)?, count(8)?) {
        (Some(agree), Some(disagree), Some(no_opinion)) => Some(OpinionCounts { agree, disagree, no_opinion }),
        _ => None,
    };
    let meeting = count(4)?.zip(count(5)?);
    let residence =
        meeting.map(|(voters_total, voters_present)| ResidenceCounts { voters_total, voters_present, counts });
    Some(CaseStanding {
        person: PersonId::from_bytes(row.get(0).ok()?),
        step: state.zip(since_ms).map(|(state, since_ms)| StandingStep { state, since_ms }),
        self_rating,
        proposed,
        residence,
        decided,
        unread_papers: row.get(10).ok()?,
    })
}

/// A level by its wire key, or the reason for none by its own.
fn outcome_of(word: &str) -> Option<Outcome> {
    let rated = Rating::from_wire_key(word).map(|rating| Outcome::Rated { rating });
    rated.or_else(|| NotRatedReason::from_wire_key(word).map(|reason| Outcome::NotRated { reason }))
}

/// The number of a state in the database: the one on the wire.
const fn state_number(state: CaseState) -> i64 {
    state as i64 + 1
}

fn state_of(number: i64) -> Option<CaseState> {
    CaseState::ALL.into_iter().find(|state| state_number(*state) == number)
}

#[cfg(test)]
mod tests;
