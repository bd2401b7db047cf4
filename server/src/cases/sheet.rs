//! A signed paper as a sheet of A4, in the layout of official papers: what the template prints, ready to print.
//!
//! The form that was signed decides what stands on it and in which order; nothing that was shown to the author is left
//! out. Points are counted again from what was signed. Source: look 7 (Nghị định 30/2020/NĐ-CP, Phụ lục I).

pub mod block;
pub mod closing;
pub mod head;
pub mod meeting;
pub mod ruling;
pub mod signature;
pub mod table;
pub mod words;

use askama::Template;
use model::cadre::CadreInPost;
use model::case::paper::PaperKind;
use model::completion::Completion;
use model::cycle::EvaluationCycle;
use model::form::checked::CheckedForm;
use model::identity::PersonId;
use model::minutes::Minutes;
use model::paper::Paper;
use model::self_assessment::{DraftLine, SelfAssessment};
use model::signed_value::read_canonical;
use model::task::TaskLine;
use model::time::{Day, Timestamp};

use crate::cases::account::Account;
use crate::cases::file::FiledPaper;
use crate::cases::page::{held, name_of};
use crate::cases::sheet::block::Block;
use crate::cases::sheet::closing::Closing;
use crate::cases::sheet::head::{Issuer, OfficialHead, RightHead};
use crate::cases::sheet::signature::SignatureCheck;
use crate::report::directory::Directory;
use crate::report::reading::UNKNOWN_UNIT;

/// The sheet.
#[derive(Template)]
#[template(path = "sheet.html")]
pub struct SheetPage {
    /// The two columns above the title.
    pub head: OfficialHead,
    /// In capitals.
    pub title: String,
    /// The period, or what it is about.
    pub subtitle: String,
    /// Whom it is about: label and value.
    pub about: Vec<(&'static str, String)>,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Who signed.
    pub closing: Closing,
    /// Whether the signature holds, on the screen and in small print.
    pub seal: String,
    /// The way back to the case.
    pub back: String,
    /// The way to the newest of its kind.
    pub newest: String,
    /// Whether a newer one of its kind was filed.
    pub is_superseded: bool,
    /// Whether the day on it is after the day on which it came.
    pub is_dated_ahead: bool,
    /// By which law the form is made.
    pub legal_reference: String,
}

/// Everything that a sheet is made from.
pub struct Printing<'a> {
    /// What the office published.
    pub directory: &'a Directory,
    /// The cycle.
    pub cycle: &'a EvaluationCycle,
    /// Whose case.
    pub person: PersonId,
    /// What was signed.
    pub paper: &'a FiledPaper,
    /// What a self-assessment comes to.
    pub account: Option<Account>,
    /// The unit on whose behalf the author signs.
    pub issuer: Issuer,
    /// Whether the author's signature holds.
    pub signature: SignatureCheck,
}

/// A signed value, read with its form.
pub struct Signed<'a> {
    /// The form.
    pub form: &'a CheckedForm,
    /// What was answered.
    pub paper: ReadPaper,
    /// What was shown to the author.
    pub completion: Completion,
}

/// Either kind of paper.
pub enum ReadPaper {
    /// A cadre's account, with its table of tasks.
    SelfAssessment(SelfAssessment),
    /// What several people wrote of a review.
    Minutes(Minutes),
    /// Any other.
    Other(Paper),
}

impl<'a> Signed<'a> {
    /// Reads a filed paper; `None` if its form was not published, or does not fit.
    pub fn read(directory: &'a Directory, paper: &FiledPaper) -> Option<Self> {
        let form = directory.forms.get(&paper.submit.form)?;
        let fields = read_canonical(&paper.submit.value)?;
        let today = signed_day(paper);
        let (paper, completion) = match SelfAssessment::read(&fields, form) {
            Some(read) => {
                let completion = read.completion(form, today);
                (ReadPaper::SelfAssessment(read), completion)
            }
            None => match Minutes::read(&fields, form) {
                Some(read) => {
                    let completion = read.completion(form, today);
                    (ReadPaper::Minutes(read), completion)
                }
                None => {
                    let read = Paper::read(&fields, form)?;
                    let completion = read.completion(form, today);
                    (ReadPaper::Other(read), completion)
                }
            },
        };
        Some(Self { form, paper, completion })
    }

