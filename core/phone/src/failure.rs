//! Why an intent was not carried out. Everything committed before is untouched, in every case.

use model::answer::AnswerRejected;
use model::ballot::BallotRefused;
use model::case::findings::Contradiction;
use model::case::{CaseState, StepRefused};
use model::feedback::FeedbackRefused;
use model::slip::SlipRefused;

use crate::guest::GuestRefused;
use crate::store::StoreFailed;
use crate::work::WorkFailed;

/// What a screen must handle. It translates variants, never messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum Failure {
    /// The store failed.
    #[error("the store failed: {source}")]
    Store {
        /// How.
        source: StoreFailed,
    },
    /// The answer breaks a rule of its question.
    #[error("the answer is not taken: {source}")]
    Rejected {
        /// Which rule.
        source: AnswerRejected,
    },
    /// The exchange with the server failed.
    #[error("the exchange failed: {source}")]
    Exchange {
        /// How.
        source: ExchangeFailed,
    },
    /// The device is not enrolled yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The enrolment code cannot be read, or its time is over, or it was used.
    #[error("the enrolment code is not good")]
    BadCode,
    /// This device belongs to another office; its papers are never handed to a second one.
    #[error("this device belongs to another office")]
    OtherOffice,
    /// There is no such paper, question, line or cycle on this phone.
    #[error("this is not on the phone")]
    NotHere,
    /// The task line breaks a rule.
    #[error("the task line is not taken")]
    LineRejected,
    /// Something is missing or waits for a choice, so the form cannot be submitted yet.
    #[error("the form is not complete")]
    Incomplete {
        /// The first question that keeps it from being submitted; of a feedback, `topic` or `about`.
        question: String,
    },
    /// More was typed than one paper holds.
    #[error("the paper is full")]
    PaperFull,
    /// The paper on this phone cannot be opened; its entries are kept.
    #[error("the paper cannot be opened")]
    PaperDamaged,
    /// The step of a case cannot be taken, as far as this phone knows.
    #[error("the step is not taken: {source}")]
    Step {
        /// Why.
        source: StepRefused,
    },
    /// An earlier step that was taken here in the same case still waits to be sent.
    #[error("an earlier step of this case waits to be sent")]
    StepWaits,
    /// Somebody with another role writes this paper about this cadre.
    #[error("another role writes this paper")]
    OtherRole,
    /// The paper says something else than what lies in the case.
    #[error("the paper contradicts the case: {source}")]
    Contradicts {
        /// Where they part.
        source: Contradiction,
    },
    /// The case is not where this paper may be signed, as far as this phone knows.
    #[error("the case is not where this paper may be signed")]
    NotNow {
        /// Where it is.
        state: CaseState,
    },
    /// The slip is mistyped, of another round, or something else.
    #[error("the slip is not taken: {source}")]
    Slip {
        /// Why.
        source: SlipRefused,
    },
    /// What a resident gave does not fit its question.
    #[error("the answer is not taken: {source}")]
    Ballot {
        /// Why.
        source: BallotRefused,
    },
    /// What a resident says cannot be sent.
    #[error("what is said is not taken: {source}")]
    Feedback {
        /// Why.
        source: FeedbackRefused,
    },
    /// Nobody touched what a resident said for a quarter of an hour: it is erased, and is begun anew.
    #[error("what was said is erased")]
    AnswersErased,
    /// The round takes feedback instead of ballots, or ballots instead of feedback.
    #[error("the round takes something else")]
    OtherKind,
    /// The round takes nothing today, or the box of this phone is sealed.
    #[error("nothing is cast in this round now")]
    RoundClosed,
    /// Another resident's answers wait for their slip.
    #[error("another resident's answers wait for their slip")]
    AnswersWait,
    /// The box of this phone is full; another phone of the round takes the ballot.
    #[error("the box of this phone is full")]
    BoxFull,
    /// Nothing can be sealed for this round: its key is none.
    #[error("nothing can be sealed for this round")]
    RoundDamaged,
}

