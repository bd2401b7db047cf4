//! Rounds of opinion through the door: what a volunteer does, and what a resident does who holds the phone.
//!
//! A ballot under way is held here and nowhere else; a screen asks for one question at a time. Nothing of it is logged or
//! told to a listener (anonymity A11), and randomness is the system's (A12).

use std::collections::BTreeSet;
use std::sync::Arc;

use model::ballot::Given;
use model::box_seal::BoxSeal;
use model::document::{DocumentKind, Edit};
use model::hash::PublicKey;
use model::identity::RoundId;
use model::round::announced::AnnouncedRound;
use model::round::area::Area;
use model::round::state::RoundSteps;
use model::round::{AreaNumber, RoundDefinition, Standing, record};
use model::sealing::{Purpose, seal};
use model::slip::{SlipSecret, is_group_right};
use model::time::Timestamp;

use super::{Phone, now, randomness};
use crate::courier::{self, line, moment};
use crate::desk::Desk;
use crate::failure::{ExchangeFailed, Failure};
use crate::guest::{self, Guest, Resident, Shown};
use crate::store::ballot_box;
use crate::sync::http::Cancel;
use crate::telling::tellings;
use crate::views::ballot::{AreaItem, BallotAnswer, BallotQuestion, RoundItem, ShownSlip, Telling};
use crate::work::Paper;

#[uniffi::export]
impl Phone {
    /// The rounds that the office announced, the one that closes first first.
    pub fn rounds(&self) -> Result<Vec<RoundItem>, Failure> {
        let desk = self.desk();
        let mut rounds: Vec<&Arc<AnnouncedRound>> = desk.directory.rounds.values().collect();
        rounds.sort_by_key(|round| (round.signed.definition.closes, round.signed.definition.id));
        rounds.into_iter().map(|round| item(&desk, round)).collect()
    }

    /// Whether one group of four that a resident typed is right; told while typing, without a network.
    pub fn is_slip_group_right(&self, round: RoundId, text: String, number: u32) -> Result<bool, Failure> {
        let round = round_of(&self.desk(), round)?;
        Ok(is_group_right(&text, number, &round.signed.definition.fingerprint()))
    }

    /// A resident shows a slip: the ballot begins, or goes on where it was left. How many questions there are.
    pub fn begin_ballot(&self, round: RoundId, shown: ShownSlip) -> Result<u32, Failure> {
        let desk = self.desk();
        let announced = round_of(&desk, round)?;
        let shown = match &shown {
            ShownSlip::Square { text } => Shown::Square(text),
            ShownSlip::Typed { text } => Shown::Typed(text),
        };
        let device = (&desk.store, desk.device.incarnation);
        let guest = Guest::begin(device, announced, &shown, now().vietnamese_day(), &mut randomness())?;
        let questions = guest.given().len() as u32;
        *self.resident() = Resident::Ballot(guest);
        Ok(questions)
    }

    /// One question of the ballot under way, from 0.
    pub fn ballot_question(&self, index: u32) -> Result<BallotQuestion, Failure> {
        let mut resident = self.resident();
        let guest = resident.ballot().ok_or(Failure::NotHere)?;
        question(guest, index as usize).ok_or(Failure::NotHere)
    }

    /// Keeps an answer. When this returns, it is on disk and opens with the slip alone.
    pub fn answer_ballot(&self, index: u32, answer: BallotAnswer) -> Result<(), Failure> {
        let (mut desk, mut resident) = (self.desk(), self.resident());
        let guest = resident.ballot().ok_or(Failure::NotHere)?;
        let given = match answer {
            BallotAnswer::Blank => Given::Blank,
            BallotAnswer::Option { index } => Given::Option(index),
            BallotAnswer::Text { text } => Given::Text(text),
        };
        Ok(guest.answer(&mut desk.store, index as usize, given, &mut randomness())?)
    }

    /// What in a text may give somebody away.
    pub fn tellings(&self, text: String) -> Vec<Telling> {
        let desk = self.desk();
        tellings(&text, desk.directory.cadres.values().map(|listed| listed.cadre.full_name.as_str()))
    }

    /// "Xoá và làm lại": every answer is gone, the slip is as it was.
    pub fn start_ballot_over(&self) -> Result<(), Failure> {
        let (mut desk, mut resident) = (self.desk(), self.resident());
        Ok(resident.ballot().ok_or(Failure::NotHere)?.start_over(&mut desk.store)?)
    }

