//! Minutes of a review through the door: what several people write at once, each on their own phone.
//!
//! They are begun by [`Phone::begin_paper`]; their questions are answered, settled and signed as those of any paper, by
//! their id.

use model::document::{Edit, Scalar};
use model::identity::{DocumentId, ParagraphId, PersonId};
use model::minutes::{Attendance, removal_edits};

use super::{Phone, now, random};
use crate::failure::Failure;
use crate::minutes::{disputed, marked, new_paragraph, rewritten};
use crate::views::minutes::MinutesView;

#[uniffi::export]
impl Phone {
    /// What was said and who was there.
    pub fn minutes(&self, document: DocumentId) -> Result<MinutesView, Failure> {
        self.desk().minutes_view(document, now().vietnamese_day())
    }

    /// Writes a new paragraph behind another one, or before all; its name comes back.
    pub fn add_paragraph(
        &self,
        document: DocumentId,
        after: Option<ParagraphId>,
        text: String,
    ) -> Result<ParagraphId, Failure> {
        let paragraph = ParagraphId::from_bytes(random());
        self.change(document, |open| new_paragraph(open, (paragraph, after), &text))?;
        Ok(paragraph)
    }

    /// Rewrites a paragraph. Whoever rewrites it elsewhere at the same time loses nothing.
    pub fn write_paragraph(&self, document: DocumentId, paragraph: ParagraphId, text: String) -> Result<(), Failure> {
        self.change(document, |open| rewritten(open, paragraph, &text))
    }

    /// Removes a paragraph; it comes back if somebody rewrote it elsewhere meanwhile.
    pub fn remove_paragraph(&self, document: DocumentId, paragraph: ParagraphId) -> Result<(), Failure> {
        self.change(document, |open| crate::minutes::minutes_of(open).map(|_| removal_edits(paragraph)))
    }

    /// Settles a paragraph that two people rewrote with both versions in one.
    pub fn settle_merged(&self, document: DocumentId, field: String) -> Result<(), Failure> {
        let mut desk = self.desk();
        let open = desk.open(document)?;
        let dispute = disputed(&open, &field)?.clone();
        let text = desk.merged(&open, &dispute)?.ok_or(Failure::NotHere)?;
        self.edit(&mut desk, open.paper, &[Edit { field, value: Some(Scalar::Text(text)) }])?;
        drop(desk);
        self.tell(open.paper);
        Ok(())
    }

    /// Marks somebody as present or not; none takes the mark back.
    pub fn mark_attendance(
        &self,
        document: DocumentId,
        person: PersonId,
        attendance: Option<Attendance>,
    ) -> Result<(), Failure> {
        self.change(document, |open| marked(open, person, attendance))
    }
}
