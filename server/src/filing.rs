//! Signed papers on their way into the case that they belong to.
//!
//! A paper is drafted where only its author reads. When it is submitted, the office asks whether this person may sign it
//! while the case is where it is, and whether it agrees with what lies there; then it files the signed entry in the space
//! of the case, whose members are those who hold a role over the cadre. Source: domain 2.1, design 3.

use model::case::CaseState;
use model::case::filed::{Filed, subject};
use model::case::findings::Consequence;
use model::case::paper::PaperKind;
use model::case::service::ServiceRecord;
use model::document::{DocumentKind, Fields};
use model::entry::{Content, Entry, EntryDraft, EntryKind, SUBMISSION_BYTES_MAX, Status};
use model::gate::DocumentState;
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, PersonId, SpaceId};
use model::membership::Role;
use model::paper::About;
use model::refusal::Refusal;
use model::signed_value::read_canonical;
use model::space::case_space;

use crate::failure::ServerFailed;
use crate::log;
use crate::rules::CycleRules;
use crate::serve::Serving;
use crate::shared::{self, Shared};

/// A submission that belongs into a case.
pub(crate) struct Signed {
    pub(crate) about: About,
    fields: Fields,
}

impl Serving<'_> {
    /// What a submission brings into a case, or why it may not be signed now. `None` where it belongs into no case: nobody
    /// is appointed to anything about this cadre, or no such cycle was published.
    pub(crate) fn signed(&mut self, entry: &Entry) -> Result<Result<Option<Signed>, Refusal>, ServerFailed> {
        let Some(signed) = read(entry) else { return Ok(Ok(None)) };
        let About { kind, cycle, person, author } = signed.about;
        let Content::Submit(submit) = &entry.content else { return Ok(Ok(None)) };
        let is_of_other_form = self.rules.cycles.get(&cycle).is_some_and(|rules| rules.form != submit.form);
        if kind == PaperKind::SelfAssessment && is_of_other_form {
            return Ok(Err(Refusal::UnknownForm));
        }
        let roles = self.roles_over(person);
        let has_no_case = roles.iter().all(|(_, role)| *role == Role::Subject);
        if has_no_case || !self.rules.cycles.contains_key(&cycle) {
            // A self-assessment without a case is kept with its author, as the cycle's report reads it.
            return Ok(if kind == PaperKind::SelfAssessment { Ok(None) } else { Err(Refusal::NotAllowed) });
        }
        if !roles.contains(&(author, kind.author())) {
            return Ok(Err(Refusal::NotAllowed));
        }
        let decisions = self.case_state(cycle, person)?.map(|case| case.decisions).unwrap_or_default();
        if !kind.may_be_signed(kind.author(), decisions.status.map(|status| status.to)) {
            return Ok(Err(Refusal::NotNow));
        }
        Ok(match decisions.findings.check(kind, &signed.fields) {
            Ok(()) => Ok(Some(signed)),
            Err(contradiction) => Err((&contradiction).into()),
        })
    }

    /// Files a submission in its case, which begins with the first self-assessment, or with the record that excuses from
    /// it; a new self-assessment brings the case back to where it is looked through.
    pub(crate) fn file(&mut self, signed: &Signed, entry: &Entry) -> Result<(), ServerFailed> {
        let Signed { about: About { kind, cycle, person, .. }, fields } = signed;
        let (kind, cycle, person) = (*kind, *cycle, *person);
        let shared = Shared::Case(cycle, person);
        let id = shared::keep(self.connection, shared, &self.identity())?;
        self.memory.forget_shared(id);
        let space = shared.space(&self.identity());
        let document = case_document(space, cycle, person);
        let consequence = (kind == PaperKind::ServiceRecord).then(|| self.consequence(cycle, fields)).flatten();
        let (entry, claimed_ms) = (entry.bytes.clone(), self.now_ms);
        let residence = matches!(kind, PaperKind::SelfAssessment | PaperKind::ServiceRecord)
            .then(|| self.rules.residence.get(&person).copied().unwrap_or_default());
        let filed = Filed { cycle, person, paper: kind, entry, claimed_ms, consequence, unit: None, residence };
        let about = self.office_says(EntryKind::File, (space, document), minicbor::to_vec(filed))?;
        let step = self.case_state(cycle, person)?.and_then(|case| case.decisions.status);
        let to = match (kind, step.map(|step| step.to)) {
            (PaperKind::SelfAssessment, None | Some(CaseState::Returned | CaseState::Excused)) => CaseState::Submitted,
            (PaperKind::ServiceRecord, None) if consequence.is_some_and(|found| found.is_excused) => CaseState::Excused,
            _ => return Ok(()),
        };
        if to == CaseState::Submitted {
            self.open_minutes(cycle, person)?;
        }
        let (follows, reason) = (step.map(|step| step.hash), None);
        let status = Status { follows, to, reason, about, claimed_ms };
        self.office_says(EntryKind::Status, (space, document), minicbor::to_vec(status)).map(|_| ())
    }

    /// Makes the space in which the minutes of the review are written: early, for the meeting may have no network.
    fn open_minutes(&mut self, cycle: CycleId, person: PersonId) -> Result<(), ServerFailed> {
        let shared = Shared::Minutes(cycle, person);
        let id = shared::keep(self.connection, shared, &self.identity())?;
        self.memory.forget_shared(id);
        self.keep_readers(id, shared)
    }

    /// Files what lies in no case: it was signed before anybody was appointed, or a restore lost its filing. A case that
    /// waits for its phones is left alone, for they may bring it back.
    pub(crate) fn file_late(&mut self, entry: &Entry) -> Result<(), ServerFailed> {
        let Some(signed) = read(entry) else { return Ok(()) };
        let About { kind, cycle, person, .. } = signed.about;
        let roles = self.roles_over(person);
        let has_case = roles.iter().any(|(_, role)| *role != Role::Subject) && self.rules.cycles.contains_key(&cycle);
        if !has_case || self.is_recovering(&signed.about)? || entry.bytes.len() > SUBMISSION_BYTES_MAX {
            return Ok(());
        }
        // What a restore lost lay in the case before and belongs there; a form that came while nobody was appointed may find
        // that the case went on without it.
        let own = log::space(self.connection, entry.fields.space)?.ok_or(ServerFailed::Damaged)?;
        let stored = log::find(self.connection, own.id, &entry.hash)?;
        let is_of_this_life = stored.is_some_and(|stored| stored.first.epoch == self.epoch);
        if kind != PaperKind::SelfAssessment || !is_of_this_life {
            return self.file(&signed, entry);
        }
        let decisions = self.case_state(cycle, person)?.map(|case| case.decisions).unwrap_or_default();
        let is_of_now = kind.may_be_signed(kind.author(), decisions.status.map(|status| status.to))
            && decisions.findings.check(kind, &signed.fields).is_ok();
        if is_of_now { self.file(&signed, entry) } else { Ok(()) }
    }

    /// Shows what was published to the people of the unit, when the case reaches that state.
    pub(crate) fn publish_late(&mut self, case: i64, of: (CycleId, PersonId)) -> Result<(), ServerFailed> {
        let (cycle, person) = of;
        let document = case_document(case_space(&self.identity(), cycle, person), cycle, person);
        let Some(state) = log::document(self.connection, case, document)? else { return Ok(()) };
        let is_published = state
            .decisions
            .status
            .is_some_and(|status| matches!(status.to, CaseState::Published | CaseState::Archived));
        let (true, Some(at)) = (is_published, state.decisions.papers.get(&PaperKind::Publication)) else {
            return Ok(());
        };
        let Some((entry, _)) = log::received(self.connection, case, &at.hash)? else { return Ok(()) };
        let Content::File(filed) = entry.content else { return Ok(()) };
        let Some(unit) = self.rules.chart.unit_of(person) else { return Ok(()) };
        // It stays with the unit of then: who moves takes no result along.
        let submission = Entry::read(&filed.entry).map_err(|_| ServerFailed::Damaged)?.hash;
        if shared::is_published(self.connection, &submission)? {
            return Ok(());
        }
        let shared = Shared::Unit(unit);
        let id = shared::keep(self.connection, shared, &self.identity())?;
        self.memory.forget_shared(id);
        let space = shared.space(&self.identity());
        let document = DocumentKind::Published.document_about(space, &subject(cycle, person));
        let filed = Filed { unit: Some(unit), claimed_ms: self.now_ms, ..filed };
        self.office_says(EntryKind::File, (space, document), minicbor::to_vec(filed)).map(|_| ())
    }

    /// What the rules of the cycle make of a record of service; nothing where they are unknown here.
    fn consequence(&self, cycle: CycleId, fields: &Fields) -> Option<Consequence> {
        let CycleRules { period, months, .. } = self.rules.cycles.get(&cycle)?;
        Some(ServiceRecord::read(fields)?.consequence(months.as_ref()?, *period))
    }

    fn case_state(&self, cycle: CycleId, person: PersonId) -> Result<Option<DocumentState>, ServerFailed> {
        let space = case_space(&self.identity(), cycle, person);
        let Some(row) = log::space(self.connection, space)? else { return Ok(None) };
        log::document(self.connection, row.id, case_document(space, cycle, person))
    }

    /// An entry of the office's own.
    pub(crate) fn office_says(
        &mut self,
        kind: EntryKind,
        (space, document): (SpaceId, DocumentId),
        body: Result<Vec<u8>, minicbor::encode::Error<std::convert::Infallible>>,
    ) -> Result<EntryHash, ServerFailed> {
        let body = body.expect("writing to memory cannot fail");
        let (person, incarnation) = (self.office_person(), self.incarnation);
        let draft = EntryDraft { kind, space, document, person, incarnation, body };
        let entry = Entry::sign(draft, self.key).map_err(|_| ServerFailed::Defect)?;
        self.append_office_act(&entry)?;
        Ok(entry.hash)
    }
}

/// Whose self-assessment a submission is, and of which cycle.
pub(crate) fn self_assessment_of(entry: &Entry) -> Option<(CycleId, PersonId)> {
    let About { kind, cycle, person, .. } = read(entry)?.about;
    (kind == PaperKind::SelfAssessment).then_some((cycle, person))
}

fn read(entry: &Entry) -> Option<Signed> {
    let Content::Submit(submit) = &entry.content else { return None };
    let fields = read_canonical(&submit.value)?;
    About::read(&fields, entry.fields.person).map(|about| Signed { about, fields })
}

fn case_document(space: SpaceId, cycle: CycleId, person: PersonId) -> DocumentId {
    DocumentKind::Case.document_about(space, &subject(cycle, person))
}
