//! The papers of a case: who writes each, and while the case is where.
//!
//! A paper is drafted in its author's own space, where nobody else reads it; signed, it is filed in the space of the case
//! (see [`super::filed`]). What a paper asks is a form like any other. Source: domain 2.1 and 5.1-5.8.

use minicbor::{Decode, Encode};

use super::CaseState;
use crate::membership::Role;

/// What a paper of a case is. Numbers are on the wire and never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode, uniffi::Enum)]
#[cbor(index_only)]
pub enum PaperKind {
    /// Phiếu tự đánh giá.
    #[n(1)]
    SelfAssessment,
    /// Phiếu nhận xét nơi cư trú.
    #[n(2)]
    ResidenceOpinion,
    /// Nhận xét của đơn vị cũ, of a cadre who was transferred.
    #[n(3)]
    OldUnitComment,
    /// Biên bản cuộc họp nhận xét, đánh giá.
    #[n(4)]
    Minutes,
    /// Nhận xét của cấp ủy.
    #[n(5)]
    PartyComment,
    /// Ý kiến của người đứng đầu, with the proposed level.
    #[n(6)]
    HeadComment,
    /// Quyết định xếp loại; a second one after an appeal replaces the first.
    #[n(7)]
    Decision,
    /// Thông báo kết quả.
    #[n(8)]
    Notice,
    /// Kiến nghị.
    #[n(9)]
    Appeal,
    /// What the people of the unit read: level and summary.
    #[n(10)]
    Publication,
    /// What came of an appeal: the decision is kept, or a new one replaces it.
    #[n(11)]
    AppealOutcome,
    /// Xác nhận thời gian công tác: the months of the period, on which it depends who is rated and how high.
    #[n(12)]
    ServiceRecord,
}

/// Who writes a paper and when.
struct PaperRule {
    kind: PaperKind,
    /// The word in documents.
    word: &'static str,
    /// Code of the form that it follows; none for the self-assessment, whose form the cycle pins.
    form: Option<&'static str>,
    author: Role,
    /// Where the case is while it may be signed; nothing where there is no case yet.
    states: &'static [Option<CaseState>],
}

/// Where a case is before somebody decided, and when a decision is looked at again because the months may be wrong.
const WHILE_MONTHS_COUNT: [Option<CaseState>; 10] = [
    None,
    Some(CaseState::Excused),
    Some(CaseState::Submitted),
    Some(CaseState::Returned),
    Some(CaseState::OpinionsOpen),
    Some(CaseState::OpinionsClosed),
    Some(CaseState::UnderReview),
    Some(CaseState::AwaitingComments),
    Some(CaseState::Proposed),
    Some(CaseState::Appealed),
];

/// One row for every paper. A decision may be signed again while the case is decided: two under one number must be
/// replaced by a third before anybody is notified. Source: domain 2.1.
const PAPERS: [PaperRule; 12] = [
    PaperRule {
        kind: PaperKind::SelfAssessment,
        word: "self_assessment",
        form: None,
        author: Role::Subject,
        states: &[None, Some(CaseState::Excused), Some(CaseState::Submitted), Some(CaseState::Returned)],
    },
    PaperRule {
        kind: PaperKind::ServiceRecord,
        word: "service_record",
        form: Some("SERVICE-RECORD"),
        author: Role::PersonnelOffice,
        states: &WHILE_MONTHS_COUNT,
    },
    PaperRule {
        kind: PaperKind::ResidenceOpinion,
        word: "residence_opinion",
        form: Some("RES-OPINION"),
        author: Role::FrontHead,
        states: &[Some(CaseState::OpinionsOpen)],
    },
    PaperRule {
        kind: PaperKind::OldUnitComment,
        word: "old_unit_comment",
        form: Some("OLD-UNIT-COMMENT"),
        author: Role::FormerHead,
        states: &[Some(CaseState::OpinionsOpen), Some(CaseState::OpinionsClosed), Some(CaseState::UnderReview)],
    },
    PaperRule {
        kind: PaperKind::Minutes,
        word: "minutes",
        form: Some("MINUTES"),
        author: Role::Secretary,
        states: &[Some(CaseState::UnderReview)],
    },
    PaperRule {
        kind: PaperKind::PartyComment,
        word: "party_comment",
        form: Some("PARTY-COMMENT"),
        author: Role::PartyCommittee,
        states: &[Some(CaseState::AwaitingComments)],
    },
    PaperRule {
        kind: PaperKind::HeadComment,
        word: "head_comment",
        form: Some("HEAD-COMMENT"),
        author: Role::Head,
        states: &[Some(CaseState::AwaitingComments)],
    },
    PaperRule {
        kind: PaperKind::Decision,
        word: "decision",
        form: Some("DECISION"),
        author: Role::Authority,
        states: &[
            Some(CaseState::Excused),
            Some(CaseState::Proposed),
            Some(CaseState::Decided),
            Some(CaseState::Appealed),
        ],
    },
    PaperRule {
        kind: PaperKind::Notice,
        word: "notice",
        form: Some("NOTICE"),
        author: Role::PersonnelOffice,
        states: &[Some(CaseState::Decided)],
    },
    PaperRule {
        kind: PaperKind::Appeal,
        word: "appeal",
        form: Some("APPEAL"),
        author: Role::Subject,
        states: &[Some(CaseState::Notified)],
    },
    PaperRule {
        kind: PaperKind::AppealOutcome,
        word: "appeal_outcome",
        form: Some("APPEAL-OUTCOME"),
        author: Role::Authority,
        states: &[Some(CaseState::Appealed)],
    },
    PaperRule {
        kind: PaperKind::Publication,
        word: "publication",
        form: Some("PUBLICATION"),
        author: Role::PersonnelOffice,
        states: &[Some(CaseState::Notified)],
    },
];

