//! The office's report: progress of a cycle by unit, spread of the levels with the quota, every score; the same as CSV.
//!
//! Read from a connection of its own that cannot write, in one transaction, so that a page shows one moment and the
//! writer never waits for it. Named work only. Until accounts exist the pages answer this machine alone; see
//! [`access`].

pub mod access;
pub mod bar;
pub mod chip;
pub mod directory;
pub mod page;
pub mod progress;
pub mod quota;
pub mod reading;
pub mod score_row;
pub mod spreadsheet;

pub(crate) mod answer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use model::cycle::{CycleRefused, EvaluationCycle};
use model::hash::PublicKey;
use model::identity::CycleId;
use model::report::sheet::{Sheet, progress_sheet, score_sheet};
use model::time::Timestamp;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::database;
use crate::failure::ServerFailed;
use crate::recovery;
use crate::report::directory::Directory;
use crate::report::page::{ReportPage, Situation, summary};
use crate::report::reading::{CycleReading, Reader};
use crate::safety::Safety;

/// Reports that are read at one time; each holds a connection and, for 10,000 people, a second of one core.
const REPORTS_AT_ONCE_MAX: usize = 2;

/// Where reports come from: a database to read, whose it is, and what time it is.
#[derive(Clone)]
pub struct ReportSource {
    database: PathBuf,
    identity: PublicKey,
    safety: Safety,
    clock: fn() -> Timestamp,
    places: Arc<Semaphore>,
}

/// What a reader finds about a cycle.
pub enum Found {
    /// The cycle, and all cycles, the newest first.
    Cycle(Box<CycleReading>, Vec<EvaluationCycle>),
    /// No cycle of this id.
    Unknown,
    /// The cycle pins rules or a form that were not published, or that do not go together.
    Refused(CycleRefused),
}

impl ReportSource {
    /// Reports of the database at a path; the server that writes it has this identity and this clock.
    pub fn new(database: &Path, identity: PublicKey, safety: Safety, clock: fn() -> Timestamp) -> Self {
        let places = Arc::new(Semaphore::new(REPORTS_AT_ONCE_MAX));
        Self { database: database.to_owned(), identity, safety, clock, places }
    }

    /// Reads one cycle. Blocks on the disk.
    pub fn cycle(&self, id: CycleId) -> Result<Found, ServerFailed> {
        let mut connection = self.open()?;
        let moment = connection.transaction()?;
        let directory = Directory::read(&moment)?;
        let Some(cycle) = directory.cycle(id) else { return Ok(Found::Unknown) };
        let rules = match directory.rules_of(cycle) {
            Ok(rules) => rules,
            Err(refused) => return Ok(Found::Refused(refused)),
        };
        let reader = Reader { connection: &moment, identity: &self.identity, directory: &directory };
        let reading = reader.cycle(cycle, rules)?;
        Ok(Found::Cycle(Box::new(reading), directory.cycles))
    }

    /// What the office published. Blocks on the disk.
    pub fn directory(&self) -> Result<Directory, ServerFailed> {
        let mut connection = self.open()?;
        Directory::read(&*connection.transaction()?)
    }

    /// The server's clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Now, how many copies there are, and whether the data may lack something. Blocks on the disk.
    pub fn situation(&self) -> Result<Situation, ServerFailed> {
        let is_recovering = recovery::is_under_way(&self.open()?)?;
        Ok(Situation { now: self.now(), copies: self.safety.copies(), is_recovering })
    }

    /// Whose database it is; the spaces of people and cases are derived from it.
    pub(crate) fn identity(&self) -> &PublicKey {
        &self.identity
    }

    /// A connection that cannot write.
    pub(crate) fn open(&self) -> Result<Connection, ServerFailed> {
        database::open_to_read(&self.database)
    }

    /// Runs a read on a thread that may block, when a place is free.
    pub(crate) async fn read(
        self,
        work: impl FnOnce(&Self) -> Result<Response, ServerFailed> + Send + 'static,
    ) -> Response {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&self)
        });
        match done.await {
            Ok(Ok(response)) => response,
            Ok(Err(failed)) => {
                tracing::warn!(%failed, "a report could not be read");
                answer::unreadable()
            }
            Err(_) => answer::unreadable(),
        }
    }
}

