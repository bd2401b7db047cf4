//! Why a step of the holders ended.

use std::path::PathBuf;

use model::opening::InputRefused;
use model::outcome::OutcomeRefused;
use model::round::NotSigned;
use model::time::Day;

use crate::count::CountRefused;
use crate::files::FileFault;
use crate::frozen::BoxRefused;
use crate::intake::IntakeRefused;
use crate::packet::PacketRefused;
use crate::passphrase::PassphraseRefused;
use crate::plan::PlanRefused;
use crate::share::ShareRefused;

/// Why a step of the holders ended. Nothing was written unless it is said.
#[derive(Debug, thiserror::Error)]
pub enum OpenerFailed {
    /// A file.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The office's plan.
    #[error(transparent)]
    Plan(#[from] PlanRefused),
    /// A passphrase that is to be set.
    #[error(transparent)]
    Passphrase(#[from] PassphraseRefused),
    /// A share.
    #[error(transparent)]
    Share(#[from] ShareRefused),
    /// The file of the opening.
    #[error(transparent)]
    Input(#[from] InputRefused),
    /// The box, before its grace day is over.
    #[error("the round takes envelopes until {grace}, today is {today}")]
    TooEarly {
        /// The last day for what is late.
        grace: Day,
        /// The machine's day.
        today: Day,
    },
    /// The count.
    #[error(transparent)]
    Count(#[from] CountRefused),
    /// The screeners and their packets.
    #[error(transparent)]
    Packet(#[from] PacketRefused),
    /// What residents say on their own.
    #[error(transparent)]
    Intake(#[from] IntakeRefused),
    /// A result.
    #[error(transparent)]
    Outcome(#[from] OutcomeRefused),
    /// An announcement that is none.
    #[error(transparent)]
    NotSigned(#[from] NotSigned),
    /// The round asks for texts, and nobody was named to screen them.
    #[error("nobody was named to screen the texts")]
    NoScreeners,
    /// A question without anybody to answer it.
    #[error("nobody is at the terminal to answer")]
    NobodyThere,
    /// The people at the table stopped.
    #[error("the people at the table stopped")]
    Stopped,
    /// The pair that counts again is the pair that counted first.
    #[error("the same pair counted first")]
    SamePair,
    /// Things speak against the count, each was said, and not every one has its reason.
    #[error("{needed} reasons are needed")]
    ReasonsMissing {
        /// How many things.
        needed: usize,
    },
    /// Nobody confirmed that the sheets are printed: they are still there.
    #[error("nobody confirmed that the sheets are printed")]
    NotPrinted {
        /// The file of the sheets.
        sheets: PathBuf,
        /// The folder of the ceremony.
        folder: PathBuf,
    },
    /// The file is not that of the ceremony's sheets: nothing is wiped.
    #[error("the file does not hold the sheets of this ceremony")]
    NotTheSheets {
        /// The file.
        file: PathBuf,
    },
    /// The sheets were never looked at, so that nobody can have printed them.
    #[error("the sheets were never opened")]
    NotLookedAt,
    /// The system does not let us wait for signals.
    #[error("signals cannot be waited for")]
    NoWatch,
    /// The pages for the browser of this machine.
    #[error("the local page cannot be served")]
    NoPage,
}

impl From<BoxRefused> for OpenerFailed {
    fn from(refused: BoxRefused) -> Self {
        match refused {
            BoxRefused::File(fault) => Self::File(fault),
            BoxRefused::TooEarly { grace, today } => Self::TooEarly { grace, today },
            BoxRefused::Input(refused) => Self::Input(refused),
        }
    }
}
