//! Reading what residents say on their own: in batches, screened before anything leaves this machine.
//!
//! The intake reads what is about services and the street with its own file; the rest opens for two of three holders,
//! who do the same steps with their shares. What leaves is a packet of screened cases; what stays, locked, is a ledger of
//! what was read and of the codes that wait for an answer. Source: anonymity A47-A50.

pub mod keys;
pub mod ledger;
pub mod reading;
pub mod replying;

use ed25519_dalek::SigningKey;
use model::feedback::case::IntakePacket;
use model::feedback::intake::Intake;
use model::handshake::public;
use model::round::RoundDefinition;
use model::sealing::RoundKey;
use model::time::Day;

use crate::share::OpenerKeys;
use keys::IntakeKeys;

/// Those who read: what opens for them, and what they sign with.
pub struct Reader {
    key: RoundKey,
    signing: Vec<SigningKey>,
    of: ReaderKind,
}

/// Which of the two keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReaderKind {
    /// About services and the street.
    Intake,
    /// Everything that only two of three holders may read.
    Holders,
}

/// Why nothing is read or answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IntakeRefused {
    /// Another file, a newer version, or damaged.
    #[error("this is no key of an intake")]
    NoKey,
    /// The key file or the ledger is of another round.
    #[error("this is of another round")]
    OtherRound,
    /// The passphrase is another one.
    #[error("the passphrase does not open the key of the intake")]
    WrongPassphrase,
    /// Fewer than five texts wait, and the last batch is too fresh. How many wait is not said.
    #[error("there are not enough texts for a batch yet")]
    TooFew {
        /// From this day on fewer are read too.
        from: Day,
    },
    /// The ledger is damaged, or somebody else's.
    #[error("the ledger cannot be read")]
    NoLedger,
    /// There is no ledger in the folder, and nobody said that this is the first time.
    #[error("there is no ledger in this folder")]
    NoLedgerYet,
    /// Somebody else wrote the ledger since it was opened.
    #[error("the ledger was written since it was opened")]
    LedgerMoved,
    /// The machine's clock shows a day on which this round cannot be read.
    #[error("the clock of the machine shows {today}, which cannot be")]
    Clock {
        /// What it shows.
        today: Day,
    },
    /// The box lacks envelopes that were listed, or that an earlier batch began with, or its lists are not those of before:
    /// whoever holds envelopes back has a text read alone.
    #[error("the box does not continue what was there before")]
    BoxWentBack,
    /// The answers of this month are sealed already.
    #[error("the answers of this month were sealed on {day}")]
    ThisMonth {
        /// When.
        day: Day,
    },
    /// A text, a paraphrase: see the bounds of a case.
    #[error("text {number} has no proper words to pass on")]
    Words {
        /// From 1.
        number: usize,
    },
    /// Nothing was chosen for a text.
    #[error("nothing was decided about text {number}")]
    Undecided {
        /// From 1.
        number: usize,
    },
    /// Not one decision for every text.
    #[error("there are {given} decisions about {texts} texts")]
    Decisions {
        /// Decisions.
        given: usize,
        /// Texts.
        texts: usize,
    },
    /// The file of answers.
    #[error("this is no sheet of answers of this round")]
    NoAnswers,
}

impl Reader {
    /// The intake, whose key must be the one of the definition.
    pub fn of_intake(keys: IntakeKeys, round: &RoundDefinition) -> Result<Self, IntakeRefused> {
        let key = RoundKey::from_bytes(&keys.private).ok_or(IntakeRefused::NoKey)?;
        let is_theirs = |intake: &Intake| key.public() == intake.key && public(&keys.signing) == intake.signing;
        match round.intake.as_ref().is_some_and(is_theirs) {
            true => Ok(Self { key, signing: vec![keys.signing], of: ReaderKind::Intake }),
            false => Err(IntakeRefused::OtherRound),
        }
    }

    /// Two holders.
    pub fn of_holders(keys: OpenerKeys) -> Self {
        Self { key: keys.round, signing: keys.signing.into(), of: ReaderKind::Holders }
    }

    /// A packet of these readers under an earlier day, if it is of a later one.
    fn dated_anew(&self, packet: &[u8], today: Day) -> Option<Vec<u8>> {
        let keys: Vec<&SigningKey> = self.signing.iter().collect();
        IntakePacket::dated(packet, today, &keys)
    }

    /// Which of the two.
    pub fn kind(&self) -> ReaderKind {
        self.of
    }
}

#[cfg(test)]
mod tests;
