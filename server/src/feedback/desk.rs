//! What the operator can ask about feedback, and the office's answers.
//!
//! The file of a running box is written beside the writer, so that phones do not wait for it.

use std::path::Path;

use minicbor::{Decode, Encode};
use model::feedback::replies::FILE_BYTES_MAX;
use model::feedback::{FeedbackAbout, Topic};
use model::identity::{FeedbackId, RoundId, UnitId};
use model::text::folded;
use model::time::{Day, Timestamp};
use rusqlite::Connection;

use super::figures::{self, Figures};
use super::taking::{self, Taken};
use super::{CaseState, KeptCase, answers, cases, handling, published, running_box, words};
use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::office::{Moment, Office};
use crate::people;
use crate::report::directory::Directory;
use crate::rounds;
use crate::rounds::desk::{Obstacle, Sentence, TYPED_CHARS_MIN, meant};

/// A question or an order about feedback. Rounds, cases and units are as typed, files as whole paths.
#[derive(Clone, Debug, Encode, Decode)]
pub enum FeedbackAsked {
    /// Writes the file of a box that still takes more.
    #[n(0)]
    Box {
        /// Of which round.
        #[n(0)]
        round: String,
        /// Where.
        #[n(1)]
        to: String,
    },
    /// Takes a packet of screened texts.
    #[n(1)]
    Take {
        /// The file of those who screened.
        #[cbor(n(0), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// Every case.
    #[n(2)]
    List {
        /// Of one round alone.
        #[n(0)]
        round: Option<String>,
    },
    /// One case with its text.
    #[n(3)]
    Show {
        /// Which.
        #[n(0)]
        case: String,
    },
    /// Gives the paraphrase to a unit.
    #[n(4)]
    Route {
        /// Which case.
        #[n(0)]
        case: String,
        /// To whom.
        #[n(1)]
        unit: String,
    },
    /// Answers a case.
    #[n(5)]
    Answer {
        /// Which.
        #[n(0)]
        case: String,
        /// What the resident will read.
        #[n(1)]
        text: String,
    },
    /// Writes the sheet of answers for the intake.
    #[n(6)]
    Answers {
        /// Of which round.
        #[n(0)]
        round: String,
        /// Where.
        #[n(1)]
        to: String,
        /// For the holders, who have the codes of what they read; else for the intake. Neither reads the other's.
        #[n(2)]
        is_protected: bool,
    },
    /// Publishes a file of sealed answers.
    #[n(7)]
    Publish {
        /// Of which round.
        #[n(0)]
        round: String,
        /// The file that the intake sealed.
        #[cbor(n(1), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// How it was handled. Rounds are never added up: their difference would show a small one.
    #[n(8)]
    Figures {
        /// Of which round.
        #[n(0)]
        round: String,
    },
}

/// The office's answer about feedback.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum FeedbackTold {
    /// Done.
    #[n(0)]
    Done,
    /// A packet was taken.
    #[n(1)]
    Taken {
        /// Cases that are new; none if the packet was taken before.
        #[n(0)]
        new: Option<u32>,
    },
    /// Cases, what is due first before the others.
    #[n(2)]
    Cases(#[n(0)] Vec<ListedCase>),
    /// One case, for the office.
    #[n(3)]
    Case(#[n(0)] Box<ShownCase>),
    /// One case after something was done with it.
    #[n(4)]
    Handled(#[n(0)] Box<ListedCase>),
    /// A sheet was written.
    #[n(5)]
    Answers {
        /// Answers on it.
        #[n(0)]
        count: u32,
    },
    /// The figures.
    #[n(6)]
    Figures(#[n(0)] Figures),
    /// Not done, and why; nothing was changed.
    #[n(7)]
    Refused(#[n(0)] Sentence),
}

/// A case without its text: all that a unit may read, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ListedCase {
    /// Which.
    #[n(0)]
    pub case: FeedbackId,
    /// How far it is.
    #[n(1)]
    pub state: CaseState,
    /// The last day on which an answer is in time.
    #[n(2)]
    pub due: Day,
    /// When it was answered.
    #[n(3)]
    pub answered: Option<Day>,
    /// Working days until it is due; negative when that day is over.
    #[n(4)]
    pub days_left: i64,
    /// What it is about in general.
    #[n(5)]
    pub topic: Topic,
    /// What the unit reads.
    #[n(6)]
    pub paraphrase: String,
    /// Who has it.
    #[n(7)]
    pub unit: Option<String>,
    /// Whether somebody waits for an answer.
    #[n(8)]
    pub awaits_reply: bool,
}

/// A case with its text.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShownCase {
    /// What stands in the list.
    #[n(0)]
    pub listed: ListedCase,
    /// Of which round, its title.
    #[n(1)]
    pub round: String,
    /// The day of the batch.
    #[n(2)]
    pub day: Day,
    /// Whom or what it is about.
    #[n(3)]
    pub about: String,
    /// Where.
    #[n(4)]
    pub area: Option<String>,
    /// The screened text.
    #[n(5)]
    pub text: String,
    /// What was answered.
    #[n(6)]
    pub answer: Option<String>,
}

/// Carries one order out.
pub fn answer(
    office: &Office,
    boxes: &Boxes,
    asked: &FeedbackAsked,
    moment: Moment,
) -> Result<FeedbackTold, ServerFailed> {
    let today = Timestamp::from_utc_ms(moment.now_ms).vietnamese_day();
    told(carried_out(office.reader(), boxes, asked, today))
}

/// Writes the file of a box that still takes more; needs no writer.
pub fn write_box(
    connection: &Connection,
    boxes: &Boxes,
    (round, to): (&str, &Path),
    today: Day,
) -> Result<FeedbackTold, ServerFailed> {
    told(meant(connection, round).and_then(|kept| {
        running_box::write(boxes, &kept, (to, today))?;
        Ok(FeedbackTold::Done)
    }))
}

fn told(done: Result<FeedbackTold, Obstacle>) -> Result<FeedbackTold, ServerFailed> {
    match done {
        Ok(told) => Ok(told),
        Err(Obstacle::Said(sentence)) => Ok(FeedbackTold::Refused(sentence)),
        Err(Obstacle::Failed(failed)) => Err(failed),
    }
}

fn carried_out(
    connection: &Connection,
    boxes: &Boxes,
    asked: &FeedbackAsked,
    today: Day,
) -> Result<FeedbackTold, Obstacle> {
    match asked {
        FeedbackAsked::Box { round, to } => Ok(write_box(connection, boxes, (round, Path::new(to)), today)?),
        FeedbackAsked::Take { bytes } => match taking::take(connection, bytes, today)? {
            Taken::New(new) => Ok(FeedbackTold::Taken { new: Some(new) }),
            Taken::Again => Ok(FeedbackTold::Taken { new: None }),
        },
        FeedbackAsked::List { round } => list(connection, round.as_deref(), today),
        FeedbackAsked::Show { case } => show(connection, case, today),
        FeedbackAsked::Route { case, unit } => {
            let (kept, directory) = (case_meant(connection, case)?, Directory::read(connection)?);
            let unit = unit_meant(&directory, unit)?;
            handled(connection, &kept, handling::route(connection, &kept, unit, today), today)
        }
        FeedbackAsked::Answer { case, text } => {
            let kept = case_meant(connection, case)?;
            handled(connection, &kept, handling::answer(connection, &kept, text, today), today)
        }
        FeedbackAsked::Answers { round, to, is_protected } => {
            let round = meant(connection, round)?;
            words::check_takes_feedback(&round)?;
            let count = answers::write(connection, (round.definition().id, *is_protected), (Path::new(to), today))?;
            Ok(FeedbackTold::Answers { count })
        }
        FeedbackAsked::Publish { round, bytes } => {
            let round = meant(connection, round)?;
            words::check_takes_feedback(&round)?;
            let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= FILE_BYTES_MAX);
            let text = text.ok_or_else(|| Obstacle::Said(words::no_reply_file()))?;
            published::publish(connection, round.definition(), text, today)?;
            Ok(FeedbackTold::Done)
        }
        FeedbackAsked::Figures { round } => {
            let round = meant(connection, round)?;
            words::check_takes_feedback(&round)?;
            Ok(FeedbackTold::Figures(figures::read(connection, round.definition().id)?))
        }
    }
}

fn list(connection: &Connection, round: Option<&str>, today: Day) -> Result<FeedbackTold, Obstacle> {
    let round = round_meant(connection, round)?;
    let directory = Directory::read(connection)?;
    let cases = cases(connection, round)?;
    Ok(FeedbackTold::Cases(cases.iter().map(|kept| listed(kept, &directory, today)).collect()))
}

fn show(connection: &Connection, case: &str, today: Day) -> Result<FeedbackTold, Obstacle> {
    let kept = case_meant(connection, case)?;
    let round = rounds::find(connection, kept.round)?.ok_or(ServerFailed::Damaged)?;
    let definition = round.definition();
    let area = kept.case.area.and_then(|number| definition.areas.iter().find(|area| area.number == number));
    let about = match kept.case.about {
        FeedbackAbout::Person { person } => match people::name_of(connection, person)? {
            name if name.is_empty() => person.to_string(),
            name => name,
        },
        about => about.label().to_owned(),
    };
    Ok(FeedbackTold::Case(Box::new(ShownCase {
        listed: listed(&kept, &Directory::read(connection)?, today),
        round: definition.title.clone(),
        day: kept.day,
        about,
        area: area.map(|area| area.name.clone()),
        text: kept.case.text.clone(),
        answer: kept.answer().map(|(text, _)| text.to_owned()),
    })))
}

/// The case as it stands after what was done with it.
fn handled(
    connection: &Connection,
    kept: &KeptCase,
    done: Result<(), handling::HandlingRefused>,
    today: Day,
) -> Result<FeedbackTold, Obstacle> {
    done?;
    let after = cases(connection, Some(kept.round))?.into_iter().find(|after| after.case.id == kept.case.id);
    let listed = listed(&after.ok_or(ServerFailed::Damaged)?, &Directory::read(connection)?, today);
    Ok(FeedbackTold::Handled(Box::new(listed)))
}

fn listed(kept: &KeptCase, directory: &Directory, today: Day) -> ListedCase {
    let due = kept.due();
    let name = |unit: UnitId| directory.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.name_vi.clone());
    ListedCase {
        case: kept.case.id,
        state: kept.state(),
        due,
        answered: kept.answer().map(|(_, day)| day),
        days_left: i64::from(today.working_days_until(due)) - i64::from(due.working_days_until(today)),
        topic: kept.case.topic,
        paraphrase: kept.case.paraphrase.clone(),
        unit: kept.unit().map(name),
        awaits_reply: kept.case.awaits_reply,
    }
}

fn round_meant(connection: &Connection, typed: Option<&str>) -> Result<Option<RoundId>, Obstacle> {
    let round = typed.map(|typed| meant(connection, typed)).transpose()?;
    if let Some(kept) = &round {
        words::check_takes_feedback(kept)?;
    }
    Ok(round.map(|kept| kept.definition().id))
}

/// The case that is meant by its name or by the beginning of it.
fn case_meant(connection: &Connection, typed: &str) -> Result<KeptCase, Obstacle> {
    let typed = typed.trim().to_lowercase();
    let is_meant = |kept: &KeptCase| typed.len() >= TYPED_CHARS_MIN && kept.case.id.to_string().starts_with(&typed);
    let mut found: Vec<KeptCase> = cases(connection, None)?.into_iter().filter(is_meant).collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Obstacle::Said(words::several_cases())),
        (None, _) => Err(Obstacle::Said(words::unknown_case())),
    }
}

/// The unit that is meant by its name or its id; it must be in the directory.
fn unit_meant(directory: &Directory, typed: &str) -> Result<UnitId, Obstacle> {
    let (wanted, id) = (folded(typed.trim()), UnitId::parse(typed.trim()).ok());
    let is_meant = |unit: &&model::unit::OrganisationUnit| Some(unit.id) == id || folded(&unit.name_vi) == wanted;
    let mut found = directory.units.values().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(unit), None) => Ok(unit.id),
        (Some(_), Some(_)) => Err(Obstacle::Said(words::several_units(typed))),
        (None, _) => Err(Obstacle::Said(words::unknown_unit(typed))),
    }
}
