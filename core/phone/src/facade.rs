//! The app's only door. One method, one intent; values come back ready to show.
//!
//! Every method blocks its caller, who is on a thread of the platform's own; no lock is held while the network is asked.
//! Clock and randomness are read here and nowhere else in this crate.

mod cases;
mod feedback;
mod minutes;
pub mod promise;
mod replies;
mod rounds;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use model::answer::Answer;
use model::document::{DocumentKind, Edit};
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, TaskId};
use model::self_assessment::Heading;
use model::self_assessment::fields::{answer_edits, clearing_edits, line_edits, removal_edits};
use model::task::TaskLine;
use model::time::Timestamp;
use rand_core::CryptoRng;

use crate::desk::{Desk, OpenPaper, chosen, cycles_by_deadline};
use crate::device::Device;
use crate::directory::Directory;
use crate::draft::Draft;
use crate::failure::Failure;
use crate::guest::Resident;
use crate::guest::feedback::Clocks;
use crate::listener::{Listener, ring};
use crate::store::{Store, StoreFailed, StoreKey, documents, outbox, position, spaces};
use crate::sync::http::{Cancel, Line};
use crate::views::{CycleItem, ExchangeSummary, HistoryItem, PaperItem, PaperView, QuestionView, Standing};
use crate::work::{Act, Paper, Work};

/// Papers in one page of a list.
const LIST_PAGE_MAX: u32 = 200;

/// A phone at work.
#[derive(uniffi::Object)]
pub struct Phone {
    pub(crate) desk: Mutex<Desk>,
    pub(crate) line: Mutex<Option<Line>>,
    pub(crate) listener: Option<Arc<dyn Listener>>,
    /// The resident who holds the phone, if one does. Whoever needs the desk too takes the desk first.
    pub(crate) resident: Mutex<Resident>,
}

#[uniffi::export]
impl Phone {
    /// Opens the store with the 32 bytes that the platform's key store unwrapped. The incarnation file must lie where no
    /// backup of the system looks.
    #[uniffi::constructor]
    pub fn open(
        store_file: String,
        incarnation_file: String,
        key: Vec<u8>,
        listener: Option<Arc<dyn Listener>>,
    ) -> Result<Arc<Self>, Failure> {
        let key = StoreKey::from_slice(&key).ok_or(StoreFailed::WrongKey)?;
        let mut store = Store::open(Path::new(&store_file), &key)?;
        let device = Device::open(&mut store, Path::new(&incarnation_file), random)?;
        let (work, directory, unknown) = (Work::default(), Directory::default(), Vec::new());
        let mut desk = Desk { store, work, device, directory, under_way: false, unknown };
        desk.read_directory()?;
        let (desk, resident) = (Mutex::new(desk), Mutex::default());
        Ok(Arc::new(Self { desk, line: Mutex::new(None), listener, resident }))
    }

    /// Where this phone stands with the office.
    pub fn standing(&self) -> Result<Standing, Failure> {
        let desk = self.desk();
        let words = desk.device.words().map(|words| words.map(str::to_owned).to_vec());
        let Some(person) = desk.device.home.as_ref().map(|home| home.person) else {
            return Ok(words.map_or(Standing::New, |words| Standing::Waiting { words }));
        };
        let own = spaces::state(desk.store.reader(), desk.own_space()?)?;
        let waiting = outbox::count(desk.store.reader())?;
        let is_copied = own.is_some_and(|state| state.is_copied);
        Ok(Standing::Enrolled { person_name: desk.directory.name_of(person), is_copied, waiting, words })
    }

    /// The cycles that are about this person or in which they began a form, the nearest deadline first.
    pub fn cycles(&self) -> Result<Vec<CycleItem>, Failure> {
        let desk = self.desk();
        let today = now().vietnamese_day();
        let person = desk.author()?.person;
        let item = |cycle: &model::cycle::EvaluationCycle| {
            let paper = desk.paper_of(cycle.id)?;
            let is_begun = documents::find(desk.store.reader(), paper.space, paper.document)?.is_some();
            if !is_begun && !desk.directory.is_covered(cycle, person) {
                return Ok(None);
            }
            Ok(Some(CycleItem {
                cycle: cycle.id,
                title: cycle.title.clone(),
                period_vi: cycle.period.label_vi(),
                period_en: cycle.period.label_en(),
                closes: cycle.closes.vietnamese(),
                days_left: today.days_until(cycle.closes),
                paper: is_begun.then_some(paper.document),
            }))
        };
        let items: Result<Vec<Option<CycleItem>>, Failure> =
            cycles_by_deadline(&desk.directory.cycles).into_iter().map(item).collect();
        Ok(items?.into_iter().flatten().collect())
    }

