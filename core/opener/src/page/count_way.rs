//! The opening and the count, step by step; what the people see of it stands in [`screens`].

mod screens;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::outcome::{OutcomeRefused, PaperCount, SignedOutcome};
use model::round::RoundDefinition;

use super::form::Form;
use super::screen::Screen;
use super::stage::{Stage, Stayed, Step};
use crate::count::{Count, CountRefused, Opening, Said, asks_for_texts, with_reasons};
use crate::failure::OpenerFailed;
use crate::files::read_limited;
use crate::folder::{Turn, keep_count, prepare_for_count};
use crate::frozen::{BoxRefused, FrozenBox};
use crate::machine;
use crate::packet::{PacketRefused, SCREENERS, Screeners};
use crate::passphrase::{Passphrase, Stretch};
use crate::share::{HolderKeys, OpenerKeys, SHARE_BYTES_MAX, Share, ShareRefused};

/// The largest result.
const OUTCOME_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Where a count is.
pub(super) enum CountStage {
    /// Which box?
    Input(Turn),
    /// What was checked of it.
    Checked(Turn, FrozenBox),
    /// Whose share? At most one is unlocked already.
    Share(Turn, FrozenBox, Vec<HolderKeys>),
    /// A holder alone.
    Passphrase(Turn, FrozenBox, Vec<HolderKeys>, Share),
    /// Where is the result written?
    Folder(Turn, Opening),
    /// The box is opened beside the page.
    Counting(Turn, PathBuf, Arc<Work>),
    /// Counted; what speaks against it asks for reasons.
    Counted(Turn, PathBuf, Count),
    /// What lies on the table?
    Paper(Turn, PathBuf, Count, Vec<String>),
    /// The paper does not add up; that asks for reasons too. With the reasons of before.
    Differs(Turned),
    /// Who reads the texts?
    Screeners(Turned, Vec<(String, Passphrase)>),
    /// Is this to be public?
    Sign(Turned, Option<Screeners>),
    /// The first pair's result is compared.
    Compare(RoundDefinition, SignedOutcome),
    /// Written.
    Done(Finished),
}

/// A count about which everything is said.
pub(super) struct Turned {
    turn: Turn,
    folder: PathBuf,
    count: Count,
    reasons: Vec<String>,
    paper: PaperCount,
}

/// What is left.
pub(super) struct Finished {
    round: RoundDefinition,
    second: SignedOutcome,
    /// Of a recount: the word of the first pair and whether both counted the same.
    compared: Option<(String, Result<(), OutcomeRefused>)>,
    files: Vec<String>,
}

/// A count under way in a thread of its own.
pub(super) struct Work {
    done: AtomicU32,
    whole: u32,
    round: RoundDefinition,
    counted: Mutex<Option<Result<Count, BoxRefused>>>,
}

impl CountStage {
    pub(super) fn begin(turn: Turn) -> Self {
        Self::Input(turn)
    }

    pub(super) fn screen(&self) -> Screen {
        screens::of(self)
    }

    pub(super) fn answered(self, form: &Form) -> Step {
        if form.has("back") {
            return Ok(self.before());
        }
        match self {
            Self::Input(turn) => check(turn, Path::new(form.text("choice"))),
            // Where envelopes are missing, another file is the first thing to try.
            Self::Checked(turn, frozen) if frozen.missing > 0 && !form.has("anyway") => Ok(Self::Input(turn).into()),
            Self::Checked(turn, frozen) => Ok(Self::Share(turn, frozen, Vec::new()).into()),
            Self::Share(turn, frozen, unlocked) => read_share((turn, frozen), unlocked, form),
            Self::Passphrase(turn, frozen, unlocked, share) => unlock((turn, frozen), unlocked, share, form),
            Self::Folder(turn, opening) => start(turn, opening, PathBuf::from(form.text("choice"))),
            Self::Counting(..) => Ok(self.into()),
            Self::Counted(turn, folder, count) => take_reasons(turn, folder, count, form),
            Self::Paper(turn, folder, count, reasons) => {
                let numbers = ["unused", "spoiled", "stubs"].map(|name| form.number(name));
                let [Some(unused), Some(spoiled), Some(stubs)] = numbers else {
                    return Ok(Self::Paper(turn, folder, count, reasons).into());
                };
                let paper = PaperCount { unused, spoiled, stubs };
                take_paper(Turned { turn, folder, count, reasons, paper })
            }
            Self::Differs(turned) => take_paper_reasons(turned, form),
            Self::Screeners(turned, _) if form.has("without") => Ok(Self::Sign(turned, None).into()),
            Self::Screeners(turned, named) => take_screener(turned, named, form),
            Self::Sign(turned, screeners) => sign(turned, screeners),
            Self::Compare(round, second) => compare(round, second, Path::new(form.text("choice"))),
            done @ Self::Done(_) => Ok(done.into()),
        }
    }

