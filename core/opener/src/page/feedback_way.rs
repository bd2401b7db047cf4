//! Feedback, screen by screen: who reads, one text after the other, and the answers under their codes.

mod screens;

use std::path::{Path, PathBuf};

use model::feedback::answers::{AnswerSheet, SHEET_BYTES_MAX};
use model::round::RoundDefinition;

use super::form::Form;
use super::screen::Screen;
use super::stage::{Stage, Stayed, Step};
use crate::failure::OpenerFailed;
use crate::files::read_limited;
use crate::folder::{keep_batch, keep_ledger, keep_replies, ledger, write_again};
use crate::frozen::FrozenBox;
use crate::intake::keys::{IntakeFile, KEYS_BYTES_MAX};
use crate::intake::ledger::Ledger;
use crate::intake::reading::{Decision, Reading};
use crate::intake::{IntakeRefused, Reader, replying};
use crate::machine;
use crate::passphrase::Passphrase;
use crate::share::{HolderKeys, OpenerKeys, SHARE_BYTES_MAX, Share, ShareRefused};

/// Where the readers are.
pub(super) enum FeedbackStage {
    /// Which box?
    Input,
    /// Whose key? At most one share is unlocked already.
    Key(FrozenBox, Vec<HolderKeys>),
    /// The intake alone.
    Intake(FrozenBox, IntakeFile),
    /// A holder alone.
    Holder(FrozenBox, Vec<HolderKeys>, Share),
    /// Where is the ledger?
    Folder(FrozenBox, Reader),
    /// Read, or answer?
    Task(Table),
    /// One text after the other; what was decided of the text that is shown again.
    Texts(Table, Reading, Vec<Decision>, Option<Decision>),
    /// All are decided.
    Sign(Table, Reading, Vec<Decision>),
    /// Which answers?
    Answers(Table),
    /// Written.
    Done(RoundDefinition, Vec<String>),
}

/// What lies on the table once the ledger is open.
pub(super) struct Table {
    so_far: FrozenBox,
    reader: Reader,
    /// As it lies in the folder; none if it is begun today.
    known: Option<Ledger>,
    /// As it goes on from there.
    ledger: Ledger,
    folder: PathBuf,
    /// Files that an interruption had left out.
    written: Vec<String>,
}

impl Table {
    fn round(&self) -> &RoundDefinition {
        &self.so_far.input.round.definition
    }
}

impl FeedbackStage {
    pub(super) fn screen(&self) -> Screen {
        screens::of(self)
    }

    pub(super) fn answered(self, form: &Form) -> Step {
        if form.has("back") {
            return Ok(self.before());
        }
        let path = PathBuf::from(form.text("choice"));
        match self {
            Self::Input => match FrozenBox::check_running(&path) {
                Ok(so_far) => Ok(Self::Key(so_far, Vec::new()).into()),
                Err(refused) => Err(stayed(Self::Input, OpenerFailed::from(refused))),
            },
            Self::Key(so_far, unlocked) => read_key(so_far, unlocked, &path),
            Self::Intake(so_far, file) => unlock_intake(so_far, file, form),
            Self::Holder(so_far, unlocked, share) => unlock_holder(so_far, unlocked, share, form),
            Self::Folder(so_far, reader) => open_ledger(so_far, reader, path),
            Self::Task(table) if form.text("choice") == "answers" => Ok(Self::Answers(table).into()),
            Self::Task(table) => begin(table),
            Self::Texts(table, reading, decided, _) => decide(table, reading, decided, form),
            Self::Sign(table, reading, decided) => sign(table, reading, decided),
            Self::Answers(table) => answer(table, &path),
            done @ Self::Done(..) => Ok(done.into()),
        }
    }

    /// Nothing is written before the end; a decision that is gone back to stands in its fields.
    fn before(self) -> Stage {
        match self {
            Self::Input => Stage::Start,
            Self::Key(..) => Self::Input.into(),
            Self::Intake(so_far, _) | Self::Folder(so_far, _) => Self::Key(so_far, Vec::new()).into(),
            Self::Holder(so_far, unlocked, _) => Self::Key(so_far, unlocked).into(),
            Self::Task(table) => Self::Folder(table.so_far, table.reader).into(),
            Self::Answers(table) => Self::Task(table).into(),
            Self::Texts(table, reading, mut decided, _) | Self::Sign(table, reading, mut decided) => {
                let draft = decided.pop();
                Self::Texts(table, reading, decided, draft).into()
            }
            done @ Self::Done(..) => done.into(),
        }
    }
}