    /// The papers on this phone after one of them, at most `count`; from rows alone, no document is opened.
    pub fn papers(&self, after: Option<DocumentId>, count: u32) -> Result<Vec<PaperItem>, Failure> {
        let mut desk = self.desk();
        let space = desk.own_space()?;
        let mut rows = documents::after(desk.store.reader(), space, after, count.min(LIST_PAGE_MAX) as usize)?;
        // A document's first byte is its kind, so the papers stand before all others.
        rows.retain(|row| DocumentKind::of(row.id) == Some(DocumentKind::SelfAssessment));
        rows.iter().map(|row| desk.item(row)).collect()
    }

    /// Begins the self-assessment of a cycle, or finds the one that was begun here or on another device.
    pub fn begin_self_assessment(&self, cycle: CycleId) -> Result<DocumentId, Failure> {
        let mut desk = self.desk();
        let paper = desk.paper_of(cycle)?;
        if documents::find(desk.store.reader(), paper.space, paper.document)?.is_some() {
            return Ok(paper.document);
        }
        let person = desk.author()?.person;
        let form = desk.directory.cycles.get(&cycle).ok_or(Failure::NotHere)?.form.clone();
        let is_leader = desk.directory.cadres.get(&person).is_some_and(|listed| listed.assignment.is_leader);
        let heading = Heading { cycle, person, form, is_leader };
        self.edit(&mut desk, paper, &heading.edits())?;
        drop(desk);
        self.tell(paper);
        Ok(paper.document)
    }

    /// A paper with its progress, score, gaps and disputes.
    pub fn paper(&self, paper: DocumentId) -> Result<PaperView, Failure> {
        let mut desk = self.desk();
        let open = desk.open(paper)?;
        desk.view(&open, now().vietnamese_day())
    }

    /// One question on its page.
    pub fn question(&self, paper: DocumentId, question: String) -> Result<QuestionView, Failure> {
        let mut desk = self.desk();
        let open = desk.open(paper)?;
        question_view(&desk, &open, &question)
    }

    /// Remembers which question is on the screen, so that the app reopens exactly there.
    pub fn turn_to(&self, paper: DocumentId, question: String) -> Result<(), Failure> {
        let mut desk = self.desk();
        let paper = desk.paper(paper)?;
        desk.store.transact(|transaction| position::write(transaction, paper.space, paper.document, &question))?;
        Ok(())
    }

    /// Records an answer. When this returns, the answer is on disk.
    pub fn record_answer(&self, paper: DocumentId, question: String, answer: Answer) -> Result<(), Failure> {
        self.change(paper, |open| {
            let asked = open.form.template().question(&question).ok_or(Failure::NotHere)?;
            Ok(answer_edits(&answer.check(asked)?, asked))
        })
    }

    /// Takes an answer back.
    pub fn clear_answer(&self, paper: DocumentId, question: String) -> Result<(), Failure> {
        self.change(paper, |open| {
            let asked = open.form.template().question(&question).ok_or(Failure::NotHere)?;
            Ok(clearing_edits(asked))
        })
    }

    /// A name for a line that is about to be added.
    pub fn new_task(&self) -> TaskId {
        TaskId::from_bytes(random())
    }

    /// Writes a line of the task table; a new one comes last.
    pub fn record_task(&self, paper: DocumentId, line: TaskLine) -> Result<(), Failure> {
        line.check().map_err(|_| Failure::LineRejected)?;
        self.change(paper, |open| {
            if !matches!(open.read, Draft::SelfAssessment(_)) {
                return Err(Failure::NotHere);
            }
            let known = open.read.lines().iter().any(|other| other.id == line.id);
            let last = open.read.lines().iter().map(model::self_assessment::DraftLine::order);
            let next = last.filter(|order| *order < i64::MAX).max().unwrap_or(0) + 1;
            Ok(line_edits(&line, (!known).then_some(next)))
        })
    }

    /// Removes a line of the task table.
    pub fn remove_task(&self, paper: DocumentId, task: TaskId) -> Result<(), Failure> {
        self.change(paper, |_| Ok(removal_edits(task)))
    }

    /// Settles a dispute with one tap: the chosen side covers all others.
    pub fn settle(&self, paper: DocumentId, field: String, by: EntryHash) -> Result<(), Failure> {
        self.change(paper, |open| {
            let dispute = open.read.disputes().iter().find(|dispute| dispute.field == field);
            let value = dispute.and_then(|dispute| chosen(dispute, &by)).ok_or(Failure::NotHere)?;
            Ok(vec![Edit { field: field.clone(), value: Some(value) }])
        })
    }

