//! One synchronisation: store, session, HTTP; nothing clever.

pub mod http;
pub mod session;
pub(crate) mod trust;

mod apply;
mod fork;

use std::sync::{Arc, TryLockError};

use model::exchange::{Answered, Reply};
use model::identity::SpaceId;

use crate::courier::{moment, send_again};
use crate::facade::{Phone, now, randomness};
use crate::failure::{ExchangeFailed, Failure};
use crate::listener::ring;
use crate::store::{outbox, spaces};
use crate::sync::http::{Answer, Cancel, Line};
use crate::sync::session::{Outgoing, Pace, Parties, Progress, next_request, receive};
use crate::views::ExchangeSummary;

/// Requests of one synchronisation; at a megabyte each this is far beyond what a phone holds.
const REQUESTS_MAX: u32 = 2_000;

/// Sends and receives until nothing is left, the network fails or somebody cancels. One at a time: a second one says so
/// at once.
pub(crate) fn synchronise(phone: &Phone, cancel: &Arc<Cancel>) -> Result<ExchangeSummary, Failure> {
    let mut line = match phone.line.try_lock() {
        Ok(line) => line,
        Err(TryLockError::Poisoned(line)) => line.into_inner(),
        Err(TryLockError::WouldBlock) => return Err(ExchangeFailed::UnderWay.into()),
    };
    let mut summary = ExchangeSummary::default();
    let done = rounds(phone, &mut line, cancel, &mut summary);
    let mut desk = phone.desk();
    desk.under_way = false;
    done?;
    summary.waiting = outbox::count(desk.store.reader())?;
    // Whatever a box holds travels later than this, at a moment that nothing here decides.
    moment::draw(&mut desk.store, now(), &mut randomness())?;
    Ok(summary)
}

fn rounds(
    phone: &Phone,
    line: &mut Option<Line>,
    cancel: &Arc<Cancel>,
    summary: &mut ExchangeSummary,
) -> Result<(), Failure> {
    for _ in 0..REQUESTS_MAX {
        if cancel.is_set() {
            return Err(ExchangeFailed::Cancelled.into());
        }
        let (outgoing, parties, key) = {
            let mut desk = phone.desk();
            let home = desk.device.home.clone().ok_or(Failure::NotEnrolled)?;
            if !line.as_ref().is_some_and(|line| line.leads_to(&home.address, &home.server)) {
                *line = Some(Line::open(&home.address, home.server)?);
            }
            let outgoing = next_request(&desk.store, Pace::FULL, &desk.unknown)?;
            desk.under_way = outgoing.entries() > 0;
            (outgoing, Parties { device: desk.device.id(), server: home.server }, desk.device.key.clone())
        };
        let line = line.as_mut().expect("it was opened above");
        let answer = line.exchange(&outgoing.request, &key, cancel)?;
        weigh(summary, &outgoing, &answer);
        let progress = take(phone, &parties, &outgoing, &answer.reply.unwrap_or_default())?;
        tell(phone, summary, &progress)?;
        // A space that stays unknown after the enrolment was shown is the office's matter, not the next request's.
        let was_shown = |space: &SpaceId| {
            outgoing.request.spaces.iter().any(|asked| asked.space == *space && asked.enrolment.is_some())
        };
        let has_more = progress.has_more || !progress.unknown.iter().all(was_shown);
        let is_stuck = progress.moved.is_empty() && !has_more;
        let is_done = outgoing.entries() == 0 && !has_more;
        if is_stuck || (is_done && outbox::count(phone.desk().store.reader())? == 0) {
            return Ok(());
        }
    }
    Ok(())
}

fn take(phone: &Phone, parties: &Parties, outgoing: &Outgoing, reply: &Reply) -> Result<Progress, Failure> {
    let mut guard = phone.desk();
    let desk = &mut *guard;
    let life = spaces::newest_epoch(desk.store.reader())?;
    let progress = receive(&mut desk.store, parties, outgoing, reply)?;
    if spaces::newest_epoch(desk.store.reader())?.map(|life| life.epoch) != life.map(|life| life.epoch) {
        for round in desk.directory.rounds.values() {
            send_again(&mut desk.store, round, &mut randomness())?;
        }
    }
    desk.work.forget(&progress.moved);
    desk.unknown.clone_from(&progress.unknown);
    if desk.device.directory().is_some_and(|directory| progress.moved.contains(&directory)) {
        desk.read_directory()?;
    }
    Ok(progress)
}

fn weigh(summary: &mut ExchangeSummary, outgoing: &Outgoing, answer: &Answer) {
    summary.requests += 1;
    summary.sent += outgoing.entries() as u64;
    summary.bytes_up += answer.bytes_up;
    summary.bytes_down += answer.bytes_down;
    let spaces = answer.reply.iter().flat_map(|reply| &reply.spaces);
    summary.received += spaces
        .map(|space| match &space.answer {
            Answered::Rows(rows) => rows.rows.len() as u64,
            Answered::OtherEpoch(_) | Answered::UnknownDevice => 0,
        })
        .sum::<u64>();
}

fn tell(phone: &Phone, summary: &ExchangeSummary, progress: &Progress) -> Result<(), Failure> {
    let waiting = outbox::count(phone.desk().store.reader())?;
    let listener = phone.listener.as_ref();
    ring(listener, |listener| listener.progressed(summary.sent, waiting, summary.received));
    for alarm in &progress.alarms {
        ring(listener, |listener| listener.alarmed(*alarm));
    }
    if !progress.moved.is_empty() {
        ring(listener, |listener| listener.changed(progress.moved.clone()));
    }
    Ok(())
}
