//! What the facade stands on: the open store, the open papers, the directory, and how a paper is turned into a view.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::case::CaseState;
use model::completion::Completion;
use model::cycle::EvaluationCycle;
use model::document::{DocumentKind, Fields, Scalar};
use model::entry::{Content, Entry, EntryKind};
use model::form::checked::CheckedForm;
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, SpaceId};
use model::paper::About;
use model::self_assessment::fields::{TaskColumn, read_answer};
use model::self_assessment::{Dispute, Side, subject};
use model::time::{Day, Timestamp};

use crate::delivery::Delivery;
use crate::device::Device;
use crate::directory::Directory;
use crate::draft::Draft;
use crate::failure::Failure;
use crate::store::documents::DocumentRow;
use crate::store::entries::Held;
use crate::store::{Store, documents, entries, spaces};
use crate::views::{
    DisputeView, HistoryAct, HistoryItem, LineView, PaperCase, PaperItem, PaperStatus, PaperView, SideView,
};
use crate::work::{Author, Paper, Work};

/// The open phone behind the facade's lock.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) work: Work,
    pub(crate) device: Device,
    pub(crate) directory: Directory,
    /// Entries that are on their way at this moment.
    pub(crate) under_way: bool,
    /// Spaces where the server asked for our enrolment.
    pub(crate) unknown: Vec<SpaceId>,
}

/// A paper with everything that is needed to show it.
pub(crate) struct OpenPaper {
    pub(crate) paper: Paper,
    pub(crate) row: DocumentRow,
    pub(crate) fields: Fields,
    pub(crate) about: About,
    pub(crate) read: Draft,
    pub(crate) form: Arc<CheckedForm>,
    pub(crate) cycle: Option<EvaluationCycle>,
}

impl Desk {
    /// Who acts: the person of this device.
    pub(crate) fn author(&self) -> Result<Author, Failure> {
        let person = self.device.home.as_ref().ok_or(Failure::NotEnrolled)?.person;
        Ok(Author { key: self.device.key.clone(), person, incarnation: self.device.incarnation })
    }

    pub(crate) fn own_space(&self) -> Result<SpaceId, Failure> {
        self.device.own_space().ok_or(Failure::NotEnrolled)
    }

    /// Reads the directory again after it moved.
    pub(crate) fn read_directory(&mut self) -> Result<(), Failure> {
        if let Some(space) = self.device.directory() {
            self.directory = Directory::read(&self.store, &mut self.work, space)?;
        }
        Ok(())
    }

    /// A paper of this person's own, or a case or minutes, whose id speaks for its space.
    pub(crate) fn paper(&self, document: DocumentId) -> Result<Paper, Failure> {
        match DocumentKind::of(document) {
            Some(DocumentKind::Case) => Ok(self.case(document)?.paper()),
            Some(DocumentKind::Minutes) => {
                let row = documents::find_anywhere(self.store.reader(), document)?.ok_or(Failure::NotHere)?;
                Ok(Paper { space: row.space, document })
            }
            _ => Ok(Paper { space: self.own_space()?, document }),
        }
    }

    /// The paper of a cycle, begun or not.
    pub(crate) fn paper_of(&self, cycle: CycleId) -> Result<Paper, Failure> {
        let person = self.author()?.person;
        let space = self.own_space()?;
        let document = DocumentKind::SelfAssessment.document_about(space, &subject(cycle, person));
        Ok(Paper { space, document })
    }

    pub(crate) fn open(&mut self, document: DocumentId) -> Result<OpenPaper, Failure> {
        let paper = self.paper(document)?;
        let row = documents::find(self.store.reader(), paper.space, document)?.ok_or(Failure::NotHere)?;
        let fields = self.work.fields(&self.store, paper)?;
        let pin = Draft::form_of(&fields).ok_or(Failure::PaperDamaged)?;
        let form = self.directory.form(pin.fingerprint.as_bytes()).ok_or(Failure::NotHere)?;
        let read = Draft::read(&fields, &form).ok_or(Failure::PaperDamaged)?;
        let about = read.about(self.author()?.person);
        let cycle = self.directory.cycles.get(&about.cycle).cloned();
        Ok(OpenPaper { paper, row, fields, about, read, form, cycle })
    }

