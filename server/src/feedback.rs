//! What residents said on their own, as the office keeps it: screened cases, what was done with each, public answers.
//!
//! The server gets packets in which every text was screened; it never sees a code, an unscreened text or a key that opens
//! anything. Cases have random names and the days of their batches. Source: anonymity A29, A48-A51.

pub mod answers;
pub mod desk;
pub mod figures;
pub mod handling;
pub mod published;
pub mod running_box;
pub mod taking;
pub mod words;

use minicbor::{Decode, Encode};
use model::feedback::Topic;
use model::feedback::case::FeedbackCase;
use model::feedback::figures::{HandledCase, due};
use model::identity::{FeedbackId, RoundId, UnitId};
use model::round::AreaNumber;
use model::time::Day;
use rusqlite::{Connection, Row};

use crate::failure::ServerFailed;

/// What is done with a case. Numbers are in the database and never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StepKind {
    /// A unit got the paraphrase.
    Routed = 1,
    /// The office answered.
    Answered = 2,
    /// The answer left for those who have the codes. Whether a public file holds it, the server cannot know.
    HandedOver = 3,
}

/// How far a case is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum CaseState {
    /// Nobody has it yet.
    #[n(0)]
    Received,
    /// A unit has the paraphrase.
    #[n(1)]
    Routed,
    /// Answered.
    #[n(2)]
    Answered,
    /// The answer left for those who have the codes.
    #[n(3)]
    HandedOver,
}

/// One thing that was done with a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What.
    pub kind: StepKind,
    /// When.
    pub day: Day,
    /// To which unit it was routed.
    pub unit: Option<UnitId>,
    /// The answer.
    pub text: Option<String>,
}

/// A case with its history. Its text is empty once the round was destroyed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptCase {
    /// Of which round.
    pub round: RoundId,
    /// The day of its batch.
    pub day: Day,
    /// What was said, screened.
    pub case: FeedbackCase,
    /// Whether two holders read it and have its code; else the intake.
    pub is_protected: bool,
    /// What was done, in this order.
    pub steps: Vec<Step>,
}

impl KeptCase {
    /// How far it is.
    pub fn state(&self) -> CaseState {
        match self.steps.iter().map(|step| step.kind).max() {
            None => CaseState::Received,
            Some(StepKind::Routed) => CaseState::Routed,
            Some(StepKind::Answered) => CaseState::Answered,
            Some(StepKind::HandedOver) => CaseState::HandedOver,
        }
    }

    /// The unit that has it now.
    pub fn unit(&self) -> Option<UnitId> {
        self.steps.iter().rev().find_map(|step| step.unit)
    }

    /// The answer, and the day on which it was given.
    pub fn answer(&self) -> Option<(&str, Day)> {
        self.steps.iter().find_map(|step| Some((step.text.as_deref()?, step.day)))
    }

    /// The last day on which an answer is in time.
    pub fn due(&self) -> Day {
        due(self.day)
    }

    /// As the figures see it.
    pub fn handled(&self) -> HandledCase {
        let answered = self.answer().map(|(_, day)| day);
        HandledCase { topic: self.case.topic, unit: self.unit(), day: self.day, answered }
    }

    fn step_of(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().find(|step| step.kind == kind)
    }
}

/// Every case, of one round or of all: what is due first stands first, and among equals the random name decides.
pub fn cases(connection: &Connection, round: Option<RoundId>) -> Result<Vec<KeptCase>, ServerFailed> {
    let sql = "select id, round, day, topic, about, area, text, paraphrase, awaits_reply, is_protected
               from feedback_case
               where ?1 is null or round = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([round.map(|round| *round.as_bytes())])?;
    let mut cases = Vec::new();
    while let Some(row) = rows.next()? {
        let mut kept = case_of(row)?;
        kept.steps = steps_of(connection, kept.case.id)?;
        cases.push(kept);
    }
    cases.sort_unstable_by_key(|kept: &KeptCase| (kept.due(), kept.case.id));
    Ok(cases)
}

/// Erases the screened texts of a round; topics, days, paraphrases and answers stay. Source: anonymity A52.
pub fn forget_texts(connection: &Connection, round: RoundId) -> Result<(), ServerFailed> {
    connection.execute("update feedback_case set text = '' where round = ?1", [round.as_bytes()])?;
    Ok(())
}

fn case_of(row: &Row<'_>) -> Result<KeptCase, ServerFailed> {
    let about: Vec<u8> = row.get(4)?;
    let case = FeedbackCase {
        id: FeedbackId::from_bytes(row.get(0)?),
        topic: topic_of(row.get(3)?)?,
        about: minicbor::decode(&about).map_err(|_| ServerFailed::Damaged)?,
        area: row.get::<_, Option<u16>>(5)?.map(AreaNumber),
        text: row.get(6)?,
        paraphrase: row.get(7)?,
        awaits_reply: row.get(8)?,
    };
    let (round, day) = (RoundId::from_bytes(row.get(1)?), day_of(row.get(2)?)?);
    Ok(KeptCase { round, day, case, is_protected: row.get(9)?, steps: Vec::new() })
}

fn steps_of(connection: &Connection, case: FeedbackId) -> Result<Vec<Step>, ServerFailed> {
    let sql = "select kind, day, unit, text from feedback_event where feedback = ?1 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([case.as_bytes()])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = match row.get(0)? {
            1_i64 => StepKind::Routed,
            2 => StepKind::Answered,
            3 => StepKind::HandedOver,
            _ => return Err(ServerFailed::Damaged),
        };
        let unit = row.get::<_, Option<[u8; 16]>>(2)?.map(UnitId::from_bytes);
        steps.push(Step { kind, day: day_of(row.get(1)?)?, unit, text: row.get(3)? });
    }
    Ok(steps)
}

/// Adds to the history of a case; nothing of it ever changes.
fn note_step(connection: &Connection, case: FeedbackId, step: &Step) -> Result<(), ServerFailed> {
    let sql = "insert into feedback_event (feedback, number, kind, day, unit, text)
               select ?1, 1 + count(*), ?2, ?3, ?4, ?5 from feedback_event where feedback = ?1";
    let unit = step.unit.map(|unit| *unit.as_bytes());
    connection.prepare_cached(sql)?.execute((
        case.as_bytes(),
        step.kind as i64,
        step.day.to_string(),
        unit,
        &step.text,
    ))?;
    Ok(())
}

/// The number of a topic, as it stands in envelopes too.
fn number_of(topic: Topic) -> i64 {
    topic as i64 + 1
}

fn topic_of(number: i64) -> Result<Topic, ServerFailed> {
    Topic::ALL.into_iter().find(|topic| number_of(*topic) == number).ok_or(ServerFailed::Damaged)
}

fn day_of(text: String) -> Result<Day, ServerFailed> {
    Day::parse(&text).map_err(|_| ServerFailed::Damaged)
}