    /// A count that is done in its thread goes on to the next screen.
    pub(super) fn settled(self) -> Step {
        let Self::Counting(turn, folder, work) = self else { return Ok(self.into()) };
        let counted = work.counted.lock().unwrap_or_else(PoisonError::into_inner).take();
        match counted {
            None => Ok(Self::Counting(turn, folder, work).into()),
            Some(Ok(count)) => Ok(Self::Counted(turn, folder, count).into()),
            Some(Err(refused)) => Err(stayed(Self::Input(turn), OpenerFailed::from(refused))),
        }
    }

    /// Nothing is written before the end, so that going back loses nothing but time.
    fn before(self) -> Stage {
        match self {
            Self::Input(_) => Stage::Start,
            Self::Checked(turn, _) | Self::Share(turn, ..) | Self::Folder(turn, _) | Self::Counted(turn, ..) => {
                Self::Input(turn).into()
            }
            Self::Passphrase(turn, frozen, unlocked, _) => Self::Share(turn, frozen, unlocked).into(),
            Self::Paper(turn, folder, count, _) => Self::Counted(turn, folder, count).into(),
            Self::Differs(turned) => Self::Paper(turned.turn, turned.folder, turned.count, turned.reasons).into(),
            Self::Screeners(mut turned, _) | Self::Sign(mut turned, _) => {
                turned.reasons.truncate(turned.count.blocked().len());
                Self::Paper(turned.turn, turned.folder, turned.count, turned.reasons).into()
            }
            stays @ (Self::Counting(..) | Self::Compare(..) | Self::Done(_)) => stays.into(),
        }
    }
}

impl From<CountStage> for Stage {
    fn from(stage: CountStage) -> Self {
        Self::Count(Box::new(stage))
    }
}

fn stayed(stage: CountStage, failed: impl Into<OpenerFailed>) -> Stayed {
    Stayed { stage: stage.into(), failed: failed.into() }
}

fn check(turn: Turn, path: &Path) -> Step {
    match FrozenBox::check(path, machine::today()) {
        Ok(frozen) => Ok(CountStage::Checked(turn, frozen).into()),
        Err(refused) => Err(stayed(CountStage::Input(turn), OpenerFailed::from(refused))),
    }
}

fn read_share((turn, frozen): (Turn, FrozenBox), unlocked: Vec<HolderKeys>, form: &Form) -> Step {
    let read = || -> Result<Share, OpenerFailed> {
        let share = Share::read(&read_limited(Path::new(form.text("choice")), SHARE_BYTES_MAX)?)?;
        share.check(&frozen.input.round.definition)?;
        let is_again = unlocked.iter().any(|keys| keys.halves.holder() + 1 == usize::from(share.holder()));
        if is_again { Err(ShareRefused::OneHolder.into()) } else { Ok(share) }
    };
    match read() {
        Ok(share) => Ok(CountStage::Passphrase(turn, frozen, unlocked, share).into()),
        Err(failed) => Err(stayed(CountStage::Share(turn, frozen, unlocked), failed)),
    }
}

fn unlock((turn, frozen): (Turn, FrozenBox), mut unlocked: Vec<HolderKeys>, share: Share, form: &Form) -> Step {
    let round = &frozen.input.round.definition;
    let holder = share.holder();
    // A passphrase that is too short to be any is a wrong one.
    let wrong = |_| ShareRefused::WrongPassphrase { holder };
    let keys = Passphrase::typed(form.text("passphrase")).map_err(wrong);
    match keys.and_then(|passphrase| share.unlock(&passphrase, round)) {
        Ok(keys) => unlocked.push(keys),
        Err(refused) => return Err(stayed(CountStage::Passphrase(turn, frozen, unlocked, share), refused)),
    }
    let [one, other] = match <[HolderKeys; 2]>::try_from(unlocked) {
        Ok(both) => both,
        Err(unlocked) => return Ok(CountStage::Share(turn, frozen, unlocked).into()),
    };
    let keys = match OpenerKeys::of(one, other, round) {
        Ok(keys) => keys,
        Err(refused) => return Err(stayed(CountStage::Share(turn, frozen, Vec::new()), refused)),
    };
    match Opening::new(frozen, keys) {
        Ok(opening) => Ok(CountStage::Folder(turn, opening).into()),
        Err(refused) => Err(stayed(CountStage::Input(turn), refused)),
    }
}

/// Begins to count in a thread, so that the page can say how far it is.
fn start(turn: Turn, opening: Opening, folder: PathBuf) -> Step {
    if let Err(fault) = prepare_for_count(&folder, turn) {
        return Err(stayed(CountStage::Folder(turn, opening), fault));
    }
    let (whole, round) = (opening.envelopes(), opening.round().clone());
    let work = Arc::new(Work { done: AtomicU32::new(0), whole, round, counted: Mutex::new(None) });
    let theirs = Arc::clone(&work);
    std::thread::spawn(move || {
        let counted = opening.count(&mut machine::randomness(), |done| theirs.done.store(done, Ordering::Relaxed));
        *theirs.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    });
    Ok(CountStage::Counting(turn, folder, work).into())
}