impl From<FeedbackStage> for Stage {
    fn from(stage: FeedbackStage) -> Self {
        Self::Feedback(Box::new(stage))
    }
}

fn stayed(stage: FeedbackStage, failed: impl Into<OpenerFailed>) -> Stayed {
    Stayed { stage: stage.into(), failed: failed.into() }
}

/// Either kind of key is chosen from one list; its ending says which it is.
fn read_key(so_far: FrozenBox, unlocked: Vec<HolderKeys>, path: &Path) -> Step {
    let round = &so_far.input.round.definition;
    if unlocked.is_empty() && path.extension().is_some_and(|ending| ending == screens::INTAKE_ENDING) {
        let read = || -> Result<IntakeFile, OpenerFailed> {
            Ok(IntakeFile::read(&read_limited(path, KEYS_BYTES_MAX)?, round)?)
        };
        return match read() {
            Ok(file) => Ok(FeedbackStage::Intake(so_far, file).into()),
            Err(failed) => Err(stayed(FeedbackStage::Key(so_far, unlocked), failed)),
        };
    }
    let read = || -> Result<Share, OpenerFailed> {
        let share = Share::read(&read_limited(path, SHARE_BYTES_MAX)?)?;
        share.check(round)?;
        let is_again = unlocked.iter().any(|keys| keys.halves.holder() + 1 == usize::from(share.holder()));
        if is_again { Err(ShareRefused::OneHolder.into()) } else { Ok(share) }
    };
    match read() {
        Ok(share) => Ok(FeedbackStage::Holder(so_far, unlocked, share).into()),
        Err(failed) => Err(stayed(FeedbackStage::Key(so_far, unlocked), failed)),
    }
}

fn unlock_intake(so_far: FrozenBox, file: IntakeFile, form: &Form) -> Step {
    let typed = Passphrase::typed(form.text("passphrase")).map_err(|_| IntakeRefused::WrongPassphrase);
    let keys = typed.and_then(|passphrase| file.unlock(&passphrase));
    match keys.and_then(|keys| Reader::of_intake(keys, &so_far.input.round.definition)) {
        Ok(reader) => Ok(FeedbackStage::Folder(so_far, reader).into()),
        Err(refused) => Err(stayed(FeedbackStage::Intake(so_far, file), refused)),
    }
}

fn unlock_holder(so_far: FrozenBox, mut unlocked: Vec<HolderKeys>, share: Share, form: &Form) -> Step {
    let round = &so_far.input.round.definition;
    let wrong = |_| ShareRefused::WrongPassphrase { holder: share.holder() };
    let keys = Passphrase::typed(form.text("passphrase")).map_err(wrong);
    match keys.and_then(|passphrase| share.unlock(&passphrase, round)) {
        Ok(keys) => unlocked.push(keys),
        Err(refused) => return Err(stayed(FeedbackStage::Holder(so_far, unlocked, share), refused)),
    }
    match <[HolderKeys; 2]>::try_from(unlocked) {
        Err(unlocked) => Ok(FeedbackStage::Key(so_far, unlocked).into()),
        Ok([one, other]) => match OpenerKeys::of(one, other, round) {
            Ok(keys) => Ok(FeedbackStage::Folder(so_far, Reader::of_holders(keys)).into()),
            Err(refused) => Err(stayed(FeedbackStage::Key(so_far, Vec::new()), refused)),
        },
    }
}

fn open_ledger(so_far: FrozenBox, reader: Reader, folder: PathBuf) -> Step {
    let open = || -> Result<(Option<Ledger>, Ledger, Vec<PathBuf>), OpenerFailed> {
        let round = &so_far.input.round.definition;
        let known = ledger(&folder, round, &reader)?;
        let mut mended = known.clone().unwrap_or_else(|| Ledger::begun(round));
        mended.mend(round, &reader, machine::today())?;
        let written = write_again(&folder, &mended)?;
        Ok((known, mended, written))
    };
    match open() {
        Ok((known, ledger, written)) => {
            let written = written.iter().map(|path| path.display().to_string()).collect();
            Ok(FeedbackStage::Task(Table { so_far, reader, known, ledger, folder, written }).into())
        }
        Err(failed) => Err(stayed(FeedbackStage::Folder(so_far, reader), failed)),
    }
}

