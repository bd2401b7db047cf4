//! Signed papers on their way into the case that they belong to.
//!
//! A paper is drafted where only its author reads. When it is submitted, the office asks whether this person may sign it
//! while the case is where it is, and files the signed entry in the space of the case, whose members are those who hold a
//! role over the cadre. Source: domain 2.1, design 3.

use std::collections::BTreeSet;

use model::case::filed::{Filed, subject};
use model::case::paper::PaperKind;
use model::case::{CaseState, READERS};
use model::document::DocumentKind;
use model::entry::{Content, Entry, EntryDraft, EntryKind, Status};
use model::gate::DocumentState;
use model::hash::{EntryHash, PublicKey};
use model::identity::{CycleId, DocumentId, PersonId, SpaceId};
use model::membership::{Grant, Role};
use model::paper::About;
use model::refusal::Refusal;
use model::signed_value::read_canonical;
use model::space::{case_space, person_space};
use model::time::Timestamp;

use crate::failure::ServerFailed;
use crate::log::{self, MEMBERSHIP_DOCUMENT, SpaceKind};
use crate::serve::Serving;

impl Serving<'_> {
    /// What a submission brings into a case, or why it may not be signed now. `None` where it belongs into no case: nobody
    /// is appointed to anything about this cadre.
    pub(crate) fn signed(&mut self, entry: &Entry) -> Result<Result<Option<About>, Refusal>, ServerFailed> {
        let Content::Submit(submit) = &entry.content else { return Ok(Ok(None)) };
        let Some(signed) = read_canonical(&submit.value).and_then(|fields| About::read(&fields)) else {
            return Ok(Ok(None));
        };
        let roles = self.roles_over(signed.person);
        if roles.iter().all(|(_, role)| *role == Role::Subject) {
            // A self-assessment without a case is kept with its author, as the cycle's report reads it.
            let is_own = signed.kind == PaperKind::SelfAssessment;
            return Ok(if is_own { Ok(None) } else { Err(Refusal::NotAllowed) });
        }
        if !roles.contains(&(signed.author, signed.kind.author())) {
            return Ok(Err(Refusal::NotAllowed));
        }
        let now = self.case_state(signed.cycle, signed.person)?.and_then(|case| case.decisions.status);
        let is_now = signed.kind.may_be_signed(signed.kind.author(), now.map(|status| status.to));
        Ok(if is_now { Ok(Some(signed)) } else { Err(Refusal::NotNow) })
    }

    /// Files a submission in its case, which begins with the first self-assessment; a new self-assessment brings the case
    /// back to where it is looked through.
    pub(crate) fn file(&mut self, signed: &About, entry: &Entry) -> Result<(), ServerFailed> {
        let About { kind, cycle, person, .. } = *signed;
        let space = case_space(&self.identity(), cycle, person);
        self.open_case(space, person)?;
        let document = case_document(space, cycle, person);
        let filed = Filed { cycle, person, paper: kind, entry: entry.bytes.clone(), claimed_ms: self.now_ms };
        let filed = self.office_says(EntryKind::File, (space, document), minicbor::to_vec(filed))?;
        let step = self.case_state(cycle, person)?.and_then(|case| case.decisions.status);
        let begins_anew = step.is_none_or(|step| step.to == CaseState::Returned);
        if kind == PaperKind::SelfAssessment && begins_anew {
            let follows = step.map(|step| step.hash);
            let (to, reason, about, claimed_ms) = (CaseState::Submitted, None, filed, self.now_ms);
            let status = Status { follows, to, reason, about, claimed_ms };
            self.office_says(EntryKind::Status, (space, document), minicbor::to_vec(status))?;
        }
        Ok(())
    }

    fn roles_over(&self, person: PersonId) -> BTreeSet<(PersonId, Role)> {
        self.rules.chart.roles_over(person, Timestamp::from_utc_ms(self.now_ms).vietnamese_day())
    }

    fn case_state(&self, cycle: CycleId, person: PersonId) -> Result<Option<DocumentState>, ServerFailed> {
        let space = case_space(&self.identity(), cycle, person);
        let Some(row) = log::space(self.connection, space)? else { return Ok(None) };
        log::document(self.connection, row.id, case_document(space, cycle, person))
    }

    /// Makes the space of a case and lets in the phones of everybody who may read it and is not in yet.
    fn open_case(&mut self, space: SpaceId, person: PersonId) -> Result<(), ServerFailed> {
        log::create_space(self.connection, space, SpaceKind::Case)?;
        for (reader, role) in self.roles_over(person) {
            if !READERS.contains(&role) {
                continue;
            }
            for key in self.phones_of(reader)? {
                let row = log::space(self.connection, space)?.ok_or(ServerFailed::Damaged)?;
                let members = self.memory.membership(self.connection, &row)?;
                if members.standing(model::entry::device_id(&key)).is_none() {
                    let grant = Grant { key: Some(key), person: reader, role: Some(role), claimed_ms: self.now_ms };
                    self.office_says(EntryKind::Grant, (space, MEMBERSHIP_DOCUMENT), minicbor::to_vec(grant))?;
                }
            }
        }
        Ok(())
    }

    /// The keys of the phones that are in for a person.
    fn phones_of(&mut self, person: PersonId) -> Result<Vec<PublicKey>, ServerFailed> {
        let Some(own) = log::space(self.connection, person_space(&self.identity(), person))? else {
            return Ok(Vec::new());
        };
        let members = self.memory.membership(self.connection, &own)?;
        let are_in = members.devices().into_iter().filter(|device| members.standing(*device).is_some());
        Ok(are_in.filter_map(|device| members.key_of(device)).collect())
    }

    /// An entry of the office's own.
    fn office_says(
        &mut self,
        kind: EntryKind,
        (space, document): (SpaceId, DocumentId),
        body: Result<Vec<u8>, minicbor::encode::Error<std::convert::Infallible>>,
    ) -> Result<EntryHash, ServerFailed> {
        let person = PersonId::from_bytes(*self.office().as_bytes());
        let body = body.expect("writing to memory cannot fail");
        let draft = EntryDraft { kind, space, document, person, incarnation: self.incarnation, body };
        let entry = Entry::sign(draft, self.key).map_err(|_| ServerFailed::Defect)?;
        self.append_office_act(&entry)?;
        Ok(entry.hash)
    }
}

fn case_document(space: SpaceId, cycle: CycleId, person: PersonId) -> DocumentId {
    DocumentKind::Case.document_about(space, &subject(cycle, person))
}
