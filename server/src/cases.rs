//! Evaluation cases among the office's pages: all of a cycle, one case, its signed papers to print, and the reports on
//! what was decided.
//!
//! This machine alone, like the report; see [`access`]. Only reads, in one transaction per page. Nothing of a round is
//! here: of residents a case has what an open meeting put into a signed paper.

pub mod account;
pub mod file;
pub mod filter;
pub mod list;
pub mod page;
pub mod reading;
pub mod reports;
pub mod sheet;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path as Segment, RawQuery, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use model::case::paper::PaperKind;
use model::cycle::EvaluationCycle;
use model::identity::{CycleId, PersonId};
use model::rule_set::RuleSet;
use model::time::Day;
use rusqlite::Connection;

use crate::cases::account::account;
use crate::cases::file::CaseFile;
use crate::cases::filter::Filter;
use crate::cases::list::CaseListPage;
use crate::cases::page::{CasePage, OneCase, held, name_of};
use crate::cases::reading::CycleCases;
use crate::cases::reports::{CaseReports, CaseReportsPage, ReportName};
use crate::cases::sheet::head::Issuer;
use crate::cases::sheet::signature::SignatureCheck;
use crate::cases::sheet::{Printing, SheetPage};
use crate::failure::ServerFailed;
use crate::report::directory::Directory;
use crate::report::page::Situation;
use crate::report::spreadsheet::csv_of;
use crate::report::{ReportSource, access, answer};

/// The pages and their guard: mount at the root of the server.
pub fn routes<S: Clone + Send + Sync + 'static>(source: ReportSource) -> Router<S> {
    Router::new()
        .route("/cases", get(newest))
        .route("/cases/", get(newest))
        .route("/cases/{cycle}", get(list))
        .route("/cases/{cycle}/reports", get(case_reports))
        .route("/cases/{cycle}/reports/{file}", get(report_file))
        .route("/cases/{cycle}/{person}", get(case))
        .route("/cases/{cycle}/{person}/papers/{kind}", get(newest_paper))
        .route("/cases/{cycle}/{person}/papers/{kind}/{version}", get(paper))
        .layer(from_fn(access::only_from_this_machine))
        .with_state(source)
}

/// One moment of the database, and what stands around a page.
pub(crate) struct Asked<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) directory: Directory,
    pub(crate) situation: Situation,
}

impl Asked<'_> {
    pub(crate) fn today(&self) -> Day {
        self.situation.now.vietnamese_day()
    }

    fn place(&self) -> Option<String> {
        self.directory.place().map(str::to_owned)
    }
}

/// The parts of an address; refused when they are not even text.
type Named<T> = Result<Segment<T>, PathRejection>;

async fn newest(State(source): State<ReportSource>) -> Response {
    let work = |source: &ReportSource| {
        let directory = source.directory()?;
        Ok(match directory.cycles.first() {
            Some(cycle) => Redirect::to(&format!("/cases/{}", cycle.id)).into_response(),
            None => answer::no_cycle(source.situation()?, directory.place().map(str::to_owned)),
        })
    };
    source.read(work).await
}

async fn list(State(source): State<ReportSource>, cycle: Named<String>, RawQuery(query): RawQuery) -> Response {
    with_cycle(source, cycle.ok().map(|Segment(cycle)| cycle), move |asked, cycle| {
        let today = asked.today();
        let cases = reading::read(asked.connection, &asked.directory, (cycle, today))?;
        let frame = asked.situation.frame(&cycle.title, asked.place());
        let filter = Filter::read(query.as_deref().unwrap_or_default());
        let around = (asked.directory.cycles.as_slice(), asked.directory.unread);
        Ok(answer::page(StatusCode::OK, &CaseListPage::new(&cases, around, filter, (frame, today))))
    })
    .await
}

async fn case_reports(State(source): State<ReportSource>, cycle: Named<String>) -> Response {
    with_reports(source, cycle.ok().map(|Segment(cycle)| cycle), |asked, (cases, rules), reports| {
        let frame = asked.situation.frame(&cases.cycle.title, asked.place());
        let page = CaseReportsPage::new((cases, rules), reports, &asked.directory.cycles, frame);
        answer::page(StatusCode::OK, &page)
    })
    .await
}

async fn report_file(State(source): State<ReportSource>, named: Named<(String, String)>) -> Response {
    let Ok(Segment((cycle, file))) = named else { return answer::no_page() };
    let Some((name, word)) = ReportName::of_file(&file) else { return answer::no_page() };
    with_reports(source, Some(cycle), move |_, (cases, _), reports| {
        answer::download(&format!("{word}-{}.csv", cases.cycle.closes), csv_of(&reports.sheet(name)))
    })
    .await
}

