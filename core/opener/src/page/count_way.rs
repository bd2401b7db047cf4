//! The opening and the count, step by step; what the people see of it stands in [`screens`].

mod preview;
mod screens;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::outcome::{OutcomeRefused, PaperCount, SignedOutcome};
use model::round::RoundDefinition;
use model::round::holder::OPENERS;

use super::form::Form;
use super::screen::Screen;
use super::stage::{Stage, Stayed, Step};
use crate::count::{Count, CountRefused, Opening, Said, asks_for_texts, is_same_pair, with_reasons};
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
    /// Which result is counted again? Asked before anybody opens anything, so that the same pair is refused.
    First(FrozenBox),
    /// Whose share? At most one is unlocked already.
    Share(Pass, FrozenBox, Vec<HolderKeys>),
    /// A holder alone.
    Passphrase(Pass, FrozenBox, Vec<HolderKeys>, Share),
    /// Where is the result written?
    Folder(Pass, Opening),
    /// The box is opened beside the page.
    Counting(Pass, PathBuf, Arc<Work>),
    /// Counted; what speaks against it asks for reasons.
    Counted(Pass, PathBuf, Count),
    /// What lies on the table?
    Paper(Pass, PathBuf, Count, Vec<String>),
    /// The paper does not add up; that asks for reasons too. With the reasons of before.
    Differs(Turned),
    /// Who reads the texts?
    Screeners(Turned, Vec<(String, Passphrase)>),
    /// Is this to be public?
    Sign(Turned, Option<Screeners>),
    /// Written.
    Done(Finished),
}

/// Which count of the round it is.
pub(super) enum Pass {
    /// By the pair that opens it.
    First,
    /// By another pair, after this result.
    Recount(Box<SignedOutcome>),
}

/// A count about which everything is said.
pub(super) struct Turned {
    pass: Pass,
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

impl Pass {
    fn turn(&self) -> Turn {
        match self {
            Self::First => Turn::First,
            Self::Recount(_) => Turn::Recount,
        }
    }