    /// "Hoàn tất": the sealed ballot is in the box, and nobody on this phone can read it any more.
    pub fn cast_ballot(&self) -> Result<(), Failure> {
        let (mut desk, mut resident) = (self.desk(), self.resident());
        let under_way = resident.take_ballot().ok_or(Failure::NotHere)?;
        under_way.cast(&mut desk.store, &mut randomness())?;
        Ok(())
    }

    /// The frame is left: what is in memory is wiped. What was answered waits for its slip; what was said on their own is
    /// gone.
    pub fn leave_ballot(&self) {
        *self.resident() = Resident::Nobody;
    }

    /// Erases answers that wait for a slip which will not be shown again; asked once before.
    pub fn erase_waiting_answers(&self) -> Result<(), Failure> {
        *self.resident() = Resident::Nobody;
        Ok(guest::erase(&mut self.desk().store)?)
    }

    /// Lines of the roll whose household drew a slip since the last time; once a day, as a set (anonymity A7).
    pub fn note_issued(&self, round: RoundId, area: u16, lines: Vec<u32>) -> Result<(), Failure> {
        let mut desk = self.desk();
        let announced = round_of_ballots(&desk, round)?;
        let is_area = announced.signed.definition.areas.iter().any(|known| known.number == AreaNumber(area));
        let lines: BTreeSet<u32> = lines.into_iter().collect();
        if !is_area || lines.is_empty() || lines.len() > record::TICKS_MAX {
            return Err(Failure::NotHere);
        }
        self.record(&mut desk, round, record::ticks(AreaNumber(area), &lines))
    }

    /// Slips that came back unused: sealed to the holders before they are stored (anonymity A8).
    pub fn return_slips(&self, round: RoundId, squares: Vec<String>) -> Result<(), Failure> {
        let mut desk = self.desk();
        let announced = round_of_ballots(&desk, round)?;
        let definition = &announced.signed.definition;
        if squares.is_empty() || squares.len() > record::RETURNED_MAX {
            return Err(Failure::NotHere);
        }
        let mut plain = zeroize::Zeroizing::new(Vec::new());
        for square in squares {
            let secret = SlipSecret::from_square(&square, &definition.fingerprint());
            plain.extend_from_slice(&secret.map_err(guest::GuestRefused::from)?.to_bytes());
        }
        let sealed = seal((&definition.key, round), Purpose::ReturnedSlips, &plain, &mut randomness());
        let sealed = model::opening::SealedBytes(sealed.map_err(|_| guest::GuestRefused::NoKey)?);
        self.record(&mut desk, round, record::returned(&sealed))
    }

    /// Seals the box: nothing is cast into it any more, and its seal leaves with the next exchange.
    pub fn seal_box(&self, round: RoundId) -> Result<RoundItem, Failure> {
        let mut desk = self.desk();
        let announced = round_of(&desk, round)?;
        let sealed: BoxSeal = guest::seal_box(&mut desk.store, &announced.signed.definition, &mut randomness())?;
        self.record(&mut desk, round, record::seal(&sealed))?;
        item(&desk, &announced)
    }

    /// When sealed ballots may travel, for the platform's scheduler; none while nothing waits for a moment.
    pub fn next_delivery(&self) -> Result<Option<Timestamp>, Failure> {
        let drawn = moment::drawn(&self.desk().store)?;
        Ok(drawn.map(|drawn| Timestamp::from_utc_ms(drawn.at_ms)))
    }

