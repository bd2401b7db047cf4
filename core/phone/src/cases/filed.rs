//! Signed papers that lie in a case, as everybody in it reads them.

use model::case::filed::{Filed, FiledAt};
use model::case::paper::PaperKind;
use model::entry::{Content, Entry, Submit};
use model::form::Section;
use model::form::checked::CheckedForm;
use model::paper::About;
use model::self_assessment::DraftLine;
use model::signed_value::read_canonical;
use model::time::Timestamp;

use super::Case;
use crate::desk::{Desk, claimed, shown_moment};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::views::case::{AnswerLine, FiledPaper, PaperRead, SignatureCheck};
use crate::words::{Language, answered};

/// A filed paper, opened as far as the author's own entry.
pub(super) struct Opened {
    pub(super) filed: Filed,
    /// As its author signed it.
    entry: Entry,
    submit: Submit,
}

impl Desk {
    /// The newest paper of each kind, in the order in which they are written.
    pub(crate) fn filed_papers(&self, case: &Case) -> Result<Vec<FiledPaper>, Failure> {
        let papers = &case.row.decisions.papers;
        let filed = PaperKind::ALL.into_iter().filter_map(|kind| papers.get(&kind));
        filed.map(|at| Ok(self.filed_paper(case, &self.opened(at)?))).collect()
    }

    /// What a filed paper says.
    pub(crate) fn read_filed(&self, case: &Case, kind: PaperKind) -> Result<PaperRead, Failure> {
        let opened = self.opened(case.row.decisions.papers.get(&kind).ok_or(Failure::NotHere)?)?;
        let form = self.directory.form(opened.submit.form.as_bytes()).ok_or(Failure::NotHere)?;
        let fields = read_canonical(&opened.submit.value).ok_or(Failure::PaperDamaged)?;
        let read = Draft::read(&fields, &form).ok_or(Failure::PaperDamaged)?;
        Ok(PaperRead {
            paper: self.filed_paper(case, &opened),
            title_vi: form.template().title_vi.clone(),
            title_en: form.template().title_en.clone(),
            lines: answer_lines(&read, &form, Timestamp::from_utc_ms(opened.submit.claimed_ms)),
            tasks: read.lines().iter().filter_map(DraftLine::whole).collect(),
            paragraphs: read.paragraphs(),
            attendance: self.attended(&read),
        })
    }

    pub(super) fn opened(&self, at: &FiledAt) -> Result<Opened, Failure> {
        let Content::File(filed) = self.entry(&at.hash)?.content else { return Err(Failure::PaperDamaged) };
        let entry = Entry::read(&filed.entry).map_err(|_| Failure::PaperDamaged)?;
        let Content::Submit(submit) = entry.content.clone() else { return Err(Failure::PaperDamaged) };
        Ok(Opened { filed, entry, submit })
    }

    fn filed_paper(&self, case: &Case, opened: &Opened) -> FiledPaper {
        let (kind, role) = (opened.filed.paper, opened.filed.paper.author());
        FiledPaper {
            kind,
            label_vi: kind.label_vi().to_owned(),
            label_en: kind.label_en().to_owned(),
            person_name: self.directory.name_of(opened.entry.fields.person),
            role,
            role_vi: role.label_vi().to_owned(),
            role_en: role.label_en().to_owned(),
            signed: claimed(&opened.entry),
            filed: shown_moment(opened.filed.claimed_ms),
            signature: self.signature(case, opened),
        }
    }

    /// The author's own entry must say what the office filed it as, and be signed by a phone of theirs.
    fn signature(&self, case: &Case, opened: &Opened) -> SignatureCheck {
        let Opened { filed, entry, submit } = opened;
        let (device, author) = (entry.fields.device, entry.fields.person);
        let told = About { kind: filed.paper, cycle: filed.cycle, person: filed.person, author };
        let said = read_canonical(&submit.value).and_then(|fields| About::read(&fields, author));
        let is_of_case = (filed.cycle, filed.person) == (case.cycle, case.person);
        if said != Some(told) || !is_of_case || !case.members.may_have_been(device, author) {
            return SignatureCheck::Broken;
        }
        let is_own = device == self.device.id();
        let key = if is_own { Some(self.device.public_key()) } else { case.members.key_of(device) };
        match key {
            None => SignatureCheck::KeyUnknown,
            Some(key) if entry.is_signed_by(&key) => SignatureCheck::Holds,
            Some(_) => SignatureCheck::Broken,
        }
    }
}

/// What was shown to the author and answered, on the day of the signature. Lines of a task table are read apart.
fn answer_lines(read: &Draft, form: &CheckedForm, signed: Timestamp) -> Vec<AnswerLine> {
    let completion = read.completion(form, signed.vietnamese_day());
    let line = |(section, question): (&Section, &model::form::Question)| {
        let state = completion.question(&question.key).filter(|state| state.is_shown)?;
        let in_words = |language| match read.answers().get(&question.key) {
            Some(answer) => Some(answered(answer, Some(&question.kind), language)),
            None => state.calculated.clone(),
        };
        Some(AnswerLine {
            section_vi: section.title_vi.clone(),
            section_en: section.title_en.clone(),
            question_vi: question.label_vi.clone(),
            question_en: question.label_en.clone(),
            answer_vi: in_words(Language::Vietnamese)?,
            answer_en: in_words(Language::English)?,
        })
    };
    form.template().questions().filter_map(line).collect()
}
