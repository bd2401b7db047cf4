//! Published results for everybody: a list, a page, a poster and a sheet for each round, at every port, without a login;
//! and the files of sealed answers to feedback, with the page that opens them.
//!
//! Nothing else about rounds is here: what was not published is not found, whether it exists or not. Everything is made
//! from a [`PublishedRound`], so from published cells alone. It is read and laid out once and then handed out from memory
//! ([`shelf`]): a stranger who asks a thousand times costs a thousand copies of the same bytes. No cookie is set and
//! nobody's request is written down. Source: anonymity A40-A46.

pub mod by_area;
pub mod chart;
pub mod page;
pub mod poster;
pub mod promise;
pub mod published_round;
pub mod replies;
pub mod shelf;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path as Segment, State};
use axum::response::Response;
use axum::routing::get;
use model::identity::RoundId;

use crate::limits::RESULTS_KEPT_TIME;
use crate::report::answer;
use crate::results::promise::PromisePage;
use crate::results::replies::RepliesPage;
use crate::results::shelf::{Printed, Shelf};

pub use published_round::PublishedRound;

/// The pages: mount at the root of every port, beside their files.
pub fn routes<S: Clone + Send + Sync + 'static>(shelf: Arc<Shelf>) -> Router<S> {
    Router::new()
        .route("/results", get(list))
        .route("/results/", get(list))
        .route("/promise", get(promise))
        .route("/replies", get(replies_page))
        .route("/v1/replies", get(replies_files))
        .route("/results/{round}", get(page))
        .route("/results/{round}/poster", get(poster))
        .route("/results/{round}/result.csv", get(sheet))
        .route("/results/{round}/{*rest}", get(async || answer::not_published()))
        .with_state(shelf)
}

/// The round of an address; refused when it is not even text.
type RoundNamed = Result<Segment<String>, PathRejection>;

async fn list(State(shelf): State<Arc<Shelf>>) -> Response {
    match shelf.stock().await {
        Ok(stock) => answer::published(answer::PAGE, stock.list.clone(), RESULTS_KEPT_TIME),
        Err(_) => answer::unreadable(),
    }
}

/// Two screens of words, laid out anew each time.
async fn promise() -> Response {
    let html = PromisePage::default().render().expect("a template of ours renders into memory");
    answer::published(answer::PAGE, html.into(), RESULTS_KEPT_TIME)
}

/// The same for everybody; a code is typed into it and stays there.
async fn replies_page() -> Response {
    let html = RepliesPage.render().expect("a template of ours renders into memory");
    answer::with_script(answer::published(answer::PAGE, html.into(), RESULTS_KEPT_TIME))
}

/// Every public file, whoever asks: nothing of a request is read.
async fn replies_files(State(shelf): State<Arc<Shelf>>) -> Response {
    match shelf.stock().await {
        Ok(stock) => answer::published(answer::FILES, stock.replies.clone(), RESULTS_KEPT_TIME),
        Err(_) => answer::unreadable(),
    }
}

async fn page(State(shelf): State<Arc<Shelf>>, round: RoundNamed) -> Response {
    of_round(&shelf, round, |printed| answer::published(answer::PAGE, printed.page.clone(), RESULTS_KEPT_TIME)).await
}

async fn poster(State(shelf): State<Arc<Shelf>>, round: RoundNamed) -> Response {
    of_round(&shelf, round, |printed| answer::published(answer::PAGE, printed.poster.clone(), RESULTS_KEPT_TIME)).await
}

async fn sheet(State(shelf): State<Arc<Shelf>>, round: RoundNamed) -> Response {
    let file = |printed: &Printed| {
        let sheet = answer::published(answer::SHEET, printed.sheet.clone(), RESULTS_KEPT_TIME);
        answer::named(sheet, &printed.file_name)
    };
    of_round(&shelf, round, file).await
}

async fn of_round(shelf: &Arc<Shelf>, round: RoundNamed, answered: impl FnOnce(&Printed) -> Response) -> Response {
    let named = round.ok().and_then(|Segment(round)| RoundId::parse(&round).ok());
    let Some(round) = named else { return answer::not_published() };
    match shelf.stock().await {
        Ok(stock) => stock.rounds.get(&round).map_or_else(answer::not_published, answered),
        Err(_) => answer::unreadable(),
    }
}