/// The batch is written into the ledger before its first text is shown.
fn begin(mut table: Table) -> Step {
    let mut random = machine::randomness();
    let mut begin = |table: &mut Table| -> Result<Reading, OpenerFailed> {
        let keys = (&table.reader, table.ledger.clone());
        let reading = Reading::begin(&table.so_far, keys, machine::today(), &mut random)?;
        let begun = (reading.begun(), reading.round(), &table.reader);
        keep_ledger(&table.folder, begun, table.known.as_ref(), &mut random)?;
        table.known = Some(reading.begun().clone());
        table.ledger = reading.begun().clone();
        Ok(reading)
    };
    match begin(&mut table) {
        Ok(reading) => Ok(FeedbackStage::Texts(table, reading, Vec::new(), None).into()),
        Err(failed) => Err(stayed(FeedbackStage::Task(table), failed)),
    }
}

fn decide(table: Table, reading: Reading, mut decided: Vec<Decision>, form: &Form) -> Step {
    let index = decided.len();
    let words = |name| form.text(name).replace("\r\n", "\n").trim().to_owned();
    let about = reading.texts().get(index).map(|said| said.about);
    let decision = match (form.text("choice"), about) {
        ("denounced", _) => Decision::Denounced,
        ("out_of_scope", _) => Decision::OutOfScope,
        ("case", Some(about)) => Decision::Case { text: words("text"), paraphrase: words("paraphrase"), about },
        _ => {
            let (text, paraphrase) = (words("text"), words("paraphrase"));
            let draft = about.map(|about| Decision::Case { text, paraphrase, about });
            let refused = IntakeRefused::Undecided { number: index + 1 };
            return Err(stayed(FeedbackStage::Texts(table, reading, decided, draft), refused));
        }
    };
    if let Err(refused) = reading.check(index, &decision) {
        return Err(stayed(FeedbackStage::Texts(table, reading, decided, Some(decision)), refused));
    }
    decided.push(decision);
    match decided.len() == reading.texts().len() {
        true => Ok(FeedbackStage::Sign(table, reading, decided).into()),
        false => Ok(FeedbackStage::Texts(table, reading, decided, None).into()),
    }
}

/// What cannot be written is signed again, on another stick if need be.
fn sign(table: Table, reading: Reading, decided: Vec<Decision>) -> Step {
    let mut random = machine::randomness();
    let concluded = reading.conclude(&table.reader, &decided, &mut random).map_err(OpenerFailed::from);
    let written = concluded.and_then(|batch| keep_batch(&table.folder, (&batch, &reading, &table.reader), &mut random));
    match written {
        Ok(path) => Ok(FeedbackStage::Done(reading.round().clone(), vec![path.display().to_string()]).into()),
        Err(failed) => Err(stayed(FeedbackStage::Sign(table, reading, decided), failed)),
    }
}

fn answer(mut table: Table, path: &Path) -> Step {
    let mut random = machine::randomness();
    let mut write = |table: &mut Table| -> Result<PathBuf, OpenerFailed> {
        let sheet = AnswerSheet::read(&read_limited(path, SHEET_BYTES_MAX)?).map_err(|_| IntakeRefused::NoAnswers)?;
        let round = table.so_far.input.round.definition.clone();
        let mut ledger = table.ledger.clone();
        let known = table.known.as_ref().ok_or(IntakeRefused::NoLedgerYet)?;
        replying::reply(&mut ledger, (&round, &sheet), machine::today(), &mut random)?;
        let written = keep_replies(&table.folder, (&ledger, &round, &table.reader), known, &mut random)?;
        (table.known, table.ledger) = (Some(ledger.clone()), ledger);
        Ok(written)
    };
    match write(&mut table) {
        Ok(written) => Ok(FeedbackStage::Done(table.round().clone(), vec![written.display().to_string()]).into()),
        Err(failed) => Err(stayed(FeedbackStage::Answers(table), failed)),
    }
}
