//! Published pages as bytes in memory: laid out when they are published, handed out as often as anybody asks.
//!
//! A published result never changes, so nothing of it is ever forgotten; a commune publishes a few rounds a year, some
//! hundred kilobytes each, and a file of answers a month. The database is asked at most once in [`RESULTS_LOOK_PAUSE`], by one reader, whoever comes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use model::identity::RoundId;
use model::publication::sheet::result_sheet;
use model::round::state::RoundState;
use model::time::Timestamp;
use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::failure::ServerFailed;
use crate::feedback::published;
use crate::limits::RESULTS_LOOK_PAUSE;
use crate::report::ReportSource;
use crate::report::directory::Directory;
use crate::report::spreadsheet::csv_of;
use crate::results::PublishedRound;
use crate::results::page::{Reader, ResultList, ResultPage};
use crate::results::poster::Poster;
use crate::rounds;

/// Where published pages are taken from.
pub struct Shelf {
    source: ReportSource,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    looked: Timestamp,
    stock: Arc<Stock>,
}

/// Everything that is published.
pub struct Stock {
    /// The list.
    pub list: Bytes,
    /// The texts of all public files of answers, as one JSON array.
    pub replies: Bytes,
    /// By round.
    pub rounds: BTreeMap<RoundId, Printed>,
    version: Version,
}

/// One published round.
pub struct Printed {
    /// Its page.
    pub page: Bytes,
    /// Its poster.
    pub poster: Bytes,
    /// Its sheet.
    pub sheet: Bytes,
    /// What the sheet is called.
    pub file_name: String,
}

/// How many results were published, and how many counts were taken: a recount may come after the publication. And which
/// files of answers are public.
#[derive(Clone, PartialEq, Eq)]
struct Version {
    published: u32,
    counts: u32,
    replies: String,
}

impl Shelf {
    /// Over the server's database.
    pub fn new(source: ReportSource) -> Self {
        Self { source, kept: Mutex::new(None) }
    }

    /// What is published, as of a moment ago.
    pub async fn stock(self: &Arc<Self>) -> Result<Arc<Stock>, ServerFailed> {
        if let Some(kept) = &*self.kept.lock().await
            && kept.is_fresh(self.source.now())
        {
            return Ok(Arc::clone(&kept.stock));
        }
        // Beside the request: whoever asks and leaves at once does not begin a look after the other.
        let shelf = Arc::clone(self);
        tokio::spawn(async move { shelf.look().await }).await.map_err(|_| ServerFailed::Defect)?
    }

    async fn look(self: Arc<Self>) -> Result<Arc<Stock>, ServerFailed> {
        let mut kept = self.kept.lock().await;
        let known = match &*kept {
            Some(kept) if kept.is_fresh(self.source.now()) => return Ok(Arc::clone(&kept.stock)),
            before => before.as_ref().map(|kept| Arc::clone(&kept.stock)),
        };
        let (source, before) = (self.source.clone(), known.clone());
        let read = tokio::task::spawn_blocking(move || read(&source, before));
        let stock = match (read.await.map_err(|_| ServerFailed::Defect)?, known) {
            (Ok(stock), _) => stock,
            // What was published stays true while the disk does not answer.
            (Err(_), Some(known)) => known,
            (Err(failed), None) => return Err(failed),
        };
        *kept = Some(Kept { looked: self.source.now(), stock: Arc::clone(&stock) });
        Ok(stock)
    }
}

impl Kept {
    /// A clock that was set back makes nothing fresh.
    fn is_fresh(&self, now: Timestamp) -> bool {
        u64::try_from(now.utc_ms() - self.looked.utc_ms())
            .is_ok_and(|ms| Duration::from_millis(ms) < RESULTS_LOOK_PAUSE)
    }
}

fn read(source: &ReportSource, known: Option<Arc<Stock>>) -> Result<Arc<Stock>, ServerFailed> {
    let mut connection = source.open()?;
    let moment = connection.transaction()?;
    let version = version(&moment)?;
    if let Some(known) = known.filter(|known| known.version == version) {
        return Ok(known);
    }
    let directory = Directory::read(&moment)?;
    let kept = rounds::all(&moment)?;
    let mut reported: Vec<PublishedRound> =
        kept.iter().filter_map(|kept| PublishedRound::of(kept, &directory)).collect();
    reported.sort_by_key(|round| std::cmp::Reverse((round.reported(), round.definition().id)));
    let place = directory.place().map(str::to_owned);
    let list = Bytes::from(ResultList::new(&reported, place).html());
    let rounds = reported.iter().map(|round| (round.definition().id, Printed::new(round))).collect();
    let replies = serde_json::to_vec(&published::texts(&moment)?).expect("texts can be written");
    Ok(Arc::new(Stock { list, replies: Bytes::from(replies), rounds, version }))
}

fn version(connection: &Connection) -> Result<Version, ServerFailed> {
    let sql = "select (select count(*) from round_step where step = ?1), (select count(*) from outcome)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (published, counts) = connection.prepare_cached(sql)?.query_row([RoundState::Reported as i64], read)?;
    Ok(Version { published, counts, replies: published::names(connection)? })
}

impl Printed {
    fn new(round: &PublishedRound) -> Self {
        Self {
            page: ResultPage::new(round, Reader::Anybody).html().into(),
            poster: Poster::new(round).html().into(),
            sheet: csv_of(&result_sheet(round.definition(), round.published())).into(),
            file_name: sheet_name(round),
        }
    }
}

/// What the sheet of a round is called.
pub fn sheet_name(round: &PublishedRound) -> String {
    format!("result-{}.csv", round.definition().closes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicI64, Ordering};

    use ed25519_dalek::SigningKey;
    use model::handshake::public;

    use super::*;
    use crate::office::{DATABASE_FILE, Moment, Office};
    use crate::safety::Safety;

    static NOW_MS: AtomicI64 = AtomicI64::new(1_794_711_600_000);

    fn shelf(folder: &Path) -> Arc<Shelf> {
        let key = SigningKey::from_bytes(&[42; 32]);
        let clock = || Timestamp::from_utc_ms(NOW_MS.load(Ordering::SeqCst));
        let source = ReportSource::new(&folder.join(DATABASE_FILE), public(&key), Safety::of_one_copy(), clock);
        Arc::new(Shelf::new(source))
    }

    #[tokio::test]
    async fn strangers_are_answered_from_memory() {
        let folder = tempfile::tempdir().unwrap();
        let moment = Moment { now_ms: 1_794_711_600_000, random: 1 };
        drop(Office::open(folder.path(), SigningKey::from_bytes(&[42; 32]), Safety::of_one_copy(), moment).unwrap());
        let shelf = shelf(folder.path());
        let first = shelf.stock().await.unwrap();
        assert!(String::from_utf8_lossy(&first.list).contains("Chưa có kết quả nào") && first.rounds.is_empty());
        std::fs::remove_file(folder.path().join(DATABASE_FILE)).unwrap();
        for _ in 0..1_000 {
            assert!(Arc::ptr_eq(&first, &shelf.stock().await.unwrap()), "the database is not asked");
        }
        NOW_MS.fetch_add(RESULTS_LOOK_PAUSE.as_millis() as i64, Ordering::SeqCst);
        assert!(Arc::ptr_eq(&first, &shelf.stock().await.unwrap()), "what was published stays true");
    }

    #[tokio::test]
    async fn a_database_that_was_never_read_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        assert!(shelf(&folder.path().join("nowhere")).stock().await.is_err());
    }
}
