//! What the office answered, on its way to those who have the codes.

use minicbor::{Decode, Encode};

use super::replies::{SLOTS_MOST, check_reply};
use crate::identity::{FeedbackId, RoundId};

/// Bytes of the largest sheet that is read.
pub const SHEET_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Answers that no published file holds yet, for the intake, which seals each under its code.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct AnswerSheet {
    /// Of which round.
    #[n(0)]
    pub round: RoundId,
    /// By the names of their cases.
    #[n(1)]
    pub answers: Vec<AnsweredCase>,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct AnsweredCase {
    /// Of which case.
    #[n(0)]
    pub case: FeedbackId,
    /// What the resident will read.
    #[n(1)]
    pub text: String,
}

/// What came is no sheet of answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no sheet of answers")]
pub struct NoSheet;

impl AnswerSheet {
    /// Its one way of being written, sorted by case.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut sheet = self.clone();
        sheet.answers.sort_unstable_by_key(|answered| answered.case);
        minicbor::to_vec(sheet).expect("writing to memory cannot fail")
    }

    /// Reads a sheet; what a resident could not read makes it none.
    pub fn read(bytes: &[u8]) -> Result<Self, NoSheet> {
        let sheet: Self = minicbor::decode(bytes).map_err(|_| NoSheet)?;
        let is_sound = sheet.answers.len() <= SLOTS_MOST
            && sheet.answers.iter().all(|answered| check_reply(&answered.text).is_ok());
        if is_sound && sheet.to_bytes() == bytes { Ok(sheet) } else { Err(NoSheet) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_reads_as_written_and_nothing_else_is_one() {
        let answered =
            |number: u8, text: &str| AnsweredCase { case: FeedbackId::from_bytes([number; 16]), text: text.to_owned() };
        let answers = vec![answered(2, "Đã thay đèn."), answered(1, "Đã dọn rác.")];
        let sheet = AnswerSheet { round: RoundId::from_bytes([5; 16]), answers };
        let read = AnswerSheet::read(&sheet.to_bytes()).unwrap();
        assert_eq!(read.answers, [answered(1, "Đã dọn rác."), answered(2, "Đã thay đèn.")]);
        let empty = AnswerSheet { answers: vec![answered(1, " ")], ..sheet.clone() };
        assert_eq!(AnswerSheet::read(&empty.to_bytes()), Err(NoSheet));
        assert_eq!(AnswerSheet::read(&sheet.to_bytes()[1..]), Err(NoSheet));
    }
}
