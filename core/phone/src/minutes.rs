//! Minutes of a review as this phone holds them: what was said, who was there, and where two people wrote at once.
//!
//! Everybody who writes them has the whole document and goes on without a network; what was written apart comes together
//! by itself, and nobody's words win over somebody else's. Source: sync 3, domain 4.4.

use model::document::{Edit, Scalar};
use model::entry::EntryKind;
use model::identity::{DocumentId, ParagraphId, PersonId};
use model::minutes::{
    self, ATTENDANCE_MAX, Attendance, PARAGRAPH_CHARS_MAX, PARAGRAPHS_MAX, attendance_field, paragraph_of, text_field,
};
use model::self_assessment::Dispute;
use model::text::sort_key;
use model::time::Day;

use crate::desk::{Desk, OpenPaper};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::store::entries;
use crate::views::minutes::{AttendeeView, MinutesView, ParagraphDispute, ParagraphView};

impl Desk {
    /// Minutes, ready to show.
    pub(crate) fn minutes_view(&mut self, document: DocumentId, today: Day) -> Result<MinutesView, Failure> {
        let open = self.open(document)?;
        let written = minutes_of(&open)?.clone();
        let mut paragraphs = Vec::new();
        for paragraph in &written.paragraphs {
            let field = text_field(paragraph.id);
            let dispute = written.disputes.iter().find(|dispute| dispute.field == field);
            let dispute = dispute.map(|dispute| self.paragraph_dispute(&open, dispute)).transpose()?;
            paragraphs.push(ParagraphView { id: paragraph.id, text: paragraph.text.clone(), dispute });
        }
        let held = entries::of_document(self.store.reader(), open.paper.space, open.paper.document)?;
        Ok(MinutesView {
            minutes: document,
            person_name: self.directory.name_of(written.heading.person),
            post: self.directory.post_of(written.heading.person),
            paragraphs,
            attendance: self.attendees(&open, &written)?,
            is_signed: held.iter().any(|entry| entry.kind == EntryKind::Submit && entry.refusal.is_none()),
            is_complete: written.is_settled() && written.completion(&open.form, today).is_complete(),
        })
    }

    /// Both versions and the merged one.
    fn paragraph_dispute(&mut self, open: &OpenPaper, dispute: &Dispute) -> Result<ParagraphDispute, Failure> {
        let merged = self.merged(open, dispute)?;
        let view = self.dispute(open, dispute)?;
        Ok(ParagraphDispute { sides: view.sides, field: view.field, merged })
    }

    /// The merged text of a paragraph that two people rewrote; none where more than two did, or one removed it.
    pub(crate) fn merged(&mut self, open: &OpenPaper, dispute: &Dispute) -> Result<Option<String>, Failure> {
        let [ours, theirs] = &dispute.sides[..] else { return Ok(None) };
        let (Scalar::Text(one), Scalar::Text(other)) = (&ours.value, &theirs.value) else { return Ok(None) };
        let document = self.work.open(self.store.reader(), open.paper)?;
        let base = match document.base_of(&dispute.field, &[ours.by, theirs.by]) {
            Some(Scalar::Text(base)) => base,
            _ => String::new(),
        };
        Ok(Some(minutes::merge::merged(&base, one, other)))
    }

    /// Who was there, by signed minutes; nobody in other papers.
    pub(crate) fn attended(&self, read: &Draft) -> Vec<AttendeeView> {
        let Draft::Minutes(written) = read else { return Vec::new() };
        let attendee = |(person, state): (&PersonId, &Attendance)| AttendeeView {
            person: *person,
            person_name: self.directory.name_of(*person),
            post: self.directory.post_of(*person),
            state: Some(*state),
            dispute: None,
        };
        let mut attendees: Vec<AttendeeView> = written.attendance.iter().map(attendee).collect();
        attendees.sort_by_cached_key(|attendee| (sort_key(&attendee.person_name), attendee.person));
        attendees
    }

    /// Everybody of the cadre's unit, and whoever else is on the list, by name.
    fn attendees(&self, open: &OpenPaper, written: &minutes::Minutes) -> Result<Vec<AttendeeView>, Failure> {
        let unit = self.directory.chart.unit_of(written.heading.person);
        let mut people = unit.map(|unit| self.directory.chart.people_of(unit)).unwrap_or_default();
        people.extend(written.attendance.keys());
        let mut attendees = Vec::new();
        for person in people {
            let field = attendance_field(person);
            let dispute = written.disputes.iter().find(|dispute| dispute.field == field);
            attendees.push(AttendeeView {
                person,
                person_name: self.directory.name_of(person),
                post: self.directory.post_of(person),
                state: written.attendance.get(&person).copied(),
                dispute: dispute.map(|dispute| self.dispute(open, dispute)).transpose()?,
            });
        }
        attendees.sort_by_cached_key(|attendee| (sort_key(&attendee.person_name), attendee.person));
        attendees.truncate(ATTENDANCE_MAX);
        Ok(attendees)
    }
}

/// The minutes that an open paper is.
pub(crate) fn minutes_of(open: &OpenPaper) -> Result<&minutes::Minutes, Failure> {
    match &open.read {
        Draft::Minutes(written) => Ok(written),
        Draft::SelfAssessment(_) | Draft::Paper(_) => Err(Failure::NotHere),
    }
}

/// The edits of a new paragraph behind another one, or before all.
pub(crate) fn new_paragraph(
    open: &OpenPaper,
    (paragraph, after): (ParagraphId, Option<ParagraphId>),
    text: &str,
) -> Result<Vec<Edit>, Failure> {
    let written = minutes_of(open)?;
    if written.paragraphs.len() >= PARAGRAPHS_MAX {
        return Err(Failure::PaperFull);
    }
    Ok(minutes::paragraph_edits(paragraph, written.order_after(after), fitting(text)?))
}

/// The edits that rewrite a paragraph.
pub(crate) fn rewritten(open: &OpenPaper, paragraph: ParagraphId, text: &str) -> Result<Vec<Edit>, Failure> {
    let is_here = minutes_of(open)?.paragraphs.iter().any(|known| known.id == paragraph);
    if !is_here {
        return Err(Failure::NotHere);
    }
    Ok(vec![Edit { field: text_field(paragraph), value: Some(Scalar::Text(fitting(text)?.to_owned())) }])
}

/// The edits that mark somebody as present or not; none takes the mark back.
pub(crate) fn marked(open: &OpenPaper, person: PersonId, attendance: Option<Attendance>) -> Result<Vec<Edit>, Failure> {
    let written = minutes_of(open)?;
    if attendance.is_some() && written.attendance.len() >= ATTENDANCE_MAX {
        return Err(Failure::PaperFull);
    }
    let value = attendance.map(|state| Scalar::Text(state.word().to_owned()));
    Ok(vec![Edit { field: attendance_field(person), value }])
}

/// A paragraph that both sides of a dispute are about.
pub(crate) fn disputed<'a>(open: &'a OpenPaper, field: &str) -> Result<&'a Dispute, Failure> {
    let written = minutes_of(open)?;
    let is_paragraph = paragraph_of(field).is_some();
    let found = written.disputes.iter().find(|dispute| is_paragraph && dispute.field == field);
    found.ok_or(Failure::NotHere)
}

fn fitting(text: &str) -> Result<&str, Failure> {
    if text.chars().count() > PARAGRAPH_CHARS_MAX { Err(Failure::PaperFull) } else { Ok(text) }
}
