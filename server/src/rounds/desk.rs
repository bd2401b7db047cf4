//! What the operator can ask about rounds, and the office's answers.
//!
//! Files of an opening are written beside the writer, so that phones do not wait for them.

use std::path::Path;

use minicbor::{Decode, Encode};
use model::box_seal::SpokenSeal;
use model::identity::RoundId;
use model::outcome::SignedOutcome;
use model::text::folded;
use model::time::{Day, Timestamp};
use rusqlite::Connection;

use super::overview::RoundOverview;
use super::{KeptRound, ResultRefused, ending, opening, words};
use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::office::{Moment, Office};
use crate::people::{self, Meant};

/// Fewer characters of an id name nothing: they would soon be those of another one.
pub(crate) const TYPED_CHARS_MIN: usize = 4;

/// A question or an order about rounds.
#[derive(Clone, Debug, Encode, Decode)]
pub enum RoundAsked {
    /// Announces what a ceremony made.
    #[n(0)]
    Announce {
        /// The file of the ceremony.
        #[cbor(n(0), with = "minicbor::bytes")]
        bytes: Vec<u8>,
        /// Who runs the server, as typed: none of them may hold a share.
        #[n(1)]
        operators: Vec<String>,
    },
    /// Every round.
    #[n(1)]
    List,
    /// Writes down a seal that was read over the telephone.
    #[n(2)]
    Seal {
        /// Of which round, as typed.
        #[n(0)]
        round: String,
        /// Its sixteen symbols, as typed.
        #[n(1)]
        seal: String,
    },
    /// Freezes a box and writes the file for its opening.
    #[n(3)]
    OpeningFile {
        /// Of which round, as typed.
        #[n(0)]
        round: String,
        /// Where, as a whole path.
        #[n(1)]
        to: String,
    },
    /// Takes the result of an opening, or of the recount.
    #[n(4)]
    Outcome {
        /// The file that left the opener.
        #[cbor(n(0), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// Publishes a result.
    #[n(5)]
    Publish {
        /// Of which round, as typed.
        #[n(0)]
        round: String,
    },
    /// Somebody objects to a published result.
    #[n(6)]
    Object {
        /// Of which round, as typed.
        #[n(0)]
        round: String,
    },
    /// Destroys the ballots.
    #[n(7)]
    Destroy {
        /// Of which round, as typed.
        #[n(0)]
        round: String,
    },
}

/// The office's answer about rounds.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum RoundTold {
    /// Done, and this is how the round stands now.
    #[n(0)]
    Done(#[n(0)] Box<RoundOverview>),
    /// Every round.
    #[n(1)]
    Rounds(#[n(0)] Vec<RoundOverview>),
    /// Not done, and why; nothing was changed.
    #[n(2)]
    Refused(#[n(0)] Sentence),
}

/// One sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Sentence {
    /// Vietnamese.
    #[n(0)]
    pub vi: String,
    /// English.
    #[n(1)]
    pub en: String,
}

/// Why an order was not carried out.
pub(crate) enum Obstacle {
    /// Something that people can mend.
    Said(Sentence),
    /// The server.
    Failed(ServerFailed),
}

/// Carries one order out.
pub fn answer(
    office: &mut Office,
    boxes: &Boxes,
    asked: &RoundAsked,
    moment: Moment,
) -> Result<RoundTold, ServerFailed> {
    let today = Timestamp::from_utc_ms(moment.now_ms).vietnamese_day();
    let done = match asked {
        RoundAsked::List => return Ok(RoundTold::Rounds(overviews(office.reader(), boxes, today)?)),
        RoundAsked::Announce { bytes, operators } => announce(office, boxes, (bytes, operators), moment),
        RoundAsked::Seal { round, seal } => note_seal(office, (round, seal), today),
        RoundAsked::OpeningFile { round, to } => {
            return write_opening(office.reader(), boxes, (round, Path::new(to)), today);
        }
        RoundAsked::Outcome { bytes } => take_outcome(office, bytes, today),
        RoundAsked::Publish { round } => of_kept(office, round, |id| super::publish_result(office, id, today)),
        RoundAsked::Object { round } => of_kept(office, round, |id| ending::object(office, id, today)),
        RoundAsked::Destroy { round } => of_kept(office, round, |id| ending::destroy(office, boxes, id, today)),
    };
    told(office.reader(), boxes, done, today)
}

/// Freezes a box and writes the file for its opening; needs no writer.
pub fn write_opening(
    connection: &Connection,
    boxes: &Boxes,
    (round, to): (&str, &Path),
    today: Day,
) -> Result<RoundTold, ServerFailed> {
    let written = meant(connection, round).and_then(|kept| {
        opening::write(connection, boxes, &kept, (to, today))?;
        Ok(kept.definition().id)
    });
    told(connection, boxes, written, today)
}

fn told(
    connection: &Connection,
    boxes: &Boxes,
    done: Result<RoundId, Obstacle>,
    today: Day,
) -> Result<RoundTold, ServerFailed> {
    match done {
        Ok(round) => {
            let kept = super::find(connection, round)?.ok_or(ServerFailed::Damaged)?;
            Ok(RoundTold::Done(Box::new(RoundOverview::of(connection, boxes, &kept, today)?)))
        }
        Err(Obstacle::Said(sentence)) => Ok(RoundTold::Refused(sentence)),
        Err(Obstacle::Failed(failed)) => Err(failed),
    }
}

fn overviews(connection: &Connection, boxes: &Boxes, today: Day) -> Result<Vec<RoundOverview>, ServerFailed> {
    super::all(connection)?.iter().map(|kept| RoundOverview::of(connection, boxes, kept, today)).collect()
}

fn announce(
    office: &mut Office,
    boxes: &Boxes,
    (bytes, operators): (&[u8], &[String]),
    moment: Moment,
) -> Result<RoundId, Obstacle> {
    let mut known = Vec::new();
    for typed in operators {
        match people::find(office.reader(), typed)? {
            Meant::One(person) => known.push(person),
            Meant::Nobody => return Err(Obstacle::Said(words::unknown_operator(typed))),
            Meant::Several(_) => return Err(Obstacle::Said(words::several_operators(typed))),
        }
    }
    let announcement = super::announce(office, bytes, &known, moment)?;
    boxes.begin(announcement.round())?;
    Ok(announcement.signed.definition.id)
}

fn note_seal(office: &Office, (round, seal): (&str, &str), today: Day) -> Result<RoundId, Obstacle> {
    let seal = SpokenSeal::from_typed(seal).ok_or_else(|| Obstacle::Said(words::not_a_seal()))?;
    of_kept(office, round, |id| super::note_seal(office, id, seal, today))
}

fn take_outcome(office: &Office, bytes: &[u8], today: Day) -> Result<RoundId, Obstacle> {
    let claimed: Option<SignedOutcome> = minicbor::decode(bytes).ok();
    let round = claimed.ok_or_else(|| Obstacle::Said(words::not_an_outcome()))?.outcome.published.round;
    super::take_outcome(office, round, bytes, today)?;
    Ok(round)
}

/// Does something with the round that is meant.
fn of_kept(
    office: &Office,
    typed: &str,
    work: impl FnOnce(RoundId) -> Result<(), ResultRefused>,
) -> Result<RoundId, Obstacle> {
    let round = meant(office.reader(), typed)?.definition().id;
    work(round)?;
    Ok(round)
}

/// The round that is meant by its title, by its id or by the beginning of it.
pub(crate) fn meant(connection: &Connection, typed: &str) -> Result<KeptRound, Obstacle> {
    let (wanted, id) = (folded(typed.trim()), typed.trim().to_lowercase());
    let is_meant = |kept: &KeptRound| {
        let definition = kept.definition();
        let is_id = id.len() >= TYPED_CHARS_MIN && definition.id.to_string().starts_with(&id);
        is_id || folded(&definition.title) == wanted
    };
    let mut found: Vec<KeptRound> = super::all(connection)?.into_iter().filter(is_meant).collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Obstacle::Said(words::several_rounds())),
        (None, _) => Err(Obstacle::Said(words::unknown_round())),
    }
}
