//! Rounds as the office keeps them: the announcement, what people did, spoken seals, results. Each is written once.
//!
//! Everything here is public or sealed; no envelope and no count of envelopes is. Source: anonymity A20, A32, A35, A46.

pub mod desk;
pub mod ending;
pub mod opening;
pub mod overview;
pub mod recorded;
pub mod words;

use model::box_seal::SpokenSeal;
use model::identity::{PersonId, RoundId};
use model::membership::Role;
use model::outcome::{OutcomeRefused, SignedOutcome};
use model::round::announced::Announcement;
use model::round::holder::Surroundings;
use model::round::state::{RoundState, RoundSteps, StepRefused, is_too_soon};
use model::round::{NotSigned, RoundDefinition, RoundRefused};
use model::time::{Day, Timestamp};
use model::unit::UnitRefused;
use model::unit::scheme::HierarchyScheme;
use model::unit::tree::UnitTree;
use rusqlite::{Connection, OptionalExtension};

use crate::failure::ServerFailed;
use crate::office::{Moment, Office};
use crate::report::directory::Directory;
use crate::roll::{self, Listed};

/// A round with everything that was done with it.
#[derive(Clone)]
pub struct KeptRound {
    /// What the holders handed over.
    pub announcement: Announcement,
    /// What people did.
    pub steps: RoundSteps,
    /// The result, and that of the recount.
    pub outcomes: [Option<SignedOutcome>; 2],
}