    pub(crate) fn view(&mut self, open: &OpenPaper, today: Day) -> Result<PaperView, Failure> {
        let completion = open.read.completion(&open.form, today);
        let rules = open.cycle.as_ref().and_then(|cycle| self.directory.rules_of(cycle));
        let (score, score_refused) = match rules.as_ref().and_then(|rules| open.read.live_score(rules)) {
            None => (None, None),
            Some(Ok(score)) => (Some(score), None),
            Some(Err(refused)) => (None, Some(refused)),
        };
        let level = rules
            .as_ref()
            .zip(score.as_ref())
            .map(|(rules, score)| model::rating::level(rules, &score.results, model::rating::Violation::Absent));
        let mut item = self.item(&open.row)?;
        self.fill(&mut item, open, &completion);
        item.late_edits = Some(self.late_edits(&open.row)?);
        item.total_hundredths = score.as_ref().and_then(|score| Some(score.results.score.as_ref()?.total_hundredths));
        let has_loose_end = open.read.loose_end().is_some();
        let disputes = open.read.disputes().iter().map(|dispute| self.dispute(open, dispute));
        Ok(PaperView {
            item,
            kind: open.about.kind,
            form_title_vi: open.form.template().title_vi.clone(),
            form_title_en: open.form.template().title_en.clone(),
            first_gap: completion.first_gap().map(str::to_owned),
            first_page: completion.first_page().map(str::to_owned),
            position: self.position(open.paper)?,
            score,
            score_refused,
            level_by_score: level,
            lines: lines(open),
            disputes: disputes.collect::<Result<_, _>>()?,
            is_complete: !has_loose_end && completion.is_complete(),
            sections: completion.sections,
        })
    }

    fn fill(&self, item: &mut PaperItem, open: &OpenPaper, completion: &Completion) {
        item.cycle_title = open.cycle.as_ref().map(|cycle| cycle.title.clone()).unwrap_or_default();
        item.answered = Some(completion.sections.iter().map(|section| section.answered).sum());
        item.shown = Some(completion.sections.iter().map(|section| section.shown).sum());
        item.disputes = open.read.disputes().len() as u32;
        item.person_name = self.directory.name_of(open.about.person);
    }

    /// What a list shows, from rows alone: no document is opened.
    pub(crate) fn item(&mut self, row: &DocumentRow) -> Result<PaperItem, Failure> {
        let held = entries::of_document(self.store.reader(), row.space, row.id)?;
        let safe = spaces::state(self.store.reader(), row.space)?.map_or(0, |state| state.safe);
        let status = self.status(&held, safe);
        let case = match self.decided_about(row)? {
            None | Some(CaseState::Submitted) => PaperCase::Open,
            Some(CaseState::Returned) => PaperCase::Returned,
            Some(_) => PaperCase::Accepted,
        };
        Ok(PaperItem {
            paper: row.id,
            person_name: self.directory.name_of(row.person),
            cycle_title: String::new(),
            status,
            case,
            answered: None,
            shown: None,
            total_hundredths: None,
            disputes: 0,
            late_edits: None,
            refused: held.iter().filter(|entry| entry.refusal.is_some()).count() as u32,
        })
    }

    /// Where the case of a self-assessment is; where none is held, what was decided about the paper itself.
    fn decided_about(&self, row: &DocumentRow) -> Result<Option<CaseState>, Failure> {
        let is_of = |cycle: &&CycleId| self.paper_of(**cycle).is_ok_and(|paper| paper.document == row.id);
        let case = match self.directory.cycles.keys().find(is_of) {
            Some(cycle) => self.case_of(*cycle, row.person)?,
            None => None,
        };
        let status = case.map_or(row.decisions.status, |case| case.row.decisions.status);
        Ok(status.map(|status| status.to))
    }

    /// The word of a paper is the word of its newest submission.
    pub(crate) fn status(&self, held: &[Held], safe: u64) -> PaperStatus {
        let is_submission = |entry: &&Held| entry.kind == EntryKind::Submit && entry.refusal.is_none();
        let newest = held.iter().rev().find(is_submission);
        match newest.map(|entry| Delivery::of(entry, safe)) {
            None | Some(Delivery::Refused) => PaperStatus::Draft,
            Some(Delivery::Received) => PaperStatus::Received,
            Some(Delivery::Waiting) if self.under_way => PaperStatus::Sending,
            Some(Delivery::Waiting) => PaperStatus::Waiting,
        }
    }

    /// Edits that are not part of the submission in force: kept, shown, never counted.
    fn late_edits(&mut self, row: &DocumentRow) -> Result<u32, Failure> {
        let Some(submitted) = row.decisions.submitted else { return Ok(0) };
        let Some(entry) = entries::entry_of(self.store.reader(), &submitted)? else { return Ok(0) };
        let Content::Submit(submit) = entry.content else { return Ok(0) };
        let paper = Paper { space: row.space, document: row.id };
        let document = self.work.open(self.store.reader(), paper)?;
        Ok(document.changes_beyond(&submit.heads) as u32)
    }