    fn is_same_pair(&self, holders: [u8; OPENERS]) -> bool {
        match self {
            Self::First => false,
            Self::Recount(first) => is_same_pair(first, holders),
        }
    }
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
            Self::Checked(Turn::First, frozen) => Ok(Self::Share(Pass::First, frozen, Vec::new()).into()),
            Self::Checked(Turn::Recount, frozen) => Ok(Self::First(frozen).into()),
            Self::First(frozen) => read_first(frozen, Path::new(form.text("choice"))),
            Self::Share(pass, frozen, unlocked) => read_share((pass, frozen), unlocked, form),
            Self::Passphrase(pass, frozen, unlocked, share) => unlock((pass, frozen), unlocked, share, form),
            Self::Folder(pass, opening) => start(pass, opening, PathBuf::from(form.text("choice"))),
            Self::Counting(..) => Ok(self.into()),
            Self::Counted(pass, folder, count) => take_reasons(pass, folder, count, form),
            Self::Paper(pass, folder, count, reasons) => {
                let numbers = ["unused", "spoiled", "stubs"].map(|name| form.number(name));
                let [Some(unused), Some(spoiled), Some(stubs)] = numbers else {
                    return Ok(Self::Paper(pass, folder, count, reasons).into());
                };
                let paper = PaperCount { unused, spoiled, stubs };
                take_paper(Turned { pass, folder, count, reasons, paper })
            }
            Self::Differs(turned) => take_paper_reasons(turned, form),
            Self::Screeners(turned, _) if form.has("without") => Ok(Self::Sign(turned, None).into()),
            Self::Screeners(turned, named) => take_screener(turned, named, form),
            Self::Sign(turned, screeners) => sign(turned, screeners),
            done @ Self::Done(_) => Ok(done.into()),
        }
    }

    /// A count that is done in its thread goes on to the next screen.
    pub(super) fn settled(self) -> Step {
        let Self::Counting(pass, folder, work) = self else { return Ok(self.into()) };
        let counted = work.counted.lock().unwrap_or_else(PoisonError::into_inner).take();
        match counted {
            None => Ok(Self::Counting(pass, folder, work).into()),
            Some(Ok(count)) => Ok(Self::Counted(pass, folder, count).into()),
            Some(Err(refused)) => Err(stayed(Self::Input(pass.turn()), OpenerFailed::from(refused))),
        }
    }

    /// Nothing is written before the end, so that going back loses nothing but time.
    fn before(self) -> Stage {
        match self {
            Self::Input(_) => Stage::Start,
            Self::Checked(turn, _) => Self::Input(turn).into(),
            Self::First(_) => Self::Input(Turn::Recount).into(),
            Self::Share(pass, ..) | Self::Folder(pass, _) | Self::Counted(pass, ..) => Self::Input(pass.turn()).into(),
            Self::Passphrase(pass, frozen, unlocked, _) => Self::Share(pass, frozen, unlocked).into(),
            Self::Paper(pass, folder, count, _) => Self::Counted(pass, folder, count).into(),
            Self::Differs(turned) => Self::Paper(turned.pass, turned.folder, turned.count, turned.reasons).into(),
            Self::Screeners(mut turned, _) | Self::Sign(mut turned, _) => {
                turned.reasons.truncate(turned.count.blocked().len());
                Self::Paper(turned.pass, turned.folder, turned.count, turned.reasons).into()
            }
            stays @ (Self::Counting(..) | Self::Done(_)) => stays.into(),
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

fn read_first(frozen: FrozenBox, path: &Path) -> Step {
    let read = || -> Result<SignedOutcome, OpenerFailed> {
        Ok(SignedOutcome::read(&read_limited(path, OUTCOME_BYTES_MAX)?, &frozen.input.round.definition)?)
    };
    match read() {
        Ok(first) => Ok(CountStage::Share(Pass::Recount(Box::new(first)), frozen, Vec::new()).into()),
        Err(failed) => Err(stayed(CountStage::First(frozen), failed)),
    }
}

fn read_share((pass, frozen): (Pass, FrozenBox), unlocked: Vec<HolderKeys>, form: &Form) -> Step {
    let read = || -> Result<Share, OpenerFailed> {
        let share = Share::read(&read_limited(Path::new(form.text("choice")), SHARE_BYTES_MAX)?)?;
        share.check(&frozen.input.round.definition)?;
        let is_again = unlocked.iter().any(|keys| keys.halves.holder() + 1 == usize::from(share.holder()));
        let is_same_pair = |keys: &HolderKeys| pass.is_same_pair([keys.halves.holder() as u8 + 1, share.holder()]);
        match is_again {
            true => Err(ShareRefused::OneHolder.into()),
            false if unlocked.iter().any(is_same_pair) => Err(OpenerFailed::SamePair),
            false => Ok(share),
        }
    };
    match read() {
        Ok(share) => Ok(CountStage::Passphrase(pass, frozen, unlocked, share).into()),
        Err(failed) => Err(stayed(CountStage::Share(pass, frozen, unlocked), failed)),
    }
}

fn unlock((pass, frozen): (Pass, FrozenBox), mut unlocked: Vec<HolderKeys>, share: Share, form: &Form) -> Step {
    let round = &frozen.input.round.definition;
    let holder = share.holder();
    // A passphrase that is too short to be any is a wrong one.
    let wrong = |_| ShareRefused::WrongPassphrase { holder };
    let keys = Passphrase::typed(form.text("passphrase")).map_err(wrong);
    match keys.and_then(|passphrase| share.unlock(&passphrase, round)) {
        Ok(keys) => unlocked.push(keys),
        Err(refused) => return Err(stayed(CountStage::Passphrase(pass, frozen, unlocked, share), refused)),
    }
    let [one, other] = match <[HolderKeys; 2]>::try_from(unlocked) {
        Ok(both) => both,
        Err(unlocked) => return Ok(CountStage::Share(pass, frozen, unlocked).into()),
    };
    let keys = match OpenerKeys::of(one, other, round) {
        Ok(keys) => keys,
        Err(refused) => return Err(stayed(CountStage::Share(pass, frozen, Vec::new()), refused)),
    };
    match Opening::new(frozen, keys) {
        Ok(opening) => Ok(CountStage::Folder(pass, opening).into()),
        Err(refused) => Err(stayed(CountStage::Input(pass.turn()), refused)),
    }
}

/// Begins to count in a thread, so that the page can say how far it is.
fn start(pass: Pass, opening: Opening, folder: PathBuf) -> Step {
    if let Err(fault) = prepare_for_count(&folder, pass.turn()) {
        return Err(stayed(CountStage::Folder(pass, opening), fault));
    }
    let (whole, round) = (opening.envelopes(), opening.round().clone());
    let work = Arc::new(Work { done: AtomicU32::new(0), whole, round, counted: Mutex::new(None) });
    let theirs = Arc::clone(&work);
    std::thread::spawn(move || {
        let counted = opening.count(&mut machine::randomness(), |done| theirs.done.store(done, Ordering::Relaxed));
        *theirs.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
    });
    Ok(CountStage::Counting(pass, folder, work).into())
}

fn take_reasons(pass: Pass, folder: PathBuf, count: Count, form: &Form) -> Step {
    let reasons: Vec<String> =
        (0..count.blocked().len()).map(|index| form.text(&format!("reason{index}")).trim().to_owned()).collect();
    match with_reasons(count.blocked(), &reasons) {
        Ok(_) => Ok(CountStage::Paper(pass, folder, count, reasons).into()),
        Err(refused) => Err(stayed(CountStage::Counted(pass, folder, count), refused)),
    }
}

/// Numbers that cannot be are asked again, and what does not add up asks for reasons.
fn take_paper(turned: Turned) -> Step {
    match turned.count.against(turned.paper) {
        Ok(against) if against.len() > turned.reasons.len() => Ok(CountStage::Differs(turned).into()),
        Ok(_) => Ok(after_paper(turned)),
        Err(refused) => {
            let Turned { pass, folder, count, reasons, .. } = turned;
            Err(stayed(CountStage::Paper(pass, folder, count, reasons), refused))
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
    let leaves_texts =
        turned.pass.turn() == Turn::First && asks_for_texts(turned.count.round()) && turned.count.texts() > 0;
    if leaves_texts { CountStage::Screeners(turned, Vec::new()).into() } else { CountStage::Sign(turned, None).into() }
}

fn take_screener(turned: Turned, mut named: Vec<(String, Passphrase)>, form: &Form) -> Step {
    let name = form.text("name").trim().to_owned();
    let read = || -> Result<Passphrase, OpenerFailed> {
        if name.is_empty() {
            return Err(PacketRefused::Unnamed.into());
        }
        if named.iter().any(|(other, _)| *other == name) {
            return Err(PacketRefused::Screeners.into());
        }
        let passphrase = Passphrase::typed_twice(form.text("passphrase"), form.text("again"))?;
        Ok(passphrase.unlike(named.iter().map(|(_, other)| other))?)
    };
    match read() {
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
    let Turned { pass, folder, count, reasons, paper } = turned;
    let (round, turn) = (count.round().clone(), pass.turn());
    let said = Said { paper, reasons, today: machine::today(), screeners };
    let leaving = count.conclude(said, &mut machine::randomness());
    let left = leaving.map_err(|refused: CountRefused| OpenerFailed::from(refused)).and_then(|leaving| {
        let files = keep_count(&folder, turn, &leaving)?;
        Ok((files.iter().map(|file| file.display().to_string()).collect(), leaving.outcome))
    });
    match left {
        Ok((files, second)) => {
            let compared = match pass {
                Pass::First => None,
                Pass::Recount(first) => {
                    Some((first.outcome.recount.to_string(), first.check_recount(&round, Some(&second))))
                }
            };
            Ok(CountStage::Done(Finished { round, second, compared, files }).into())
        }
        Err(failed) => Err(stayed(CountStage::Input(turn), failed)),
    }
}
