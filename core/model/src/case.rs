//! One cadre's evaluation case: its states, who takes which step, and which signed paper must lie on the table first.
//!
//! The whole procedure is [`STEPS`], one row for every way from one state to another; whoever wants to know what may happen
//! asks this table, on the server, in the office and on a phone alike. What is in force is a fold in log order, so of two
//! steps that follow the same one only the first counts. Source: domain 2.1, exchange rule R11.

use minicbor::{Decode, Encode};

use crate::case::paper::PaperKind;
use crate::membership::Role;

pub mod filed;
pub mod findings;
pub mod paper;
pub mod service;

/// Who may read a case: everybody who holds one of these roles over the cadre. The others file into it and read what is
/// theirs.
pub const READERS: [Role; 6] =
    [Role::Subject, Role::Head, Role::PersonnelOffice, Role::Supervisor, Role::PartyCommittee, Role::Authority];

/// Where a case is, from the first submission on. Numbers are on the wire and never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode, uniffi::Enum)]
#[cbor(index_only)]
pub enum CaseState {
    /// Asked back for completion, with a reason.
    #[n(1)]
    Returned,
    /// Taken as complete by the head or the personnel office; opinions are gathered.
    #[n(2)]
    OpinionsOpen,
    /// The cadre submitted a self-assessment.
    #[n(3)]
    Submitted,
    /// No opinion is taken any more.
    #[n(4)]
    OpinionsClosed,
    /// The unit reviews the work of the period in a meeting.
    #[n(5)]
    UnderReview,
    /// The party committee comments, then the head.
    #[n(6)]
    AwaitingComments,
    /// The head proposed a level.
    #[n(7)]
    Proposed,
    /// The competent authority decided.
    #[n(8)]
    Decided,
    /// The cadre was told in writing; an appeal may follow.
    #[n(9)]
    Notified,
    /// The cadre appealed; the authority decides again.
    #[n(10)]
    Appealed,
    /// The result was shown to the people of the unit.
    #[n(11)]
    Published,
    /// Filed in the cadre's dossier.
    #[n(12)]
    Archived,
    /// Maternity leave left too few months: no self-assessment is asked for, and nobody rates.
    #[n(13)]
    Excused,
}

impl CaseState {
    /// Every state, in the order in which a case without trouble goes through them.
    pub const ALL: [Self; 13] = [
        Self::Excused,
        Self::Submitted,
        Self::Returned,
        Self::OpinionsOpen,
        Self::OpinionsClosed,
        Self::UnderReview,
        Self::AwaitingComments,
        Self::Proposed,
        Self::Decided,
        Self::Notified,
        Self::Appealed,
        Self::Published,
        Self::Archived,
    ];

    /// Name on a Vietnamese screen.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Excused => "Được miễn tự đánh giá",
            Self::Submitted => "Đã nộp phiếu tự đánh giá",
            Self::Returned => "Trả lại để bổ sung",
            Self::OpinionsOpen => "Đang lấy ý kiến",
            Self::OpinionsClosed => "Đã lấy xong ý kiến",
            Self::UnderReview => "Họp nhận xét, đánh giá",
            Self::AwaitingComments => "Chờ nhận xét của cấp ủy và cấp trưởng",
            Self::Proposed => "Đã đề xuất mức xếp loại",
            Self::Decided => "Đã có quyết định",
            Self::Notified => "Đã thông báo kết quả",
            Self::Appealed => "Có kiến nghị",
            Self::Published => "Đã công khai trong đơn vị",
            Self::Archived => "Đã lưu hồ sơ",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Excused => "Excused from the self-assessment",
            Self::Submitted => "Self-assessment submitted",
            Self::Returned => "Returned for completion",
            Self::OpinionsOpen => "Opinions being gathered",
            Self::OpinionsClosed => "Opinions gathered",
            Self::UnderReview => "Under review in a meeting",
            Self::AwaitingComments => "Waiting for the party committee's and the head's comments",
            Self::Proposed => "Level proposed",
            Self::Decided => "Decided",
            Self::Notified => "Cadre notified",
            Self::Appealed => "Appealed",
            Self::Published => "Published in the unit",
            Self::Archived => "Filed in the dossier",
        }
    }
}