impl PaperKind {
    /// Every kind, in the order in which they are written.
    pub const ALL: [Self; 12] = [
        Self::ServiceRecord,
        Self::SelfAssessment,
        Self::ResidenceOpinion,
        Self::OldUnitComment,
        Self::Minutes,
        Self::PartyComment,
        Self::HeadComment,
        Self::Decision,
        Self::Notice,
        Self::Appeal,
        Self::AppealOutcome,
        Self::Publication,
    ];

    /// The word in documents.
    pub fn word(self) -> &'static str {
        self.rule().word
    }

    /// The kind that a word names, if this version knows it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Name on a Vietnamese screen.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::SelfAssessment => "Phiếu tự đánh giá",
            Self::ResidenceOpinion => "Phiếu nhận xét nơi cư trú",
            Self::OldUnitComment => "Nhận xét của đơn vị cũ",
            Self::Minutes => "Biên bản cuộc họp nhận xét, đánh giá",
            Self::PartyComment => "Nhận xét của cấp ủy",
            Self::HeadComment => "Ý kiến của người đứng đầu",
            Self::Decision => "Quyết định xếp loại",
            Self::Notice => "Thông báo kết quả",
            Self::Appeal => "Kiến nghị",
            Self::Publication => "Bản công khai kết quả",
            Self::AppealOutcome => "Kết quả giải quyết kiến nghị",
            Self::ServiceRecord => "Xác nhận thời gian công tác",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::SelfAssessment => "Self-assessment",
            Self::ResidenceOpinion => "Opinion from the place of residence",
            Self::OldUnitComment => "Comment of the former unit",
            Self::Minutes => "Minutes of the review meeting",
            Self::PartyComment => "Comment of the party committee",
            Self::HeadComment => "Comment of the head",
            Self::Decision => "Decision on the level",
            Self::Notice => "Notice of the result",
            Self::Appeal => "Appeal",
            Self::Publication => "Published result",
            Self::AppealOutcome => "Outcome of the appeal",
            Self::ServiceRecord => "Record of service",
        }
    }

    /// Code of the form that it follows; none for the self-assessment, whose form the cycle pins.
    pub fn form_code(self) -> Option<&'static str> {
        self.rule().form
    }

    /// Whether several people write it together, in a space of its own.
    pub fn is_shared(self) -> bool {
        self == Self::Minutes
    }

    /// Who writes it; of minutes, who signs them.
    pub fn author(self) -> Role {
        self.rule().author
    }

    /// Whether somebody in this role may sign it while the case is there.
    pub fn may_be_signed(self, role: Role, state: Option<CaseState>) -> bool {
        let rule = self.rule();
        role == rule.author && rule.states.contains(&state)
    }

    fn rule(self) -> &'static PaperRule {
        PAPERS.iter().find(|rule| rule.kind == self).expect("a test finds every kind in the table")
    }
}