    /// Carries what may travel now, each parcel over a connection of its own, and forgets what the server keeps. How many
    /// rounds had something to send or to ask. Nobody is asked to watch: it says neither how many nor whose.
    pub fn deliver(&self, cancel: Arc<Cancel>) -> Result<u32, Failure> {
        let (address, server, rounds, drawn) = {
            let mut desk = self.desk();
            moment::renew(&mut desk.store, now(), &mut randomness())?;
            let home = desk.device.home.clone().ok_or(Failure::NotEnrolled)?;
            let rounds: Vec<Arc<AnnouncedRound>> = desk.directory.rounds.values().cloned().collect();
            (home.address, home.server, rounds, moment::drawn(&desk.store)?)
        };
        let (mut served, mut failed) = (0, None);
        for round in rounds.iter().filter(|round| moment::is_now(drawn, &round.signed.definition, now())) {
            match self.deliver_round((&address, &server), round, &cancel) {
                Ok(is_served) => served += u32::from(is_served),
                // What stands between a phone and one round keeps no other one's ballots from travelling.
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => moment::clear(&mut self.desk().store).map(|()| served).map_err(Failure::from),
        }
    }
}

impl Phone {
    /// Whether a round had something to send or to ask.
    fn deliver_round(
        &self,
        (address, server): (&str, &PublicKey),
        round: &AnnouncedRound,
        cancel: &Arc<Cancel>,
    ) -> Result<bool, Failure> {
        let mut has_moved = false;
        loop {
            let parcel = courier::next(&mut self.desk().store, round, now().vietnamese_day(), &mut randomness())?;
            let Some(parcel) = parcel else { break };
            has_moved = true;
            if line::send((address, server), parcel.bytes.clone(), cancel)? != line::Sent::Taken {
                break;
            }
            courier::arrived(&mut self.desk().store, round, &parcel, &mut randomness())?;
        }
        let awaits = courier::awaits_list(&self.desk().store, round)?;
        if awaits && let Some(list) = line::list((address, server), round.signed.definition.id, cancel)? {
            let taken = courier::take_list(&mut self.desk().store, round, (&list, server), &mut randomness());
            taken.map_err(|refused| match refused {
                courier::ListRefused::Store(failed) => Failure::from(failed),
                courier::ListRefused::Foreign(_) | courier::ListRefused::Rewritten => {
                    ExchangeFailed::ForeignServer.into()
                }
            })?;
        }
        Ok(has_moved || awaits)
    }

    fn record(&self, desk: &mut Desk, round: RoundId, edit: Edit) -> Result<(), Failure> {
        let (person, space) = (desk.author()?.person, desk.own_space()?);
        let document = DocumentKind::RoundRecord.document_about(space, &record::subject(round, person));
        let edits = [record::begin(round, person), vec![edit]].concat();
        self.edit(desk, Paper { space, document }, &edits)
    }
}

pub(super) fn round_of(desk: &Desk, round: RoundId) -> Result<Arc<AnnouncedRound>, Failure> {
    desk.directory.rounds.get(&round).cloned().ok_or(Failure::NotHere)
}

/// A round that has slips.
fn round_of_ballots(desk: &Desk, round: RoundId) -> Result<Arc<AnnouncedRound>, Failure> {
    let round = round_of(desk, round)?;
    if round.signed.definition.takes_feedback() { Err(Failure::OtherKind) } else { Ok(round) }
}

/// Its areas, by number.
pub(super) fn areas(definition: &RoundDefinition) -> Vec<AreaItem> {
    let area = |area: &Area| AreaItem { number: area.number.0, name: area.name.clone() };
    definition.areas.iter().map(area).collect()
}

fn item(desk: &Desk, round: &Arc<AnnouncedRound>) -> Result<RoundItem, Failure> {
    let definition = &round.signed.definition;
    let found = ballot_box::find(desk.store.reader(), definition)?;
    let sealed = found.as_ref().filter(|found| found.is_sealed);
    let steps = RoundSteps { announced: Some(definition.opens), ..RoundSteps::default() };
    Ok(RoundItem {
        round: definition.id,
        title: definition.title.clone(),
        state: steps.state(definition, now().vietnamese_day()),
        takes_feedback: definition.takes_feedback(),
        is_consultative: definition.standing == Standing::Consultative,
        opens: definition.opens.vietnamese(),
        closes: definition.closes.vietnamese(),
        areas: areas(definition),
        cast: found.as_ref().map_or(0, |found| found.slots.count() as u32),
        waiting: found.as_ref().map_or(0, |found| found.slots.used().len() as u32),
        seal: sealed.map(|found| found.slots.seal(found.id).spoken().to_string()),
    })
}

fn question(guest: &Guest, index: usize) -> Option<BallotQuestion> {
    let asked = guest.round().asked().nth(index)?;
    let given = guest.given().get(index)?.as_ref().map(|given| match given {
        Given::Blank => BallotAnswer::Blank,
        Given::Option(index) => BallotAnswer::Option { index: *index },
        Given::Text(text) => BallotAnswer::Text { text: text.clone() },
    });
    Some(BallotQuestion {
        label: asked.question.label.clone(),
        subject: asked.subject.map(|subject| format!("{}, {}", subject.name, subject.post)),
        options: asked.question.options().iter().map(|option| option.label.clone()).collect(),
        chars_max: asked.question.chars_max(),
        given,
    })
}