impl Step {
    /// What somebody does who takes it, on a Vietnamese button.
    pub fn action_vi(&self) -> &'static str {
        match (self.from, self.to) {
            (_, CaseState::Excused) => "Miễn tự đánh giá",
            (_, CaseState::Submitted) => "Nộp phiếu tự đánh giá",
            (_, CaseState::Returned) => "Trả lại để bổ sung",
            (_, CaseState::OpinionsOpen) => "Nhận phiếu và lấy ý kiến",
            (_, CaseState::OpinionsClosed) => "Kết thúc lấy ý kiến",
            (_, CaseState::UnderReview) => "Đưa ra họp nhận xét, đánh giá",
            (_, CaseState::AwaitingComments) => "Kết thúc họp, chờ nhận xét",
            (_, CaseState::Proposed) => "Trình mức xếp loại đề nghị",
            (Some(CaseState::Appealed), CaseState::Decided) => "Trả lời kiến nghị",
            (_, CaseState::Decided) => "Ban hành quyết định",
            (_, CaseState::Notified) => "Thông báo cho người được đánh giá",
            (_, CaseState::Appealed) => "Gửi kiến nghị",
            (_, CaseState::Published) => "Công khai trong đơn vị",
            (_, CaseState::Archived) => "Lưu hồ sơ",
        }
    }

    /// The same on an English one.
    pub fn action_en(&self) -> &'static str {
        match (self.from, self.to) {
            (_, CaseState::Excused) => "Excuse from the self-assessment",
            (_, CaseState::Submitted) => "Submit the self-assessment",
            (_, CaseState::Returned) => "Return for completion",
            (_, CaseState::OpinionsOpen) => "Accept and gather opinions",
            (_, CaseState::OpinionsClosed) => "Close the opinions",
            (_, CaseState::UnderReview) => "Bring before the meeting",
            (_, CaseState::AwaitingComments) => "Close the meeting and wait for comments",
            (_, CaseState::Proposed) => "Propose the level",
            (Some(CaseState::Appealed), CaseState::Decided) => "Answer the appeal",
            (_, CaseState::Decided) => "Issue the decision",
            (_, CaseState::Notified) => "Notify the cadre",
            (_, CaseState::Appealed) => "Appeal",
            (_, CaseState::Published) => "Publish in the unit",
            (_, CaseState::Archived) => "File in the dossier",
        }
    }
}

/// One way from a state to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Where the case is before; none where there is no case yet.
    pub from: Option<CaseState>,
    /// Where it is then.
    pub to: CaseState,
    /// Who may take it; nobody where the office's server takes it by itself, because a paper was submitted.
    pub by: &'static [Role],
    /// What the step is about: a paper of this kind, signed and filed since the state before began.
    pub about: PaperKind,
    /// Whether a reason must be given.
    pub is_explained: bool,
}

/// Every step of a case; what is not here cannot happen. Source: domain 2.1, the order of which is PROPOSED.
pub const STEPS: [Step; 17] = [
    step(None, CaseState::Excused, &[], PaperKind::ServiceRecord),
    step(Some(CaseState::Excused), CaseState::Submitted, &[], PaperKind::SelfAssessment),
    step(Some(CaseState::Excused), CaseState::Decided, &[Role::Authority], PaperKind::Decision),
    step(None, CaseState::Submitted, &[], PaperKind::SelfAssessment),
    step(Some(CaseState::Returned), CaseState::Submitted, &[], PaperKind::SelfAssessment),
    Step {
        is_explained: true,
        ..step(
            Some(CaseState::Submitted),
            CaseState::Returned,
            &[Role::Head, Role::PersonnelOffice],
            PaperKind::SelfAssessment,
        )
    },
    step(
        Some(CaseState::Submitted),
        CaseState::OpinionsOpen,
        &[Role::Head, Role::PersonnelOffice],
        PaperKind::SelfAssessment,
    ),
    step(
        Some(CaseState::OpinionsOpen),
        CaseState::OpinionsClosed,
        &[Role::PersonnelOffice],
        PaperKind::ResidenceOpinion,
    ),
    step(Some(CaseState::OpinionsClosed), CaseState::UnderReview, &[Role::Head], PaperKind::SelfAssessment),
    step(Some(CaseState::UnderReview), CaseState::AwaitingComments, &[Role::Head], PaperKind::Minutes),
    step(Some(CaseState::AwaitingComments), CaseState::Proposed, &[Role::Head], PaperKind::HeadComment),
    step(Some(CaseState::Proposed), CaseState::Decided, &[Role::Authority], PaperKind::Decision),
    step(Some(CaseState::Decided), CaseState::Notified, &[Role::PersonnelOffice], PaperKind::Notice),
    step(Some(CaseState::Notified), CaseState::Appealed, &[Role::Subject], PaperKind::Appeal),
    step(Some(CaseState::Appealed), CaseState::Decided, &[Role::Authority], PaperKind::AppealOutcome),
    step(Some(CaseState::Notified), CaseState::Published, &[Role::PersonnelOffice], PaperKind::Publication),
    step(Some(CaseState::Published), CaseState::Archived, &[Role::PersonnelOffice], PaperKind::Publication),
];

const fn step(from: Option<CaseState>, to: CaseState, by: &'static [Role], about: PaperKind) -> Step {
    Step { from, to, by, about, is_explained: false }
}

/// The step between two states, if there is one.
pub fn find_step(from: Option<CaseState>, to: CaseState) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.from == from && step.to == to)
}

/// Why a step cannot be taken. The case stays where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum StepRefused {
    /// No step leads from here to there.
    #[error("no step leads from the present state to that one")]
    NoSuchStep,
    /// Somebody else takes it.
    #[error("another role takes this step")]
    OtherRole,
    /// No reason was given.
    #[error("a reason is missing")]
    NoReason,
    /// The paper that it is about was not filed since the present state began.
    #[error("the paper of this step was not filed yet")]
    NoPaper {
        /// Which paper.
        paper: PaperKind,
    },
    /// The paper that it names is not the newest one of its kind that was filed.
    #[error("the step is about another paper")]
    OtherPaper,
    /// Two different decisions bear the same number in the case; the next one must replace both first.
    #[error("two different decisions stand side by side")]
    TwoDecisions,
}

#[cfg(test)]
mod tests;