    pub(crate) fn dispute(&self, open: &OpenPaper, dispute: &Dispute) -> Result<DisputeView, Failure> {
        let sides = dispute.sides.iter().map(|side| self.side(open, dispute, side));
        Ok(DisputeView {
            field: dispute.field.clone(),
            question: dispute.question.clone(),
            sides: sides.collect::<Result<_, _>>()?,
        })
    }

    fn side(&self, open: &OpenPaper, dispute: &Dispute, side: &Side) -> Result<SideView, Failure> {
        let entry = entries::entry_of(self.store.reader(), &side.by)?.ok_or(Failure::NotHere)?;
        let kind = open.form.template().question(&dispute.question).map(|question| &question.kind);
        Ok(SideView {
            by: side.by,
            value: crate::words::value(
                &side.value,
                kind.and_then(|kind| read_answer(&side.value, kind)).as_ref(),
                kind,
            ),
            person_name: self.directory.name_of(entry.fields.person),
            is_own_device: entry.fields.device == self.device.id(),
            written: claimed(&entry),
        })
    }

    pub(crate) fn history(&self, paper: Paper) -> Result<Vec<HistoryItem>, Failure> {
        let safe = spaces::state(self.store.reader(), paper.space)?.map_or(0, |state| state.safe);
        let mut items = Vec::new();
        for held in entries::of_document(self.store.reader(), paper.space, paper.document)? {
            let entry = entries::entry_of(self.store.reader(), &held.hash)?.ok_or(Failure::NotHere)?;
            items.push(HistoryItem {
                entry: held.hash,
                act: act_of(&entry),
                person_name: self.directory.name_of(entry.fields.person),
                written: claimed(&entry),
                delivery: Delivery::of(&held, safe),
                refusal: held.refusal,
                counts: held.in_force,
                receipt_number: held.place(),
            });
        }
        Ok(items)
    }

    fn position(&self, paper: Paper) -> Result<Option<String>, Failure> {
        Ok(crate::store::position::find(self.store.reader(), paper.space, paper.document)?)
    }
}

fn lines(open: &OpenPaper) -> Vec<LineView> {
    let view = |line: &model::self_assessment::DraftLine| {
        let name = match line.cells.get(&TaskColumn::Name) {
            Some(Scalar::Text(name)) => name.clone(),
            _ => String::new(),
        };
        LineView { id: line.id, line: line.whole(), name }
    };
    open.read.lines().iter().map(view).collect()
}

fn act_of(entry: &Entry) -> HistoryAct {
    match &entry.content {
        Content::Change(_) | Content::Grant(_) => HistoryAct::Edited,
        Content::Submit(submit) => HistoryAct::Submitted { is_correction: submit.over.is_some() },
        Content::Status(status) => match status.to {
            CaseState::Returned => HistoryAct::Returned { reason: status.reason.clone().unwrap_or_default() },
            to => HistoryAct::Stepped { to },
        },
        Content::File(filed) => HistoryAct::Filed { paper: filed.paper },
    }
}

/// When the author says it was, in Vietnam: `dd/MM/yyyy HH:mm`.
pub(crate) fn claimed(entry: &Entry) -> String {
    let ms = match &entry.content {
        Content::Change(header) => header.time,
        Content::Submit(submit) => submit.claimed_ms,
        Content::Status(status) => status.claimed_ms,
        Content::Grant(grant) => grant.claimed_ms,
        Content::File(filed) => filed.claimed_ms,
    };
    shown_moment(ms)
}

/// A moment in Vietnam: `dd/MM/yyyy HH:mm`.
pub(crate) fn shown_moment(utc_ms: i64) -> String {
    let at = Timestamp::from_utc_ms(utc_ms);
    format!("{} {}", at.vietnamese_day().vietnamese(), at.vietnamese_clock())
}

/// Cycles by the last day, the nearest first.
pub(crate) fn cycles_by_deadline(cycles: &BTreeMap<CycleId, EvaluationCycle>) -> Vec<&EvaluationCycle> {
    let mut cycles: Vec<&EvaluationCycle> = cycles.values().collect();
    cycles.sort_by_key(|cycle| (cycle.closes, cycle.id));
    cycles
}

/// The side of a dispute that a person chose, as the edit that settles it.
pub(crate) fn chosen(dispute: &Dispute, by: &EntryHash) -> Option<Scalar> {
    dispute.sides.iter().find(|side| side.by == *by).map(|side| side.value.clone())
}
