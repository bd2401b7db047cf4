//! Looks with a code into the published answers that this phone fetched, without a network. Source: anonymity A50.

use model::feedback::code::ReplyCode;
use model::feedback::replies::ReplyFile;
use model::round::Fingerprint;
use model::slip::SlipRefused;
use model::time::Day;

/// What stands behind a code. It cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// As the office wrote it.
    pub text: String,
    /// The day on which its file was made.
    pub day: Day,
}

/// Why a text is no code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeRefused {
    /// Mistyped, for all rounds that are known here.
    #[error(transparent)]
    Mistyped(#[from] SlipRefused),
    /// This phone knows no round whose code it could be.
    #[error("no round that takes feedback is known here")]
    NothingToCheck,
}

/// The files of a body as it was published, the newest first; none if any of them is broken.
pub fn read(body: &str) -> Option<Vec<ReplyFile>> {
    let texts: Vec<String> = serde_json::from_str(body).ok()?;
    let mut files: Vec<ReplyFile> = texts.iter().map(|text| ReplyFile::read(text).ok()).collect::<Option<_>>()?;
    files.sort_by_key(|file| std::cmp::Reverse(file.day));
    Some(files)
}

/// The answer under a typed code; none if there is none yet. A code is checked against every file, and against `rounds`
/// that may have no file so far. A file whose round the code does not fit costs no guess.
pub fn answer(files: &[ReplyFile], rounds: &[Fingerprint], typed: &str) -> Result<Option<Answer>, CodeRefused> {
    let known = files.iter().map(|file| &file.fingerprint).chain(rounds);
    let checked: Vec<_> = known.map(|fingerprint| ReplyCode::from_typed(typed, fingerprint)).collect();
    if checked.iter().all(Result::is_err) {
        // The round it is of takes its groups up to the mistyped one; a foreign round hardly ever takes the first.
        let refused = checked.into_iter().filter_map(Result::err).max_by_key(mistyped_group);
        return Err(refused.map_or(CodeRefused::NothingToCheck, CodeRefused::Mistyped));
    }
    let opened = files.iter().zip(&checked).find_map(|(file, code)| {
        let text = file.open(code.as_ref().ok()?)?;
        Some(Answer { text, day: file.day })
    });
    Ok(opened)
}

fn mistyped_group(refused: &SlipRefused) -> u32 {
    match refused {
        SlipRefused::WrongGroup { number } => *number,
        SlipRefused::WrongLength { .. } | SlipRefused::NotASlip | SlipRefused::Newer | SlipRefused::OtherRound => 0,
    }
}