    /// Signs and submits the paper as it stands, or corrects the submission before. Final from here on.
    pub fn submit(&self, paper: DocumentId) -> Result<(), Failure> {
        let mut guard = self.desk();
        let desk = &mut *guard;
        let open = desk.open(paper)?;
        let completion = open.read.completion(&open.form, now().vietnamese_day());
        if let Some(question) = gap_of(&open, completion.first_gap()) {
            return Err(Failure::Incomplete { question });
        }
        desk.check_may_sign(&open, now().vietnamese_day())?;
        let form = EntryHash::from_bytes(*open.read.form().fingerprint.as_bytes());
        let author = desk.author()?;
        let act = Act { store: &mut desk.store, author: &author, claimed: now() };
        desk.work.submit(act, open.paper, form)?;
        drop(guard);
        self.tell(open.paper);
        Ok(())
    }

    /// What happened to a paper or in a case, in the order in which it came to this phone.
    pub fn history(&self, paper: DocumentId) -> Result<Vec<HistoryItem>, Failure> {
        let desk = self.desk();
        desk.history(desk.paper(paper)?)
    }

    /// Sends and receives until nothing is left. Can be cancelled at any moment; what was committed stays.
    pub fn synchronise(&self, cancel: Arc<Cancel>) -> Result<ExchangeSummary, Failure> {
        crate::sync::synchronise(self, &cancel)
    }

    /// Reads an enrolment code and asks the office to let this device in; the words are compared on both screens. A phone
    /// that is in stays in meanwhile; so it is also led to a new address of its office.
    pub fn enrol(&self, code: String, cancel: Arc<Cancel>) -> Result<Standing, Failure> {
        crate::enrol::ask(self, &code, &cancel)?;
        self.standing()
    }

    /// Looks whether the office approved.
    pub fn check_enrolment(&self, cancel: Arc<Cancel>) -> Result<Standing, Failure> {
        crate::enrol::check(self, &cancel)?;
        self.standing()
    }
}

#[uniffi::export]
impl Cancel {
    /// A handle for one exchange.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Ends the exchange that was started with this handle, or the one that will be.
    pub fn cancel(&self) {
        self.set();
    }
}

#[uniffi::export]
impl Failure {
    /// Whether the same intent may go well later without anybody doing something.
    pub fn retryable(&self) -> bool {
        self.may_go_well_later()
    }
}

impl Phone {
    /// The desk; a panic of another thread while it held the lock left every commit whole.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in memory of a resident; a panic left it whole or gone.
    fn resident(&self) -> MutexGuard<'_, Resident> {
        self.resident.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        paper: DocumentId,
        edits: impl FnOnce(&OpenPaper) -> Result<Vec<Edit>, Failure>,
    ) -> Result<(), Failure> {
        let mut desk = self.desk();
        let open = desk.open(paper)?;
        let edits = edits(&open)?;
        self.edit(&mut desk, open.paper, &edits)?;
        drop(desk);
        self.tell(open.paper);
        Ok(())
    }

    fn edit(&self, desk: &mut Desk, paper: Paper, edits: &[Edit]) -> Result<(), Failure> {
        let author = desk.author()?;
        let act = Act { store: &mut desk.store, author: &author, claimed: now() };
        desk.work.edit(act, paper, edits)?;
        Ok(())
    }

    fn tell(&self, paper: Paper) {
        ring(self.listener.as_ref(), |listener| listener.changed(vec![paper.space]));
    }
}

fn gap_of(open: &OpenPaper, first_gap: Option<&str>) -> Option<String> {
    first_gap.or_else(|| open.read.loose_end()).map(str::to_owned)
}

fn question_view(desk: &Desk, open: &OpenPaper, key: &str) -> Result<QuestionView, Failure> {
    let completion = open.read.completion(&open.form, now().vietnamese_day());
    let question = open.form.template().question(key).ok_or(Failure::NotHere)?.clone();
    let state = completion.question(key).ok_or(Failure::NotHere)?;
    let pages: Vec<&str> = completion
        .questions
        .iter()
        .filter(|question| question.is_page && question.is_shown)
        .map(|question| question.key.as_str())
        .collect();
    let dispute = open.read.disputes().iter().find(|dispute| dispute.question == key);
    Ok(QuestionView {
        section: state.section.clone(),
        answer: open.read.answers().get(key).cloned(),
        page: pages.iter().position(|page| *page == key).map_or(0, |index| index as u32 + 1),
        pages: pages.len() as u32,
        previous: completion.page_before(key).map(str::to_owned),
        next: completion.page_after(key).map(str::to_owned),
        is_required: state.is_required,
        gap: state.gap.clone(),
        dispute: dispute.map(|dispute| desk.dispute(open, dispute)).transpose()?,
        question,
    })
}

/// The phone's clock; it labels and never decides.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_utc_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Both clocks at once, for what must not stay too long.
fn clocks() -> Clocks {
    Clocks { running: Instant::now(), wall: now() }
}

/// The system's source.
pub(crate) fn randomness() -> impl CryptoRng {
    UnwrapErr(SysRng)
}

/// Random bytes of the system.
pub(crate) fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests;
