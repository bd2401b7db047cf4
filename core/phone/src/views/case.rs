//! Values of an evaluation case, ready to show to whoever holds a role in it.

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::identity::{CycleId, DocumentId, PersonId};
use model::membership::Role;
use model::refusal::Refusal;
use model::task::TaskLine;

use super::PaperStatus;
use super::minutes::AttendeeView;
use crate::delivery::Delivery;

/// Whose turn it is in a case, in the order in which cases are listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, uniffi::Enum)]
pub enum CaseTurn {
    /// Something that this person did was refused; they must look.
    Refused,
    /// This person can go on.
    Own,
    /// Something that this person did waits to be sent.
    Waiting,
    /// Somebody else goes on, or nobody does.
    Others,
}

/// A case that this phone is in.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct CaseItem {
    /// Which.
    pub case: DocumentId,
    /// Of which cycle.
    pub cycle: CycleId,
    /// What people call the cycle.
    pub cycle_title: String,
    /// Whose.
    pub person: PersonId,
    /// Their full name.
    pub person_name: String,
    /// Their post.
    pub post: String,
    /// Where the case is.
    pub state: CaseState,
    /// The same in Vietnamese.
    pub state_vi: String,
    /// The same in English.
    pub state_en: String,
    /// What this phone's person is in the case; none once they were taken out of it.
    pub role: Option<Role>,
    /// The same in Vietnamese; empty without a role.
    pub role_vi: String,
    /// The same in English.
    pub role_en: String,
    /// The step that brought the case where it is.
    pub latest: LatestStep,
    /// What this person may do next; nothing while a step of theirs waits to be sent.
    pub steps: Vec<StepOffer>,
    /// What this person may sign now, and what they signed that is not settled.
    pub papers: Vec<PaperOffer>,
    /// The step that this person took last on this phone, while it waits or after it was refused.
    pub taken: Option<StepTaken>,
    /// Whose turn it is.
    pub turn: CaseTurn,
}

/// The step in force.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct LatestStep {
    /// Who took it; empty where the office's server did, because a form was submitted.
    pub person_name: String,
    /// When, by the author's clock: `dd/MM/yyyy HH:mm`.
    pub taken: String,
    /// Why, where a reason was given.
    pub reason: Option<String>,
}

/// A step that a person may take.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct StepOffer {
    /// Where the case is then.
    pub to: CaseState,
    /// What one does who takes it, in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
    /// Whether a reason must be given.
    pub is_explained: bool,
    /// The paper that must be filed first, if it is not.
    pub missing: Option<MissingPaper>,
}

/// A paper that a step waits for.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct MissingPaper {
    /// Which.
    pub kind: PaperKind,
    /// The same in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
}

/// A step that was taken here and that the case does not show.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct StepTaken {
    /// Where it leads.
    pub to: CaseState,
    /// The same in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
    /// The reason that was given.
    pub reason: Option<String>,
    /// When, by this phone's clock: `dd/MM/yyyy HH:mm`.
    pub taken: String,
    /// How far it has come.
    pub delivery: Delivery,
    /// Why the server did not take it.
    pub refused: Option<RefusedWhy>,
}

/// A refusal in words.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct RefusedWhy {
    /// Which rule.
    pub refusal: Refusal,
    /// The same in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
}

/// A paper that this person may write about somebody, and how far it is.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PaperOffer {
    /// What it is.
    pub kind: PaperKind,
    /// The same in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
    /// The draft, if it was begun.
    pub paper: Option<DocumentId>,
    /// How far it has come.
    pub status: PaperStatus,
    /// Why the server did not take what was signed last.
    pub refused: Option<RefusedWhy>,
    /// Whether it may be signed now, as far as this phone knows; who is not in the case knows nothing that forbids it.
    pub may_be_signed: bool,
    /// Whether the case waits for it: a correction or an appeal may be signed and is nobody's duty.
    pub is_awaited: bool,
}

/// A paper about somebody whose case this phone is not in.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PaperToWrite {
    /// Of which cycle.
    pub cycle: CycleId,
    /// What people call the cycle.
    pub cycle_title: String,
    /// About whom.
    pub person: PersonId,
    /// Their full name.
    pub person_name: String,
    /// Their post.
    pub post: String,
    /// What may be written.
    pub offer: PaperOffer,
}

/// Whether the author's signature under a filed paper fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, uniffi::Enum)]
pub enum SignatureCheck {
    /// A device of the author in this case signed exactly this.
    Holds,
    /// The author's phone is not in this case, so its key is not here; the office vouches for it.
    KeyUnknown,
    /// The signature does not fit, or the paper is not what the office filed it as.
    Broken,
}

/// A signed paper that lies in a case.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct FiledPaper {
    /// What it is.
    pub kind: PaperKind,
    /// The same in Vietnamese.
    pub label_vi: String,
    /// The same in English.
    pub label_en: String,
    /// Who signed it.
    pub person_name: String,
    /// As what.
    pub role: Role,
    /// The same in Vietnamese.
    pub role_vi: String,
    /// The same in English.
    pub role_en: String,
    /// When it was signed, by the author's clock: `dd/MM/yyyy HH:mm`.
    pub signed: String,
    /// When the office filed it, by the server's clock.
    pub filed: String,
    /// Whether the signature fits.
    pub signature: SignatureCheck,
}

/// A filed paper with what it says.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PaperRead {
    /// Which, by whom, when.
    pub paper: FiledPaper,
    /// The form's title.
    pub title_vi: String,
    /// The same in English; may be empty.
    pub title_en: String,
    /// What was asked and answered, in the order of the form.
    pub lines: Vec<AnswerLine>,
    /// The table of tasks of a self-assessment.
    pub tasks: Vec<TaskLine>,
    /// What was said, in minutes.
    pub paragraphs: Vec<String>,
    /// Who was there, in minutes, by name.
    pub attendance: Vec<AttendeeView>,
}

/// A result that the people of a unit may read.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PublishedResult {
    /// The document that it lies in.
    pub result: DocumentId,
    /// Of which cycle.
    pub cycle: CycleId,
    /// What people call the cycle.
    pub cycle_title: String,
    /// Whose.
    pub person: PersonId,
    /// Their full name.
    pub person_name: String,
    /// Their post.
    pub post: String,
    /// When the office filed it: `dd/MM/yyyy HH:mm`.
    pub published: String,
}

/// A question and its answer in words.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct AnswerLine {
    /// Title of the section.
    pub section_vi: String,
    /// The same in English; may be empty.
    pub section_en: String,
    /// What was asked.
    pub question_vi: String,
    /// The same in English; may be empty.
    pub question_en: String,
    /// What was answered.
    pub answer_vi: String,
    /// The same in English.
    pub answer_en: String,
}
