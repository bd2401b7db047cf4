//! A phone as a process of its own: types, submits and synchronises until it is killed.

use std::io::Write;
use std::path::Path;

use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, PersonId};
use model::rating::Rating;
use model::rule_set::fit::TASKS_QUESTION;
use phone::delivery::Delivery;
use phone::failure::{ExchangeFailed, Failure};
use phone::sync::http::Cancel;

use crate::commune::FilledForm;
use crate::demo::pocket::{Pocket, answers};
use crate::demo::{Told, failed};
use model::answer::Answer;

/// Entries after which the next cycle's paper is begun, so that reading a paper stays cheap.
const PAPER_ENTRIES_MAX: usize = 90;

/// Acts between two exchanges.
const ACTS_PER_EXCHANGE: u64 = 3;

/// One life of the process.
struct Life {
    pocket: Pocket,
    form: FilledForm,
    pending: Vec<(EntryHash, DocumentId)>,
}

/// Lives until it is killed. What cannot be goes to the listener as a line of its own.
pub fn live(folder: &Path) -> Told<()> {
    let lived = Life::begin(folder).and_then(|mut life| life.go_on());
    lived.inspect_err(|sentence| {
        // Nobody listens any more when the run has ended.
        let _ = say(sentence);
    })
}

impl Life {
    fn begin(folder: &Path) -> Told<Self> {
        let pocket = Pocket::open(folder, "the phone")?;
        let form = FilledForm::drawn(1, PersonId::from_bytes([1; 16]), Rating::Good);
        Ok(Self { pocket, form, pending: Vec::new() })
    }

    fn go_on(&mut self) -> Told<()> {
        for act in 0_u64.. {
            let paper = self.paper()?;
            self.act(paper)?;
            if act % ACTS_PER_EXCHANGE == 0 {
                self.exchange()?;
            }
        }
        Ok(())
    }

    /// The paper of the last cycle that was begun, or the next one when that is full.
    fn paper(&self) -> Told<DocumentId> {
        let phone = &self.pocket.phone;
        let cycles = phone.cycles().map_err(failed("cycles"))?;
        let begun = cycles.iter().rev().find_map(|cycle| cycle.paper);
        if let Some(paper) = begun
            && phone.history(paper).map_err(failed("history"))?.len() < PAPER_ENTRIES_MAX
        {
            return Ok(paper);
        }
        let last = cycles.iter().rposition(|cycle| cycle.paper.is_some());
        let next: Option<CycleId> = cycles.get(last.map_or(0, |last| last + 1)).map(|cycle| cycle.cycle);
        match (next, begun) {
            (Some(cycle), _) => phone.begin_self_assessment(cycle).map_err(failed("begin")),
            (None, Some(paper)) => Ok(paper),
            (None, None) => Err("there is no cycle".to_owned()),
        }
    }

    /// The next answer of the form; when all were typed, submissions and more edits by turns.
    fn act(&mut self, paper: DocumentId) -> Told<()> {
        let done = self.entries(paper)?.len();
        let answers = answers(&self.form, false);
        match (answers.get(done.saturating_sub(1)), done % 2) {
            (Some((question, answer)), _) => self.pocket.answer(paper, question, answer.clone())?,
            (None, 0) => self.submit(paper)?,
            (None, _) => self.edit(paper, done)?,
        }
        if self.entries(paper)?.len() == done {
            // The cadre's other device has typed the same: nothing changed, so something else is typed.
            self.edit(paper, done)?;
        }
        for (hash, _) in self.entries(paper)?.into_iter().skip(done) {
            say(&format!("saved {hash}"))?;
            self.pending.push((hash, paper));
        }
        Ok(())
    }

    fn edit(&self, paper: DocumentId, done: usize) -> Told<()> {
        let process = std::process::id();
        let text = format!("Đã hoàn thành phần việc số {done} đúng hạn, có văn bản kèm theo ({process}).");
        self.pocket.answer(paper, "strengths", Answer::Text { text })
    }

    fn submit(&self, paper: DocumentId) -> Told<()> {
        match self.pocket.phone.submit(paper) {
            Ok(()) => Ok(()),
            Err(Failure::Incomplete { question }) => self.complete(paper, &question),
            Err(other) => Err(format!("submit: {other}")),
        }
    }

    /// Types what keeps the form from being submitted; of a dispute the next edit is the settlement.
    fn complete(&self, paper: DocumentId, question: &str) -> Told<()> {
        if question == TASKS_QUESTION {
            let mut lines = self.form.lines.iter().cloned();
            return lines.try_for_each(|line| self.pocket.phone.record_task(paper, line).map_err(failed("task")));
        }
        match answers(&self.form, false).into_iter().find(|(known, _)| known == question) {
            Some((question, answer)) => self.pocket.answer(paper, &question, answer),
            None => self.pocket.answer(paper, "strengths", Answer::Text { text: "Đã hoàn thành.".to_owned() }),
        }
    }

    /// One synchronisation; a server that is away is the ordinary case here.
    fn exchange(&mut self) -> Told<()> {
        match self.pocket.phone.synchronise(Cancel::new()) {
            Ok(_) => {}
            Err(Failure::Exchange { source: ExchangeFailed::Unreachable | ExchangeFailed::Busy { .. } }) => {
                return Ok(());
            }
            Err(other) => return Err(format!("exchange: {other}")),
        }
        let mut papers: Vec<DocumentId> = self.pending.iter().map(|(_, paper)| *paper).collect();
        papers.dedup();
        for paper in papers {
            for (hash, delivery) in self.entries(paper)? {
                let place = self.pending.iter().position(|(pending, _)| *pending == hash);
                if let Some(place) = place.filter(|_| delivery == Delivery::Received) {
                    self.pending.swap_remove(place);
                    say(&format!("received {hash}"))?;
                }
            }
        }
        Ok(())
    }

    fn entries(&self, paper: DocumentId) -> Told<Vec<(EntryHash, Delivery)>> {
        let history = self.pocket.phone.history(paper).map_err(failed("history"))?;
        Ok(history.into_iter().map(|item| (item.entry, item.delivery)).collect())
    }
}

/// One line, whole: less than what a pipe takes at once.
fn say(line: &str) -> Told<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).map_err(failed("Nobody listens"))
}
