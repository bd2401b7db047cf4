//! One case out of its log: the steps that were taken, and the papers that lie in it.

use model::case::CaseState;
use model::case::filed::{Filed, subject};
use model::case::paper::PaperKind;
use model::decision::Decisions;
use model::document::DocumentKind;
use model::entry::{Content, Entry, EntryKind, Submit};
use model::hash::{EntryHash, PublicKey};
use model::identity::{CycleId, PersonId};
use model::space::case_space;
use model::time::Timestamp;
use rusqlite::Connection;

use crate::failure::ServerFailed;
use crate::log;

/// What lies in one case, in the order of its log.
#[derive(Debug, Clone, Default)]
pub struct CaseFile {
    /// Steps in force.
    pub steps: Vec<TakenStep>,
    /// Every filed paper, earlier versions too.
    pub papers: Vec<FiledPaper>,
    /// What is in force, as the next step is judged by it.
    pub decisions: Decisions,
    /// Rows that cannot be read; they hide no other.
    pub unread: u32,
}

/// A step that was taken.
#[derive(Debug, Clone)]
pub struct TakenStep {
    /// Where it led.
    pub to: CaseState,
    /// By whom; none where the server took it, because a paper came in.
    pub by: Option<PersonId>,
    /// When the server received it.
    pub received: Timestamp,
    /// Why, if a reason was given.
    pub reason: Option<String>,
}

/// A paper as its author signed it.
#[derive(Debug, Clone)]
pub struct FiledPaper {
    /// The row that filed it; its name in addresses.
    pub hash: EntryHash,
    /// What it is.
    pub kind: PaperKind,
    /// The author's own entry.
    pub entry: Entry,
    /// What it says.
    pub submit: Submit,
    /// When the server filed it.
    pub filed: Timestamp,
    /// Whether no later one of its kind was filed.
    pub is_newest: bool,
}

/// Reads a case; one without a space is empty.
pub fn read(
    connection: &Connection,
    identity: &PublicKey,
    (cycle, person): (CycleId, PersonId),
) -> Result<CaseFile, ServerFailed> {
    let mut file = CaseFile::default();
    let Some(space) = log::space(connection, case_space(identity, cycle, person))? else { return Ok(file) };
    let document = DocumentKind::Case.document_about(space.space, &subject(cycle, person));
    match log::document(connection, space.id, document) {
        Ok(state) => file.decisions = state.map(|state| state.decisions).unwrap_or_default(),
        Err(ServerFailed::Damaged) => file.unread += 1,
        Err(failed) => return Err(failed),
    }
    let sql = "select received_ms, bytes from entry
               where space = ?1 and kind in (?2, ?3) and in_force = 1 order by number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((space.id, EntryKind::File as i64, EntryKind::Status as i64))?;
    let office = model::entry::device_id(identity);
    while let Some(row) = rows.next()? {
        let received = Timestamp::from_utc_ms(row.get(0)?);
        let Ok(entry) = Entry::read(&row.get::<_, Vec<u8>>(1)?) else {
            file.unread += 1;
            continue;
        };
        match entry.content {
            Content::Status(status) => {
                let by = (entry.fields.device != office).then_some(entry.fields.person);
                file.steps.push(TakenStep { to: status.to, by, received, reason: status.reason });
            }
            Content::File(filed) => match opened(entry.hash, &filed, received) {
                Some(paper) => file.take_in(paper),
                None => file.unread += 1,
            },
            Content::Change(_) | Content::Submit(_) | Content::Grant(_) => {}
        }
    }
    Ok(file)
}

impl CaseFile {
    /// The newest paper of a kind.
    pub fn newest(&self, kind: PaperKind) -> Option<&FiledPaper> {
        self.papers.iter().find(|paper| paper.kind == kind && paper.is_newest)
    }

    /// The paper of a kind that was filed by the row of this name, as addresses write it.
    pub fn version(&self, kind: PaperKind, row: &str) -> Option<&FiledPaper> {
        self.papers.iter().find(|paper| paper.kind == kind && paper.hash.to_string() == row)
    }

    /// Where the case is; none before its first step.
    pub fn state(&self) -> Option<CaseState> {
        self.steps.last().map(|step| step.to)
    }

    fn take_in(&mut self, paper: FiledPaper) {
        for earlier in self.papers.iter_mut().filter(|earlier| earlier.kind == paper.kind) {
            earlier.is_newest = false;
        }
        self.papers.push(paper);
    }
}

fn opened(hash: EntryHash, filed: &Filed, received: Timestamp) -> Option<FiledPaper> {
    let entry = Entry::read(&filed.entry).ok()?;
    let Content::Submit(submit) = entry.content.clone() else { return None };
    Some(FiledPaper { hash, kind: filed.paper, entry, submit, filed: received, is_newest: true })
}