/// Why a round was not announced. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceRefused {
    /// Not the file of a ceremony.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// Its definition does not stand beside what the office knows.
    #[error(transparent)]
    Round(#[from] RoundRefused),
    /// Another round of this name was announced: what was announced never changes.
    #[error("this round was announced before, and with other contents")]
    AnnouncedBefore,
    /// The units of the directory.
    #[error(transparent)]
    Units(#[from] UnitRefused),
    /// It opened before it was announced.
    #[error(transparent)]
    Step(#[from] StepRefused),
    /// The same was asked of the same people less than ninety days ago.
    #[error("the same was asked of the same people too shortly before")]
    TooSoon,
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Why a result was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ResultRefused {
    /// No such round.
    #[error("no such round was announced")]
    Unknown,
    /// The result itself.
    #[error(transparent)]
    Outcome(#[from] OutcomeRefused),
    /// The round is not so far, or further.
    #[error(transparent)]
    Step(#[from] StepRefused),
    /// Nothing is counted in a round of feedback.
    #[error("this round takes feedback, which is not counted")]
    TakesFeedback {
        /// The order about feedback that is meant.
        instead: &'static str,
    },
    /// Somebody objects where nothing was published, or where it is too late.
    #[error("no result of this round can be objected to")]
    NoObjection,
    /// Another result was taken before.
    #[error("another result of this round was taken before")]
    TakenBefore,
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

impl KeptRound {
    /// What was announced.
    pub fn definition(&self) -> &RoundDefinition {
        &self.announcement.signed.definition
    }

    /// Refuses a round in which nothing is counted, with what is done in it instead.
    fn counts_or(&self, instead: &'static str) -> Result<(), ResultRefused> {
        if self.definition().takes_feedback() { Err(ResultRefused::TakesFeedback { instead }) } else { Ok(()) }
    }

    /// Where it stands.
    pub fn state(&self, today: Day) -> RoundState {
        self.steps.state(self.definition(), today)
    }
}

/// Announces what a ceremony made: from then on phones know it and nothing of it changes. The same file a second time
/// changes nothing. `operators` run the server.
pub fn announce(
    office: &mut Office,
    bytes: &[u8],
    operators: &[PersonId],
    moment: Moment,
) -> Result<Announcement, AnnounceRefused> {
    let announcement = Announcement::read(bytes)?;
    let definition = &announcement.signed.definition;
    let today = Timestamp::from_utc_ms(moment.now_ms).vietnamese_day();
    let before = all(office.reader())?;
    match before.iter().find(|kept| kept.definition().id == definition.id) {
        Some(kept) if kept.announcement != announcement => return Err(AnnounceRefused::AnnouncedBefore),
        Some(_) => {}
        None => {
            check(office, &before, definition, operators, today)?;
            keep(office.reader(), definition.id, bytes, today)?;
        }
    }
    office.publish(&[announcement.round().item()], moment)?;
    Ok(announcement)
}

fn check(
    office: &mut Office,
    before: &[KeptRound],
    definition: &RoundDefinition,
    operators: &[PersonId],
    today: Day,
) -> Result<(), AnnounceRefused> {
    if before.iter().any(|kept| is_too_soon(kept.definition(), definition)) {
        return Err(AnnounceRefused::TooSoon);
    }
    RoundSteps::default().take(RoundState::Announced, definition, today)?;
    let is_of_office = |listed: &Listed| listed.phones.iter().any(|phone| phone.role == Role::PersonnelOffice);
    let listed = roll::everybody(office)?;
    let people: Vec<PersonId> =
        listed.iter().filter(|listed| is_of_office(listed)).map(|listed| listed.person).collect();
    let directory = Directory::read(office.reader())?;
    let units = UnitTree::build(&HierarchyScheme::shipped(), directory.units.into_values().collect())?;
    let around = Surroundings { units: &units.as_of(today), posts: &directory.cadres, operators, office: &people };
    Ok(definition.check(&around)?)
}

fn keep(connection: &Connection, round: RoundId, bytes: &[u8], today: Day) -> Result<(), ServerFailed> {
    let transaction = connection.unchecked_transaction()?;
    let sql = "insert into announcement (round, bytes) values (?1, ?2)";
    transaction.execute(sql, (round.as_bytes(), bytes))?;
    note_step(&transaction, round, RoundState::Announced, today)?;
    Ok(transaction.commit()?)
}

/// Takes the result of an opening, or that of the recount, and keeps both. Whether it may be published now.
pub fn take_outcome(office: &Office, round: RoundId, bytes: &[u8], today: Day) -> Result<bool, ResultRefused> {
    let connection = office.reader();
    let mut kept = find(connection, round)?.ok_or(ResultRefused::Unknown)?;
    kept.counts_or("take")?;
    let outcome = SignedOutcome::read(bytes, kept.definition())?;
    if !kept.outcomes.iter().flatten().any(|known| *known == outcome) {
        let pair = match &kept.outcomes {
            [None, _] => 1,
            [Some(first), None] if first.openers != outcome.openers => 2,
            [Some(_), _] => return Err(ResultRefused::TakenBefore),
        };
        let definition = kept.announcement.signed.definition.clone();
        if pair == 1 {
            kept.steps.take(RoundState::Counted, &definition, today)?;
        } else if let [Some(first), _] = &kept.outcomes {
            first.check_recount(&definition, Some(&outcome))?;
        }
        let transaction = connection.unchecked_transaction().map_err(ServerFailed::from)?;
        let sql = "insert into outcome (round, pair, bytes) values (?1, ?2, ?3)";
        transaction.execute(sql, (round.as_bytes(), pair, bytes)).map_err(ServerFailed::from)?;
        if pair == 1 {
            note_step(&transaction, round, RoundState::Counted, today)?;
        }
        transaction.commit().map_err(ServerFailed::from)?;
        kept.outcomes[pair - 1] = Some(outcome);
    }
    let [Some(first), second] = &kept.outcomes else { return Ok(false) };
    Ok(first.check_recount(kept.definition(), second.as_ref()).is_ok())
}

/// Publishes the result: from then on the page shows it. Once (anonymity A46).
pub fn publish_result(office: &Office, round: RoundId, today: Day) -> Result<(), ResultRefused> {
    let mut kept = find(office.reader(), round)?.ok_or(ResultRefused::Unknown)?;
    kept.counts_or("publish")?;
    let definition = kept.announcement.signed.definition.clone();
    kept.steps.take(RoundState::Reported, &definition, today)?;
    let [Some(first), second] = &kept.outcomes else { return Err(ResultRefused::Outcome(OutcomeRefused::Unreadable)) };
    first.check_recount(&definition, second.as_ref())?;
    Ok(note_step(office.reader(), round, RoundState::Reported, today)?)
}

/// Writes down a seal that was read over the telephone; the day decides whether it was said in time.
pub fn note_seal(office: &Office, round: RoundId, seal: SpokenSeal, today: Day) -> Result<(), ResultRefused> {
    let kept = find(office.reader(), round)?.ok_or(ResultRefused::Unknown)?;
    let from = kept.state(today);
    if from != RoundState::Open {
        return Err(StepRefused { from, to: RoundState::Closed }.into());
    }
    let seal = minicbor::to_vec(seal).expect("writing to memory cannot fail");
    let sql = "insert into spoken_seal (round, seal, noted) values (?1, ?2, ?3) on conflict do nothing";
    office.reader().execute(sql, (round.as_bytes(), seal, today.to_string())).map_err(ServerFailed::from)?;
    Ok(())
}

/// Seals that were read over the telephone before the round closed.
pub fn spoken_seals(connection: &Connection, round: RoundId) -> Result<Vec<SpokenSeal>, ServerFailed> {
    let mut statement = connection.prepare_cached("select seal from spoken_seal where round = ?1")?;
    let seals = statement.query_map([round.as_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
    seals.map(|seal| minicbor::decode(&seal?).map_err(|_| ServerFailed::Damaged)).collect()
}

/// One round.
pub fn find(connection: &Connection, round: RoundId) -> Result<Option<KeptRound>, ServerFailed> {
    let sql = "select bytes from announcement where round = ?1";
    let bytes: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([round.as_bytes()], |row| row.get(0)).optional()?;
    bytes.map(|bytes| read(connection, round, &bytes)).transpose()
}

/// Every round, the one that closes last first.
pub fn all(connection: &Connection) -> Result<Vec<KeptRound>, ServerFailed> {
    let mut statement = connection.prepare_cached("select round, bytes from announcement")?;
    let found = statement.query_map([], |row| Ok((RoundId::from_bytes(row.get(0)?), row.get::<_, Vec<u8>>(1)?)))?;
    let mut rounds = Vec::new();
    for row in found {
        let (round, bytes) = row?;
        rounds.push(read(connection, round, &bytes)?);
    }
    rounds.sort_by_key(|kept: &KeptRound| (std::cmp::Reverse(kept.definition().closes), kept.definition().id));
    Ok(rounds)
}

fn read(connection: &Connection, round: RoundId, bytes: &[u8]) -> Result<KeptRound, ServerFailed> {
    let announcement = Announcement::read(bytes).map_err(|_| ServerFailed::Damaged)?;
    let day = |step: RoundState| -> Result<Option<Day>, ServerFailed> {
        let sql = "select day from round_step where round = ?1 and step = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let day: Option<String> = statement.query_row((round.as_bytes(), step as i64), |row| row.get(0)).optional()?;
        day.map(|day| Day::parse(&day).map_err(|_| ServerFailed::Damaged)).transpose()
    };
    let sql = "select exists (select 1 from objection where round = ?1)";
    let is_challenged = connection.prepare_cached(sql)?.query_row([round.as_bytes()], |row| row.get(0))?;
    let steps = RoundSteps {
        announced: day(RoundState::Announced)?,
        counted: day(RoundState::Counted)?,
        reported: day(RoundState::Reported)?,
        is_challenged,
        purged: day(RoundState::Purged)?,
    };
    let outcome = |pair: i64| -> Result<Option<SignedOutcome>, ServerFailed> {
        let sql = "select bytes from outcome where round = ?1 and pair = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let bytes: Option<Vec<u8>> = statement.query_row((round.as_bytes(), pair), |row| row.get(0)).optional()?;
        let definition = &announcement.signed.definition;
        bytes.map(|bytes| SignedOutcome::read(&bytes, definition).map_err(|_| ServerFailed::Damaged)).transpose()
    };
    let outcomes = [outcome(1)?, outcome(2)?];
    Ok(KeptRound { announcement, steps, outcomes })
}

fn note_step(connection: &Connection, round: RoundId, step: RoundState, day: Day) -> Result<(), ServerFailed> {
    let sql = "insert into round_step (round, step, day) values (?1, ?2, ?3) on conflict do nothing";
    connection.execute(sql, (round.as_bytes(), step as i64, day.to_string()))?;
    Ok(())
}
