//! A phone of the demo: the app's only door, called as the app calls it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::answer::Answer;
use model::identity::DocumentId;
use phone::facade::Phone;
use phone::failure::{ExchangeFailed, Failure};
use phone::sync::http::Cancel;
use phone::views::{PaperStatus, Standing};

use super::{Told, failed};
use crate::commune::FilledForm;

/// Criteria in the order of the form.
const CRITERIA: [&str; 10] = ["g1_1", "g1_2", "g2_1", "g2_2", "g2_3", "g2_4", "g3_1", "g3_2", "g3_3", "g3_4"];

/// Tries on a bad network; the app tries for days.
const TRIES_MAX: u32 = 60;

/// A phone in somebody's pocket.
pub struct Pocket {
    /// Whose, for the story.
    pub name: String,
    /// The core.
    pub phone: Arc<Phone>,
    folder: PathBuf,
}

impl Pocket {
    /// Opens the app over its folder.
    pub fn open(folder: &Path, name: &str) -> Told<Self> {
        std::fs::create_dir_all(folder).map_err(failed("The phone's folder could not be made"))?;
        let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let phone = Phone::open(file("store.db"), file("incarnation"), vec![9; 32], None);
        let phone = phone.map_err(failed("The phone's store could not be opened"))?;
        Ok(Self { name: name.to_owned(), phone, folder: folder.to_owned() })
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the office's code; the four words that both screens show.
    pub fn enrol(&self, code: &str) -> Told<Vec<String>> {
        let standing = self.phone.enrol(code.to_owned(), Cancel::new()).map_err(failed("The code was not taken"))?;
        match standing {
            Standing::Waiting { words } => Ok(words),
            other => Err(format!("The phone does not wait for the office: {other:?}")),
        }
    }

    /// Looks whether the office approved, and fetches the directory.
    pub fn join(&self) -> Told<()> {
        self.phone.check_enrolment(Cancel::new()).map_err(failed("The enrolment could not be checked"))?;
        self.phone.synchronise(Cancel::new()).map_err(failed("The directory could not be fetched"))?;
        Ok(())
    }

    /// Begins the self-assessment of the only cycle.
    pub fn begin(&self) -> Told<DocumentId> {
        let cycles = self.phone.cycles().map_err(failed("The cycles could not be read"))?;
        let cycle = cycles.first().ok_or("There is no cycle on the phone.")?.cycle;
        self.phone.begin_self_assessment(cycle).map_err(failed("The form could not be begun"))
    }

    /// Types everything, answer by answer; how many were typed.
    pub fn fill(&self, paper: DocumentId, form: &FilledForm, is_leader: bool) -> Told<u32> {
        let mut typed = 0;
        for (question, answer) in answers(form, is_leader) {
            self.answer(paper, &question, answer)?;
            typed += 1;
        }
        for line in &form.lines {
            self.phone.record_task(paper, line.clone()).map_err(failed("A task line was not taken"))?;
            typed += 1;
        }
        Ok(typed)
    }

    /// Types one answer.
    pub fn answer(&self, paper: DocumentId, question: &str, answer: Answer) -> Told<()> {
        let recorded = self.phone.record_answer(paper, question.to_owned(), answer);
        recorded.map_err(|failed| format!("{question} was not taken: {failed}"))
    }

    /// Tries to send until nothing waits; how many tries the network ate.
    pub fn send(&self) -> Told<u32> {
        let mut eaten = 0;
        while eaten < TRIES_MAX {
            match self.phone.synchronise(Cancel::new()) {
                Ok(summary) if summary.waiting == 0 => return Ok(eaten),
                Ok(_) | Err(Failure::Exchange { source: ExchangeFailed::Unreachable }) => eaten += 1,
                Err(other) => return Err(format!("{} cannot exchange: {other}", self.name)),
            }
        }
        Err(format!("{} still has something to send after {TRIES_MAX} tries.", self.name))
    }

    /// The word of the paper.
    pub fn status(&self, paper: DocumentId) -> Told<PaperStatus> {
        Ok(self.phone.paper(paper).map_err(failed("The paper could not be read"))?.item.status)
    }
}

/// The answers of a filled form in the order of the questions.
pub fn answers(form: &FilledForm, is_leader: bool) -> Vec<(String, Answer)> {
    let text = |question: &str, text: &str| (question.to_owned(), Answer::Text { text: text.to_owned() });
    let choice = |question: &str, option: String| (question.to_owned(), Answer::Choice { option });
    let mut answers = Vec::new();
    for (index, question) in CRITERIA.iter().enumerate() {
        let points_hundredths = form.general_hundredths[index];
        answers.push(((*question).to_owned(), Answer::Score { points_hundredths }));
        if !form.evidence[index].is_empty() {
            answers.push(text(&format!("{question}_evidence"), form.evidence[index]));
        }
    }
    if is_leader {
        for (question, percent) in ["d", "dd", "e"].iter().zip(form.judged_percents) {
            answers.push(choice(question, percent.to_string()));
        }
    }
    for (question, words) in ["strengths", "weaknesses", "explanation"].iter().zip(form.words) {
        if !words.is_empty() {
            answers.push(text(question, words));
        }
    }
    answers.push(choice("self_rating", form.self_rating.wire_key().to_owned()));
    answers.push(("acknowledgement".to_owned(), Answer::Acknowledged));
    answers
}
