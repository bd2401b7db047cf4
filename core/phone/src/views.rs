//! Values ready to show: what a screen needs, already decided.

pub mod ballot;
pub mod case;
pub mod feedback;
pub mod minutes;

use model::answer::Answer;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::completion::{Gap, SectionProgress};
use model::form::Question;
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, TaskId};
use model::rating::Rating;
use model::refusal::Refusal;
use model::score::{LiveScore, ScoreRefused};
use model::task::TaskLine;

use crate::delivery::Delivery;

/// The four words of a paper. They cannot lie: the last one needs a verified receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, uniffi::Enum)]
pub enum PaperStatus {
    /// Đang làm: not submitted, or edited since.
    Draft,
    /// Chờ gửi: submitted here, the server's word is not there yet.
    Waiting,
    /// Đang gửi: on its way at this moment.
    Sending,
    /// Máy chủ đã nhận: in the server's log, as safely as it promises.
    Received,
}

/// What a decision about a paper came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, uniffi::Enum)]
pub enum PaperCase {
    /// Nothing was decided yet.
    Open,
    /// Asked back for completion; the reason is in the history.
    Returned,
    /// Taken as complete.
    Accepted,
}

/// A cycle that the person takes part in.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct CycleItem {
    /// Which.
    pub cycle: CycleId,
    /// What people call it.
    pub title: String,
    /// What it looks back on, as the head of a form says it: "Quý III năm 2026".
    pub period_vi: String,
    /// The same in English.
    pub period_en: String,
    /// The last day, `dd/MM/yyyy`.
    pub closes: String,
    /// Days until then; negative when it is over.
    pub days_left: i32,
    /// The person's paper, if it was begun.
    pub paper: Option<DocumentId>,
}

/// A self-assessment in a list.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PaperItem {
    /// Which.
    pub paper: DocumentId,
    /// Whose; of another paper of a case, whom it is about.
    pub person_name: String,
    /// Of which period; empty until the paper was opened once.
    pub cycle_title: String,
    /// How far it has come.
    pub status: PaperStatus,
    /// What was decided about it.
    pub case: PaperCase,
    /// Questions answered, of those that are shown; none until the paper was opened once.
    pub answered: Option<u32>,
    /// Questions shown.
    pub shown: Option<u32>,
    /// Points in hundredths by the score so far.
    pub total_hundredths: Option<u32>,
    /// Questions where two values wait for a choice.
    pub disputes: u32,
    /// Edits that came after the submission in force; they are kept and not counted. None until the paper was opened.
    pub late_edits: Option<u32>,
    /// Entries of this paper that were refused.
    pub refused: u32,
}

/// A self-assessment or another paper of a case, open.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PaperView {
    /// What the list shows of it.
    pub item: PaperItem,
    /// What it is.
    pub kind: PaperKind,
    /// The form's title in the person's language is taken from here.
    pub form_title_vi: String,
    /// The same in English.
    pub form_title_en: String,
    /// Progress by section, in the order of the form.
    pub sections: Vec<SectionProgress>,
    /// The first question that keeps the form from being submitted.
    pub first_gap: Option<String>,
    /// The first page.
    pub first_page: Option<String>,
    /// Where the person was last.
    pub position: Option<String>,
    /// What the answers come to so far, if the rules of the cycle are here; a law without points gives no points.
    pub score: Option<LiveScore>,
    /// Why there is none although the rules are here: an answer that form and rules understand differently.
    pub score_refused: Option<ScoreRefused>,
    /// The level by those points and tasks: "theo điểm", never a rating.
    pub level_by_score: Option<Rating>,
    /// Lines of the task table.
    pub lines: Vec<LineView>,
    /// What waits for a choice.
    pub disputes: Vec<DisputeView>,
    /// Whether nothing keeps it from being submitted.
    pub is_complete: bool,
}

/// One question on its page.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct QuestionView {
    /// Label, hint, kind, options.
    pub question: Question,
    /// Key of its section.
    pub section: String,
    /// The answer, if there is one that nobody disputes.
    pub answer: Option<Answer>,
    /// Its page, counted from 1.
    pub page: u32,
    /// Pages of the form as it is shown now.
    pub pages: u32,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// Whether it must be answered.
    pub is_required: bool,
    /// Why it keeps the form from being submitted.
    pub gap: Option<Gap>,
    /// Both sides, if two values wait for a choice.
    pub dispute: Option<DisputeView>,
}

/// A line of the task table.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct LineView {
    /// Which.
    pub id: TaskId,
    /// The line, if it is whole; an incomplete one is completed or removed before submitting.
    pub line: Option<TaskLine>,
    /// Its name, also while it is incomplete.
    pub name: String,
}

/// Two or more values of one field, written at the same time.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct DisputeView {
    /// The field.
    pub field: String,
    /// The question that waits for it.
    pub question: String,
    /// Every side; none is the right one by itself.
    pub sides: Vec<SideView>,
}

/// One side of a dispute.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct SideView {
    /// The change that wrote it: what is chosen.
    pub by: EntryHash,
    /// The value in words and figures.
    pub value: String,
    /// Who wrote it.
    pub person_name: String,
    /// On this very device.
    pub is_own_device: bool,
    /// When, by that device's clock: `dd/MM/yyyy HH:mm`.
    pub written: String,
}

/// One thing that happened to a paper.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct HistoryItem {
    /// The entry.
    pub entry: EntryHash,
    /// What it was.
    pub act: HistoryAct,
    /// Who did it.
    pub person_name: String,
    /// When, by the author's clock: `dd/MM/yyyy HH:mm`.
    pub written: String,
    /// How far it has come.
    pub delivery: Delivery,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// Whether it has effect, once the server said so; a decision without effect is shown as such.
    pub counts: Option<bool>,
    /// The number of its receipt.
    pub receipt_number: Option<u64>,
}

/// What a person did.
#[derive(Clone, PartialEq, Debug, uniffi::Enum)]
pub enum HistoryAct {
    /// Edited the draft.
    Edited,
    /// Submitted it, or corrected an earlier submission.
    Submitted {
        /// Whether it names an earlier one.
        is_correction: bool,
    },
    /// Asked it back.
    Returned {
        /// Why.
        reason: String,
    },
    /// Took another step of the case.
    Stepped {
        /// Where the case is since.
        to: CaseState,
    },
    /// Filed a signed paper in the case.
    Filed {
        /// What it is.
        paper: PaperKind,
    },
}

/// What one synchronisation did.
#[derive(Clone, PartialEq, Eq, Debug, Default, uniffi::Record)]
pub struct ExchangeSummary {
    /// Requests made.
    pub requests: u32,
    /// Entries sent.
    pub sent: u64,
    /// Rows received.
    pub received: u64,
    /// Entries that still wait.
    pub waiting: u64,
    /// Bytes sent, without headers.
    pub bytes_up: u64,
    /// Bytes received, without headers.
    pub bytes_down: u64,
}

/// Where this phone stands with the office.
#[derive(Clone, PartialEq, Debug, uniffi::Enum)]
pub enum Standing {
    /// No enrolment code was read yet.
    New,
    /// The office must compare these four words and approve.
    Waiting {
        /// Shown on both screens.
        words: Vec<String>,
    },
    /// At work.
    Enrolled {
        /// Whose phone it is.
        person_name: String,
        /// Whether the server keeps a second copy; without one its promise covers one fault.
        is_copied: bool,
        /// Entries that wait to be sent.
        waiting: u64,
        /// Shown on both screens while the office has not approved a further code that this phone read.
        words: Option<Vec<String>>,
    },
}
