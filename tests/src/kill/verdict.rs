//! After the last kill: what was told beside what is there.

use std::collections::BTreeSet;
use std::path::Path;

use phone::delivery::Delivery;
use rusqlite::Connection;
use server::office::DATABASE_FILE;

use super::ledger::Ledger;
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};

/// Papers in one page of the list.
const PAPERS_MAX: u32 = 200;

/// What a run came to.
pub struct Verdict {
    /// Processes killed and started again.
    pub kills: u32,
    /// Entries that a core called saved.
    pub saved: usize,
    /// Entries that a phone showed as received.
    pub received: usize,
    /// Saved entries that the server refused and the phone shows as refused.
    pub refused: usize,
    /// Rows of the server's logs.
    pub rows: usize,
    /// Received entries that are in no log.
    pub received_lost: usize,
    /// Saved entries that are neither in a log nor shown as refused.
    pub saved_lost: usize,
    /// Rows that stand in a log twice, and numbers that are missing or double.
    pub duplicated: usize,
    /// Entries of a phone that still wait or are shown as received without being so.
    pub untrue: usize,
}

impl Verdict {
    /// Facts that do not hold.
    pub fn faults(&self) -> usize {
        self.received_lost + self.saved_lost + self.duplicated + self.untrue
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { saved, received, refused, rows, .. } = self;
        writeln!(out, "{saved} entries called saved, {received} shown as received, {refused} refused, {rows} rows")?;
        let Self { received_lost, saved_lost, duplicated, untrue, .. } = self;
        write!(out, "lost: {received_lost} received, {saved_lost} saved; {duplicated} duplicated; {untrue} untrue")
    }
}

pub(super) fn compare(ledger: &Ledger, pockets: &[Pocket], server: &Path, kills: u32) -> Told<Verdict> {
    let log = Log::read(&server.join(DATABASE_FILE)).map_err(failed("The server's log cannot be read"))?;
    let (mut refused, mut untrue) = (BTreeSet::new(), 0);
    for (index, pocket) in pockets.iter().enumerate() {
        for (hash, delivery) in entries(pocket)? {
            match delivery {
                Delivery::Refused => {
                    refused.insert((index, hash));
                }
                Delivery::Received => untrue += usize::from(!log.hashes.contains(&hash)),
                Delivery::Waiting => untrue += 1,
            }
        }
    }
    let is_lost = |saved: &&(usize, String)| !log.hashes.contains(&saved.1) && !refused.contains(*saved);
    Ok(Verdict {
        kills,
        saved: ledger.saved.len(),
        received: ledger.received.len(),
        refused: refused.intersection(&ledger.saved).count(),
        rows: log.rows,
        received_lost: ledger.received.difference(&log.hashes).count(),
        saved_lost: ledger.saved.iter().filter(is_lost).count(),
        duplicated: (log.rows - log.hashes.len()) + log.crooked_spaces,
        untrue,
    })
}

fn entries(pocket: &Pocket) -> Told<Vec<(String, Delivery)>> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let papers = pocket.phone.papers(after, PAPERS_MAX).map_err(failed("The papers cannot be read"))?;
        let Some(last) = papers.last() else { return Ok(entries) };
        after = Some(last.paper);
        for paper in &papers {
            let history = pocket.phone.history(paper.paper).map_err(failed("A history cannot be read"))?;
            entries.extend(history.into_iter().map(|item| (item.entry.to_string(), item.delivery)));
        }
    }
}

/// The server's logs, membership left out.
struct Log {
    rows: usize,
    hashes: BTreeSet<String>,
    crooked_spaces: usize,
}

impl Log {
    fn read(database: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(database)?;
        let mut statement = connection.prepare("select lower(hex(hash)) from entry where kind <> 4")?;
        let hashes: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let sql = "select count(*) from (select space from entry group by space
                   having count(*) <> max(number) or count(distinct number) <> count(*) or min(number) <> 1)";
        let crooked_spaces: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        let rows = hashes.len();
        Ok(Self { rows, hashes: hashes.into_iter().collect(), crooked_spaces: crooked_spaces as usize })
    }
}
