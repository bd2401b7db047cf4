//! Published answers through the door: everybody's are fetched, and a code looks inside on this phone alone.
//!
//! Neither the code nor what stands behind it is stored, logged or sent. Source: anonymity A11, A50.

use std::sync::Arc;

use model::round::Fingerprint;
use zeroize::Zeroizing;

use super::{Phone, now};
use crate::courier::line;
use crate::failure::{ExchangeFailed, Failure};
use crate::guest::GuestRefused;
use crate::replies::{self, CodeRefused};
use crate::store::{StoreFailed, replies as kept};
use crate::sync::http::Cancel;
use crate::views::feedback::ReplyFound;

#[uniffi::export]
impl Phone {
    /// Fetches all published answers; the request is the same on every phone. What is broken is refused, and what was
    /// fetched before stays.
    pub fn fetch_replies(&self, cancel: Arc<Cancel>) -> Result<(), Failure> {
        let home = self.desk().device.home.clone().ok_or(Failure::NotEnrolled)?;
        let fetched = line::replies((&home.address, &home.server), &cancel)?.ok_or(ExchangeFailed::Unreachable)?;
        let body = String::from_utf8(fetched).map_err(|_| ExchangeFailed::ForeignServer)?;
        replies::read(&body).ok_or(ExchangeFailed::ForeignServer)?;
        self.desk().store.transact(|transaction| kept::keep(transaction, now().vietnamese_day(), &body))?;
        Ok(())
    }

    /// The day on which they were fetched last, `dd/MM/yyyy`; none before anything was.
    pub fn replies_fetched_on(&self) -> Result<Option<String>, Failure> {
        let day = kept::fetched_on(self.desk().store.reader())?;
        Ok(day.map(|day| day.vietnamese()))
    }

    /// What stands behind a code, in what this phone fetched last; without a network. A mistyped group is refused with its
    /// number.
    pub fn open_reply(&self, code: String) -> Result<ReplyFound, Failure> {
        let code = Zeroizing::new(code);
        let (body, rounds) = {
            let desk = self.desk();
            let rounds = desk.directory.rounds.values().map(|round| &round.signed.definition);
            let rounds: Vec<Fingerprint> =
                rounds.filter(|round| round.takes_feedback()).map(|round| round.fingerprint()).collect();
            (kept::body(desk.store.reader())?, rounds)
        };
        let files = body.map_or(Ok(Vec::new()), |body| replies::read(&body).ok_or(StoreFailed::Damaged))?;
        let answer = replies::answer(&files, &rounds, &code).map_err(|refused| match refused {
            CodeRefused::Mistyped(refused) => GuestRefused::Slip(refused).into(),
            CodeRefused::NothingToCheck => Failure::NotHere,
        })?;
        Ok(answer.map_or(ReplyFound::NotYet, |answer| ReplyFound::Answered {
            text: answer.text,
            day: answer.day.vietnamese(),
        }))
    }
}