fn take_reasons(turn: Turn, folder: PathBuf, count: Count, form: &Form) -> Step {
    let reasons: Vec<String> =
        (0..count.blocked().len()).map(|index| form.text(&format!("reason{index}")).trim().to_owned()).collect();
    match with_reasons(count.blocked(), &reasons) {
        Ok(_) => Ok(CountStage::Paper(turn, folder, count, reasons).into()),
        Err(refused) => Err(stayed(CountStage::Counted(turn, folder, count), refused)),
    }
}

/// Numbers that cannot be are asked again, and what does not add up asks for reasons.
fn take_paper(turned: Turned) -> Step {
    match turned.count.against(turned.paper) {
        Ok(against) if against.len() > turned.reasons.len() => Ok(CountStage::Differs(turned).into()),
        Ok(_) => Ok(after_paper(turned)),
        Err(refused) => {
            let Turned { turn, folder, count, reasons, .. } = turned;
            Err(stayed(CountStage::Paper(turn, folder, count, reasons), refused))
        }
    }
}

fn take_paper_reasons(mut turned: Turned, form: &Form) -> Step {
    let before = turned.reasons.len();
    let against = turned.count.against(turned.paper).unwrap_or_default();
    let given = (before..against.len()).map(|index| form.text(&format!("reason{index}")).trim().to_owned());
    turned.reasons.extend(given);
    match with_reasons(&against, &turned.reasons) {
        Ok(_) => Ok(after_paper(turned)),
        Err(refused) => {
            turned.reasons.truncate(before);
            Err(stayed(CountStage::Differs(turned), refused))
        }
    }
}

fn after_paper(turned: Turned) -> Stage {
    let leaves_texts = turned.turn == Turn::First && asks_for_texts(turned.count.round()) && turned.count.texts() > 0;
    if leaves_texts { CountStage::Screeners(turned, Vec::new()).into() } else { CountStage::Sign(turned, None).into() }
}

fn take_screener(turned: Turned, mut named: Vec<(String, Passphrase)>, form: &Form) -> Step {
    let name = form.text("name").trim().to_owned();
    let is_other = !name.is_empty() && named.iter().all(|(other, _)| *other != name);
    let passphrase = Passphrase::typed_twice(form.text("passphrase"), form.text("again"));
    let passphrase = passphrase.map_err(OpenerFailed::from);
    let passphrase = if is_other { passphrase } else { Err(PacketRefused::Screeners.into()) };
    match passphrase {
        Ok(passphrase) => named.push((name, passphrase)),
        Err(failed) => return Err(stayed(CountStage::Screeners(turned, named), failed)),
    }
    let [one, other] = match <[(String, Passphrase); SCREENERS]>::try_from(named) {
        Ok(both) => both,
        Err(named) => return Ok(CountStage::Screeners(turned, named).into()),
    };
    let (names, passphrases) = ([one.0, other.0], [one.1, other.1]);
    match Screeners::new(names, &passphrases, Stretch::USUAL, &mut machine::randomness()) {
        Ok(screeners) => Ok(CountStage::Sign(turned, Some(screeners)).into()),
        Err(refused) => Err(stayed(CountStage::Screeners(turned, Vec::new()), refused)),
    }
}

fn sign(turned: Turned, screeners: Option<Screeners>) -> Step {
    let Turned { turn, folder, count, reasons, paper } = turned;
    let round = count.round().clone();
    let said = Said { paper, reasons, today: machine::today(), screeners };
    let leaving = count.conclude(said, &mut machine::randomness());
    let left = leaving.map_err(|refused: CountRefused| OpenerFailed::from(refused)).and_then(|leaving| {
        let files = keep_count(&folder, turn, &leaving)?;
        Ok((files.iter().map(|file| file.display().to_string()).collect(), leaving.outcome))
    });
    match (left, turn) {
        (Ok((_, second)), Turn::Recount) => Ok(CountStage::Compare(round, second).into()),
        (Ok((files, second)), Turn::First) => {
            Ok(CountStage::Done(Finished { round, second, compared: None, files }).into())
        }
        (Err(failed), turn) => Err(stayed(CountStage::Input(turn), failed)),
    }
}

fn compare(round: RoundDefinition, second: SignedOutcome, path: &Path) -> Step {
    let read = || -> Result<SignedOutcome, OpenerFailed> {
        Ok(SignedOutcome::read(&read_limited(path, OUTCOME_BYTES_MAX)?, &round)?)
    };
    match read() {
        Ok(first) => {
            let compared = Some((first.outcome.recount.to_string(), first.check_recount(&round, Some(&second))));
            Ok(CountStage::Done(Finished { round, second, compared, files: Vec::new() }).into())
        }
        Err(failed) => Err(stayed(CountStage::Compare(round, second), failed)),
    }
}