/// Why one round with the server did not finish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ExchangeFailed {
    /// No reply in time; the ordinary case in the hills.
    #[error("the server could not be reached")]
    Unreachable,
    /// The server asks to come back later.
    #[error("the server asks to wait {seconds} seconds")]
    Busy {
        /// As the server asked, at most an hour.
        seconds: u32,
    },
    /// Something answered that is not our server.
    #[error("the reply is not our server's")]
    ForeignServer,
    /// The server speaks only newer versions.
    #[error("this app is too old for the server")]
    AppTooOld,
    /// Another exchange of this phone is under way; it carries everything that waits.
    #[error("an exchange is under way already")]
    UnderWay,
    /// The person or the system ended it.
    #[error("the exchange was cancelled")]
    Cancelled,
}

impl Failure {
    /// What the facade exports as `retryable`.
    pub(crate) fn may_go_well_later(&self) -> bool {
        match self {
            Self::Store { source } => source.retryable(),
            Self::Exchange { source } => source.retryable(),
            Self::Rejected { .. }
            | Self::NotEnrolled
            | Self::BadCode
            | Self::OtherOffice
            | Self::NotHere
            | Self::LineRejected
            | Self::Incomplete { .. }
            | Self::PaperFull
            | Self::PaperDamaged
            | Self::Step { .. }
            | Self::StepWaits
            | Self::OtherRole
            | Self::Contradicts { .. }
            | Self::NotNow { .. }
            | Self::Slip { .. }
            | Self::Ballot { .. }
            | Self::Feedback { .. }
            | Self::AnswersErased
            | Self::OtherKind
            | Self::RoundClosed
            | Self::AnswersWait
            | Self::BoxFull
            | Self::RoundDamaged => false,
        }
    }
}

impl ExchangeFailed {
    /// Whether the exchange may go well later without anybody doing something.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable | Self::Busy { .. } | Self::UnderWay | Self::Cancelled => true,
            Self::ForeignServer | Self::AppTooOld => false,
        }
    }
}

impl From<GuestRefused> for Failure {
    fn from(refused: GuestRefused) -> Self {
        match refused {
            GuestRefused::Store(source) => Self::Store { source },
            GuestRefused::Slip(source) => Self::Slip { source },
            GuestRefused::Ballot(source) => Self::Ballot { source },
            GuestRefused::NotOpen => Self::RoundClosed,
            GuestRefused::DraftWaits => Self::AnswersWait,
            GuestRefused::BoxFull => Self::BoxFull,
            GuestRefused::Feedback(source) => Self::Feedback { source },
            GuestRefused::NotChosen { what } => Self::Incomplete { question: what.to_owned() },
            GuestRefused::Erased => Self::AnswersErased,
            GuestRefused::OtherKind => Self::OtherKind,
            GuestRefused::NoKey => Self::RoundDamaged,
        }
    }
}

impl From<StoreFailed> for Failure {
    fn from(source: StoreFailed) -> Self {
        Self::Store { source }
    }
}

impl From<AnswerRejected> for Failure {
    fn from(source: AnswerRejected) -> Self {
        Self::Rejected { source }
    }
}

impl From<StepRefused> for Failure {
    fn from(source: StepRefused) -> Self {
        Self::Step { source }
    }
}

impl From<Contradiction> for Failure {
    fn from(source: Contradiction) -> Self {
        Self::Contradicts { source }
    }
}

impl From<ExchangeFailed> for Failure {
    fn from(source: ExchangeFailed) -> Self {
        Self::Exchange { source }
    }
}

impl From<WorkFailed> for Failure {
    fn from(failed: WorkFailed) -> Self {
        match failed {
            WorkFailed::Store(source) => Self::Store { source },
            WorkFailed::Document(_) => Self::PaperDamaged,
            WorkFailed::Entry(_) => Self::PaperFull,
            WorkFailed::Disputed => Self::Incomplete { question: String::new() },
            WorkFailed::NothingHeld | WorkFailed::NothingSubmitted => Self::NotHere,
        }
    }
}
