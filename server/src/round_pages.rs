//! Rounds among the office's pages: the list, one round before its count, its result once that is published.
//!
//! Before the count a page knows who sealed, what was drawn until yesterday, and how much came in steps for the whole
//! commune: nothing by phone, volunteer, day or area that came back. This machine alone, like the report; see
//! [`access`]. Source: anonymity A31.

pub mod list;
pub mod sealed;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use model::identity::RoundId;
use model::publication::sheet::result_sheet;

use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::report::directory::Directory;
use crate::report::page::Situation;
use crate::report::spreadsheet::csv_of;
use crate::report::{ReportSource, access, answer};
use crate::results::PublishedRound;
use crate::results::page::{Reader, ResultPage};
use crate::results::shelf::sheet_name;
use crate::round_pages::list::RoundList;
use crate::round_pages::sealed::RoundPage;
use crate::rounds::overview::RoundOverview;
use crate::rounds::{self, KeptRound};
use crate::settings::Settings;

/// Where the pages are read from, and the orders that they name.
#[derive(Clone)]
pub struct RoundSource {
    reports: ReportSource,
    boxes: Arc<Boxes>,
    orders: Orders,
}

/// What the operator types, with the folder of this server in it.
#[derive(Clone)]
pub struct Orders(Settings);

impl Orders {
    /// Of the server with these settings.
    pub fn of(settings: &Settings) -> Self {
        Self(settings.clone())
    }

    /// Announces a round.
    pub fn announce(&self) -> String {
        self.0.order("round announce --file <tệp> --operator <người vận hành máy chủ>")
    }

    /// Freezes a box and writes the file for its opening.
    pub fn open_file(&self, round: RoundId) -> String {
        self.0.order(&format!("round open-file --round {round} --to <tệp>"))
    }

    /// Writes what a box of feedback holds now.
    pub fn feedback_box(&self, round: RoundId) -> String {
        self.0.order(&format!("feedback box --round {round} --to <tệp>"))
    }

    /// Takes the result of an opening, or of a recount.
    pub fn result(&self) -> String {
        self.0.order("round result --file <tệp>")
    }

    /// Publishes a result.
    pub fn publish(&self, round: RoundId) -> String {
        self.0.order(&format!("round publish --round {round}"))
    }
}

impl RoundSource {
    /// Over the database and the boxes of a running server.
    pub fn new(reports: ReportSource, boxes: Arc<Boxes>, orders: Orders) -> Self {
        Self { reports, boxes, orders }
    }
}

/// The pages and their guard: mount at the root of the server.
pub fn routes<S: Clone + Send + Sync + 'static>(source: RoundSource) -> Router<S> {
    Router::new()
        .route("/rounds", get(list))
        .route("/rounds/", get(list))
        .route("/rounds/{round}", get(round))
        .route("/rounds/{round}/result.csv", get(sheet))
        .route("/rounds/{round}/{*rest}", get(async || answer::unknown_round()))
        .layer(from_fn(access::only_from_this_machine))
        .with_state(source)
}

async fn list(State(source): State<RoundSource>) -> Response {
    let RoundSource { reports, boxes, orders } = source;
    let work = move |reports: &ReportSource| {
        let situation = reports.situation()?;
        let mut connection = reports.open()?;
        let moment = connection.transaction()?;
        let place = Directory::read(&moment)?.place().map(str::to_owned);
        let kept = rounds::all(&moment)?;
        if kept.is_empty() {
            return Ok(answer::no_round(situation, place, &orders.announce()));
        }
        let today = situation.now.vietnamese_day();
        let overview = |kept| RoundOverview::of(&moment, &boxes, kept, today);
        let overviews = kept.iter().map(overview).collect::<Result<Vec<_>, _>>()?;
        Ok(answer::page(StatusCode::OK, &RoundList::new(&overviews, situation.frame("Đợt lấy ý kiến", place), today)))
    };
    reports.read(work).await
}

async fn round(State(source): State<RoundSource>, round: RoundNamed) -> Response {
    with_round(source, round, |source, kept, asked| {
        if let Some(published) = PublishedRound::of(kept, &asked.directory) {
            return Ok(answer::page(StatusCode::OK, &ResultPage::new(&published, Reader::Office)));
        }
        let today = asked.situation.now.vietnamese_day();
        let overview = RoundOverview::of(asked.connection, &source.boxes, kept, today)?;
        let frame = asked.situation.frame(&overview.title, asked.directory.place().map(str::to_owned));
        let page = RoundPage::new((kept.definition(), &overview), frame, &source.orders, today);
        Ok(answer::page(StatusCode::OK, &page))
    })
    .await
}

async fn sheet(State(source): State<RoundSource>, round: RoundNamed) -> Response {
    with_round(source, round, |_, kept, asked| {
        let Some(published) = PublishedRound::of(kept, &asked.directory) else { return Ok(answer::no_result_yet()) };
        let sheet = result_sheet(published.definition(), published.published());
        Ok(answer::download(&sheet_name(&published), csv_of(&sheet)))
    })
    .await
}

/// The round of an address; refused when it is not even text.
type RoundNamed = Result<Segment<String>, PathRejection>;

/// One moment of the database, and what stands around a page.
struct Asked<'a> {
    connection: &'a rusqlite::Connection,
    directory: Directory,
    situation: Situation,
}

async fn with_round(
    source: RoundSource,
    round: RoundNamed,
    work: impl FnOnce(&RoundSource, &KeptRound, &Asked<'_>) -> Result<Response, ServerFailed> + Send + 'static,
) -> Response {
    let named = round.ok().and_then(|Segment(round)| RoundId::parse(&round).ok());
    let Some(round) = named else { return answer::unknown_round() };
    let reports = source.reports.clone();
    let work = move |reports: &ReportSource| {
        let situation = reports.situation()?;
        let mut connection = reports.open()?;
        let moment = connection.transaction()?;
        let Some(kept) = rounds::find(&moment, round)? else { return Ok(answer::unknown_round()) };
        let directory = Directory::read(&moment)?;
        work(&source, &kept, &Asked { connection: &moment, directory, situation })
    };
    reports.read(work).await
}
