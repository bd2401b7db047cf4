//! Evaluation cases through the door: what lies in them, what may be written about whom, and the steps that are taken.
//!
//! A paper that was begun here is filled in, settled and signed as a self-assessment is: by its id.

use model::case::CaseState;
use model::case::filed::ground_of_step;
use model::case::paper::PaperKind;
use model::entry::REASON_BYTES_MAX;
use model::identity::{CycleId, DocumentId, PersonId};
use model::paper::About;

use super::{Phone, now};
use crate::failure::Failure;
use crate::store::documents;
use crate::views::case::{CaseItem, FiledPaper, PaperRead, PaperToWrite, PublishedResult};
use crate::work::Act;

#[uniffi::export]
impl Phone {
    /// Every case that this phone is in, what needs this person first.
    pub fn cases(&self) -> Result<Vec<CaseItem>, Failure> {
        self.desk().cases(now().vietnamese_day())
    }

    /// The signed papers that lie in a case, the newest of each kind.
    pub fn case_papers(&self, document: DocumentId) -> Result<Vec<FiledPaper>, Failure> {
        let desk = self.desk();
        desk.filed_papers(&desk.case(document)?)
    }

    /// What a signed paper of a case says, question by question.
    pub fn read_paper(&self, document: DocumentId, kind: PaperKind) -> Result<PaperRead, Failure> {
        let desk = self.desk();
        desk.read_filed(&desk.case(document)?, kind)
    }

    /// Results that were published in this person's unit, the newest cycle first, by name.
    pub fn published_results(&self) -> Result<Vec<PublishedResult>, Failure> {
        self.desk().published_results()
    }

    /// What a published result says.
    pub fn read_result(&self, result: DocumentId) -> Result<PaperRead, Failure> {
        self.desk().read_result(result)
    }

    /// What this person may write about whom, where this phone is not in the case: opinions, minutes, comments.
    pub fn papers_to_write(&self) -> Result<Vec<PaperToWrite>, Failure> {
        self.desk().papers_to_write(now().vietnamese_day())
    }

    /// Begins a paper about somebody, or finds the one that was begun here or on another device; what the case says by now
    /// stands in it, unless somebody typed something else into an unsigned one. A self-assessment is
    /// begun by [`Phone::begin_self_assessment`].
    pub fn begin_paper(&self, kind: PaperKind, cycle: CycleId, person: PersonId) -> Result<DocumentId, Failure> {
        let mut desk = self.desk();
        let about = About { kind, cycle, person, author: desk.author()?.person };
        let heading = desk.paper_edits(about, now().vietnamese_day())?;
        let paper = desk.own_paper(about)?;
        let edits = match documents::find(desk.store.reader(), paper.space, paper.document)? {
            Some(row) => desk.prefilled_anew(about, (paper, &row))?,
            None => [heading, desk.prefilled(about)?].concat(),
        };
        if edits.is_empty() {
            return Ok(paper.document);
        }
        self.edit(&mut desk, paper, &edits)?;
        drop(desk);
        self.tell(paper);
        Ok(paper.document)
    }

    /// Takes a step of a case. What the tables do not allow is refused here; whether it counts, the log decides, and what
    /// the server refuses stays to be seen in [`Phone::cases`].
    pub fn take_step(&self, document: DocumentId, to: CaseState, reason: Option<String>) -> Result<(), Failure> {
        let mut guard = self.desk();
        let desk = &mut *guard;
        let case = desk.case(document)?;
        let roles = desk.roles_in(&case, now().vietnamese_day())?;
        if desk.step_taken(&case)?.is_some_and(|taken| taken.refused.is_none()) {
            return Err(Failure::StepWaits);
        }
        let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        if reason.as_ref().is_some_and(|reason| reason.len() > REASON_BYTES_MAX) {
            return Err(Failure::PaperFull);
        }
        ground_of_step(Some(&roles), (to, reason.as_deref()), &case.row.decisions)?;
        let author = desk.author()?;
        let act = Act { store: &mut desk.store, author: &author, claimed: now() };
        desk.work.decide(act, case.paper(), (to, reason))?;
        drop(guard);
        self.tell(case.paper());
        Ok(())
    }
}