    /// What was answered to a question.
    pub fn answer(&self, question: &str) -> Option<&model::answer::Answer> {
        match &self.paper {
            ReadPaper::SelfAssessment(read) => read.answers.get(question),
            ReadPaper::Minutes(read) => read.answers.get(question),
            ReadPaper::Other(read) => read.answers.get(question),
        }
    }

    /// The same in words, if it was shown and answered.
    pub fn words(&self, question: &str) -> Option<String> {
        let known = self.form.template().question(question)?;
        Some(words::answered(self.answer(question)?, &known.kind))
    }

    /// The day that was answered to a question.
    pub fn day(&self, question: &str) -> Option<Day> {
        match self.answer(question)? {
            model::answer::Answer::Date { day } => Day::parse(day).ok(),
            _ => None,
        }
    }

    /// Lines of the task table.
    pub fn tasks(&self) -> Vec<TaskLine> {
        match &self.paper {
            ReadPaper::SelfAssessment(read) => read.lines.iter().filter_map(DraftLine::whole).collect(),
            ReadPaper::Minutes(_) | ReadPaper::Other(_) => Vec::new(),
        }
    }
}

impl SheetPage {
    /// The sheet of a paper; `None` if it cannot be read.
    pub fn new(printing: &Printing<'_>) -> Option<Self> {
        let Printing { directory, cycle, person, paper, .. } = *printing;
        let signed = Signed::read(directory, paper)?;
        let template = signed.form.template();
        let is_account = paper.kind == PaperKind::SelfAssessment;
        let ruling = ruling::blocks(&signed, printing);
        let (title, subtitle) = match &ruling {
            Some(_) => (ruling::TITLE.to_owned(), ruling::subject(&cycle.title)),
            None if is_account => (template.title_vi.to_uppercase(), cycle.period.label_vi()),
            None => (template.title_vi.to_uppercase(), cycle.title.clone()),
        };
        let asked =
            || [block::blocks(&signed, printing.account.as_ref()), meeting::blocks(&signed, directory)].concat();
        Some(Self {
            head: OfficialHead::of(printing, &signed),
            title,
            subtitle,
            // A decision names the cadre in its first article.
            about: if ruling.is_some() { Vec::new() } else { about(directory, person, is_account) },
            blocks: ruling.unwrap_or_else(asked),
            closing: Closing::of(printing, &signed),
            seal: printing
                .signature
                .sentence(&name_of(directory, paper.entry.fields.person), (claimed_at(paper), paper.filed)),
            back: format!("/cases/{}/{person}", cycle.id),
            newest: format!("/cases/{}/{person}/papers/{}", cycle.id, paper.kind.word()),
            is_superseded: !paper.is_newest,
            // What an office may edit is said where it edits, not on the paper.
            legal_reference: template.legal_reference.split(';').next().unwrap_or_default().trim().to_owned(),
            is_dated_ahead: head::own_day(&signed).is_some_and(|day| day > paper.filed.vietnamese_day()),
        })
    }
}

/// When the author says that they signed, by the clock of their phone.
fn claimed_at(paper: &FiledPaper) -> Timestamp {
    Timestamp::from_utc_ms(paper.submit.claimed_ms)
}

/// The day of the signature: what the phone's clock said, unless that cannot be, because it is after the paper came or so
/// long before that the clock was never set; then the day on which it came.
pub(crate) fn signed_day(paper: &FiledPaper) -> Day {
    let (claimed, filed) = (claimed_at(paper).vietnamese_day(), paper.filed.vietnamese_day());
    let is_likely = (0..=OFFLINE_DAYS_MAX).contains(&claimed.days_until(filed));
    if is_likely { claimed } else { filed }
}

/// Days that a paper may have waited on a phone before its date is doubted: longer than any cycle is open.
const OFFLINE_DAYS_MAX: i32 = 366;

fn about(directory: &Directory, person: PersonId, is_account: bool) -> Vec<(&'static str, String)> {
    let name = if is_account { "Họ và tên" } else { "Họ và tên cán bộ được đánh giá" };
    let mut lines = vec![(name, name_of(directory, person))];
    if let Some(CadreInPost { assignment, .. }) = held(directory, person) {
        let unit = directory.units.get(&assignment.unit);
        let unit = unit.map_or_else(|| UNKNOWN_UNIT.to_owned(), |unit| unit.name_vi.clone());
        lines.push(("Chức vụ, chức danh", assignment.title.clone()));
        lines.push(("Cơ quan, tổ chức, đơn vị công tác", unit));
    }
    lines
}

#[cfg(test)]
mod tests;
