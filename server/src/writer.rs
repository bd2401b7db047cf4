//! The one writer: a thread that owns the office, a bounded queue before it, and one commit for all that wait.
//!
//! While a commit waits for the disk the queue grows, and the next commit takes everything that has come: that is the
//! whole of group commit. Nobody is answered before the commit and before the membership file is on disk. A full queue
//! says so at once; what was taken into the queue is always answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use model::exchange::Reply;
use model::identity::DeviceId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::failure::ServerFailed;
use crate::limits::{GROUP_BYTES_MAX, GROUP_REQUESTS_MAX, QUEUE_BYTES_MAX, QUEUE_JOBS_MAX};
use crate::machine;
use crate::moves::Moves;
use crate::office::Office;
use crate::prepared::Prepared;
use crate::tally::Tally;

/// Why the writer did not do a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriterRefused {
    /// The queue is full; nothing of the job was done.
    #[error("the writer's queue is full")]
    Busy,
    /// The server is being stopped; nothing of the job was done.
    #[error("the server is stopping")]
    Stopping,
    /// It was tried.
    #[error("the writer failed: {0}")]
    Failed(#[from] ServerFailed),
}

/// The queue's entrance; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    bytes: Arc<Semaphore>,
    tally: Arc<Tally>,
}

enum Job {
    Exchange(Waiting),
    Act(Box<dyn FnOnce(&mut Office) + Send>),
    Stop,
}

struct Waiting {
    device: DeviceId,
    prepared: Prepared,
    answer: oneshot::Sender<Result<Reply, ServerFailed>>,
    _bytes: OwnedSemaphorePermit,
}

impl Writer {
    /// Starts the thread; it tells `moves` after each commit which spaces moved.
    pub fn start(office: Office, moves: Moves) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(QUEUE_JOBS_MAX);
        let tally = Arc::new(Tally::default());
        let desk = Desk { office, queue, moves, tally: Arc::clone(&tally) };
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || desk.work());
        let thread = thread.expect("a machine that cannot start one thread runs no server");
        (Self { jobs, bytes: Arc::new(Semaphore::new(QUEUE_BYTES_MAX)), tally }, thread)
    }

    /// One exchange; answered after its commit.
    pub async fn exchange(&self, device: DeviceId, prepared: Prepared) -> Result<Reply, WriterRefused> {
        let bytes = prepared.pushed_bytes().min(QUEUE_BYTES_MAX) as u32;
        let Ok(bytes) = Arc::clone(&self.bytes).try_acquire_many_owned(bytes) else { return Err(WriterRefused::Busy) };
        let (answer, answered) = oneshot::channel();
        self.send(Job::Exchange(Waiting { device, prepared, answer, _bytes: bytes }))?;
        let reply = answered.await.map_err(|_| WriterRefused::Failed(ServerFailed::Defect))?;
        Ok(reply?)
    }

    /// An act of the office or a look at its data, in turn with the exchanges.
    pub async fn act<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office) -> Result<T, ServerFailed> + Send + 'static,
    ) -> Result<T, WriterRefused> {
        let (answer, answered) = oneshot::channel();
        let job = move |office: &mut Office| {
            let done = guarded(office, work);
            // Nobody waits any more when a connection was cut; the work is done all the same.
            let _ = answer.send(done);
        };
        self.send(Job::Act(Box::new(job)))?;
        let done = answered.await.map_err(|_| WriterRefused::Failed(ServerFailed::Defect))?;
        Ok(done?)
    }

    /// Lets nothing more in; the thread finishes what waits, settles the database file and ends.
    pub async fn stop(&self) {
        // An error means that it has stopped already.
        let _ = self.jobs.send(Job::Stop).await;
    }

    /// Commits and the sizes of groups so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn send(&self, job: Job) -> Result<(), WriterRefused> {
        self.jobs.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => WriterRefused::Busy,
            mpsc::error::TrySendError::Closed(_) => WriterRefused::Stopping,
        })
    }
}

/// The thread's side.
struct Desk {
    office: Office,
    queue: mpsc::Receiver<Job>,
    moves: Moves,
    tally: Arc<Tally>,
}

impl Desk {
    fn work(mut self) {
        let mut next = None;
        while let Some(job) = next.take().or_else(|| self.queue.blocking_recv()) {
            match job {
                Job::Exchange(first) => next = self.serve_group(first),
                Job::Act(work) => {
                    work(&mut self.office);
                    // An act that moves no space writes, too: the second copy follows every one.
                    self.moves.note(self.office.take_moved());
                }
                // What is in the queue already is still done; nothing new comes in.
                Job::Stop => self.queue.close(),
            }
        }
        if let Err(failed) = self.office.settle() {
            tracing::error!(reason = %failed, "the database could not be settled at the stop; the next start does it");
        }
    }

    /// Serves the first and what waits behind it; returns a job of another kind that ended the group.
    fn serve_group(&mut self, first: Waiting) -> Option<Job> {
        let mut bytes = first.prepared.pushed_bytes();
        let mut group = vec![first];
        let mut next = None;
        while group.len() < GROUP_REQUESTS_MAX && bytes < GROUP_BYTES_MAX {
            match self.queue.try_recv() {
                Ok(Job::Exchange(waiting)) => {
                    bytes += waiting.prepared.pushed_bytes();
                    group.push(waiting);
                }
                Ok(other) => {
                    next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        self.tally.note_group(group.len(), bytes);
        self.commit(group);
        self.tell_moves();
        next
    }

    fn commit(&mut self, group: Vec<Waiting>) {
        let mut answers = Vec::with_capacity(group.len());
        let mut requests = Vec::with_capacity(group.len());
        for Waiting { device, prepared, answer, _bytes } in group {
            requests.push((device, prepared));
            answers.push((answer, _bytes));
        }
        let replies = match guarded(&mut self.office, |office| office.exchange_all(&requests, machine::moment())) {
            Ok(replies) => replies,
            // One request of the group hit a defect: the others are not its hostages.
            Err(ServerFailed::Defect) => requests.iter().map(|request| self.alone(request)).collect(),
            Err(failed) => vec![Err(failed); requests.len()],
        };
        self.tally.note_outcome(&replies);
        for ((answer, _bytes), reply) in answers.into_iter().zip(replies) {
            // Nobody waits any more when a connection was cut; the phone asks again and hears STORED.
            let _ = answer.send(reply);
        }
    }

    fn alone(&mut self, (device, prepared): &(DeviceId, Prepared)) -> Result<Reply, ServerFailed> {
        guarded(&mut self.office, |office| office.exchange(*device, prepared, machine::moment()))
    }

    fn tell_moves(&mut self) {
        let moved = self.office.take_moved();
        if !moved.is_empty() {
            self.moves.note(moved);
        }
    }
}

/// Work that may break off: its transaction is rolled back, what was remembered is forgotten, and the thread lives on.
fn guarded<T>(
    office: &mut Office,
    work: impl FnOnce(&mut Office) -> Result<T, ServerFailed>,
) -> Result<T, ServerFailed> {
    match catch_unwind(AssertUnwindSafe(|| work(office))) {
        Ok(done) => done,
        Err(_) => {
            office.forget();
            tracing::error!("a defect: a job of the writer broke off, nothing of it is stored");
            Err(ServerFailed::Defect)
        }
    }
}