/// Reads and counts every case of a cycle.
async fn with_reports(
    source: ReportSource,
    cycle: Option<String>,
    laid_out: impl FnOnce(&Asked<'_>, (&CycleCases, &RuleSet), &CaseReports) -> Response + Send + 'static,
) -> Response {
    with_cycle(source, cycle, move |asked, cycle| {
        let rules = match asked.directory.rules_of(cycle) {
            Ok(rules) => rules,
            Err(refused) => return Ok(answer::cycle_refused(&refused)),
        };
        let cases = reading::read(asked.connection, &asked.directory, (cycle, asked.today()))?;
        Ok(laid_out(asked, (&cases, rules), &CaseReports::of(&cases, rules)))
    })
    .await
}

async fn case(State(source): State<ReportSource>, named: Named<(String, String)>) -> Response {
    let (cycle, person) = named.ok().map(|Segment(named)| named).unzip();
    let identity = *source.identity();
    with_cycle(source, cycle, move |asked, cycle| {
        let Some(person) = person.and_then(|person| PersonId::parse(&person).ok()) else {
            return Ok(answer::unknown_case());
        };
        let file = file::read(asked.connection, &identity, (cycle.id, person))?;
        if held(&asked.directory, person).is_none() && file.papers.is_empty() {
            return Ok(answer::unknown_case());
        }
        let account = account_of(&asked.directory, cycle, (person, &file));
        let (directory, today) = (&asked.directory, asked.today());
        let has_unfiled = reading::unfiled(asked.connection, cycle.id)?.0.contains(&person);
        let case = OneCase { directory, cycle, person, file: &file, has_unfiled, account, today };
        let frame = asked.situation.frame(&name_of(directory, person), asked.place());
        Ok(answer::page(StatusCode::OK, &CasePage::new(&case, frame)))
    })
    .await
}

async fn newest_paper(State(source): State<ReportSource>, named: Named<(String, String, String)>) -> Response {
    let Ok(Segment((cycle, person, kind))) = named else { return answer::unknown_paper() };
    printed(source, (cycle, person), (kind, None)).await
}

async fn paper(State(source): State<ReportSource>, named: Named<(String, String, String, String)>) -> Response {
    let Ok(Segment((cycle, person, kind, version))) = named else { return answer::unknown_paper() };
    printed(source, (cycle, person), (kind, Some(version))).await
}

/// The newest paper of a kind, or the version that this row filed, as a sheet.
async fn printed(
    source: ReportSource,
    (cycle, person): (String, String),
    (kind, version): (String, Option<String>),
) -> Response {
    let identity = *source.identity();
    with_cycle(source, Some(cycle), move |asked, cycle| {
        let (Ok(person), Some(kind)) = (PersonId::parse(&person), PaperKind::from_word(&kind)) else {
            return Ok(answer::unknown_paper());
        };
        let file = file::read(asked.connection, &identity, (cycle.id, person))?;
        let found = match version {
            Some(version) => file.version(kind, &version),
            None => file.newest(kind),
        };
        let Some(paper) = found else { return Ok(answer::unknown_paper()) };
        let directory = &asked.directory;
        let rules = directory.rules_of(cycle).ok();
        let is_account = kind == PaperKind::SelfAssessment;
        let held = held(directory, person);
        let account = rules.filter(|_| is_account).and_then(|rules| account(paper, (directory, rules), held));
        let issuer = Issuer::of(asked.connection, directory, (person, paper))?;
        let signature = SignatureCheck::of(asked.connection, &identity, paper)?;
        let printing = Printing { directory, cycle, person, paper, account, issuer, signature };
        Ok(match SheetPage::new(&printing) {
            Some(sheet) => answer::page(StatusCode::OK, &sheet),
            None => answer::unreadable_paper(),
        })
    })
    .await
}

/// What the cadre counted; none while no self-assessment lies in the case, or without rules to count by.
fn account_of(
    directory: &Directory,
    cycle: &EvaluationCycle,
    (person, file): (PersonId, &CaseFile),
) -> Option<account::Account> {
    let rules = directory.rules_of(cycle).ok()?;
    account(file.newest(PaperKind::SelfAssessment)?, (directory, rules), held(directory, person))
}

/// Reads one moment of a cycle on a thread that may block.
async fn with_cycle(
    source: ReportSource,
    cycle: Option<String>,
    work: impl FnOnce(&Asked<'_>, &EvaluationCycle) -> Result<Response, ServerFailed> + Send + 'static,
) -> Response {
    let Some(cycle) = cycle.and_then(|cycle| CycleId::parse(&cycle).ok()) else { return answer::unknown() };
    let read = move |source: &ReportSource| {
        let situation = source.situation()?;
        let mut connection = source.open()?;
        let moment = connection.transaction()?;
        let directory = Directory::read(&moment)?;
        let asked = Asked { connection: &moment, directory, situation };
        let Some(cycle) = asked.directory.cycle(cycle) else { return Ok(answer::unknown()) };
        work(&asked, cycle)
    };
    source.read(read).await
}