/// The pages and their guard: mount at the root of the server, beside their files ([`assets`]).
pub fn routes<S: Clone + Send + Sync + 'static>(source: ReportSource) -> Router<S> {
    Router::new()
        .route("/", get(newest))
        .route("/report", get(newest))
        .route("/report/", get(newest))
        .route("/report/{cycle}", get(report))
        .route("/report/{cycle}/scores.csv", get(scores))
        .route("/report/{cycle}/progress.csv", get(progress_file))
        .route("/report/{cycle}/{*rest}", get(async || answer::no_page()))
        .layer(from_fn(access::only_from_this_machine))
        .with_state(source)
}

/// The files that every page shows. They say nothing about anybody; the page that refuses needs them too.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/look.css", get(|| async { answer::asset("text/css; charset=utf-8", LOOK) }))
        .route("/assets/cases.css", get(|| async { answer::asset("text/css; charset=utf-8", CASES) }))
        .route("/assets/paper.css", get(|| async { answer::asset("text/css; charset=utf-8", PAPER) }))
        .route("/assets/result.css", get(|| async { answer::asset("text/css; charset=utf-8", RESULT) }))
        .route("/assets/poster.css", get(|| async { answer::asset("text/css; charset=utf-8", POSTER) }))
        .route("/assets/replies.css", get(|| async { answer::asset("text/css; charset=utf-8", REPLIES) }))
        .route("/assets/replies.js", get(|| async { answer::asset("text/javascript; charset=utf-8", REPLIES_SCRIPT) }))
        .route("/assets/icon.svg", get(|| async { answer::asset("image/svg+xml", ICON) }))
}

const LOOK: &str = include_str!("../assets/look.css");
const CASES: &str = include_str!("../assets/cases.css");
const PAPER: &str = include_str!("../assets/paper.css");
const RESULT: &str = include_str!("../assets/result.css");
const POSTER: &str = include_str!("../assets/poster.css");
const REPLIES: &str = include_str!("../assets/replies.css");
const REPLIES_SCRIPT: &str = include_str!("../assets/replies.js");
const ICON: &str = include_str!("../assets/icon.svg");

async fn newest(State(source): State<ReportSource>) -> Response {
    source
        .read(|source| {
            let directory = source.directory()?;
            Ok(match directory.cycles.first() {
                Some(cycle) => Redirect::to(&format!("/report/{}", cycle.id)).into_response(),
                None => answer::no_cycle(source.situation()?, directory.place().map(str::to_owned)),
            })
        })
        .await
}

async fn report(State(source): State<ReportSource>, cycle: CycleNamed) -> Response {
    with_cycle(source, cycle, |source, reading, cycles| {
        Ok(answer::page(StatusCode::OK, &ReportPage::new(reading, cycles, source.situation()?)))
    })
    .await
}

async fn scores(State(source): State<ReportSource>, cycle: CycleNamed) -> Response {
    with_cycle(source, cycle, |_, reading, _| Ok(file("scores", reading, &score_sheet(&summary(reading))))).await
}

async fn progress_file(State(source): State<ReportSource>, cycle: CycleNamed) -> Response {
    with_cycle(source, cycle, |_, reading, _| Ok(file("progress", reading, &progress_sheet(&summary(reading))))).await
}

fn file(name: &str, reading: &CycleReading, sheet: &Sheet) -> Response {
    answer::download(&format!("{name}-{}.csv", reading.cycle.closes), spreadsheet::csv_of(sheet))
}

/// The cycle of an address; refused when it is not even text.
type CycleNamed = Result<Segment<String>, PathRejection>;

async fn with_cycle(
    source: ReportSource,
    cycle: CycleNamed,
    work: impl FnOnce(&ReportSource, &CycleReading, &[EvaluationCycle]) -> Result<Response, ServerFailed> + Send + 'static,
) -> Response {
    let named = cycle.ok().and_then(|Segment(cycle)| CycleId::parse(&cycle).ok());
    let Some(cycle) = named else { return answer::unknown() };
    source
        .read(move |source| {
            Ok(match source.cycle(cycle)? {
                Found::Cycle(reading, cycles) => work(source, &reading, &cycles)?,
                Found::Unknown => answer::unknown(),
                Found::Refused(refused) => answer::cycle_refused(&refused),
            })
        })
        .await
}

#[cfg(test)]
mod tests;
