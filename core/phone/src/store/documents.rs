//! One row per document: what lists and the fold need without opening it.

use model::decision::Decisions;
use model::document::DocumentKind;
use model::identity::{DocumentId, PersonId, SpaceId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::StoreFailed;

/// What the store knows of a document without opening it.
#[derive(Clone, PartialEq, Debug)]
pub struct DocumentRow {
    /// Order of coming to this phone.
    pub key: i64,
    /// Whose space.
    pub space: SpaceId,
    /// Which.
    pub id: DocumentId,
    /// Author of its first entry.
    pub person: PersonId,
    /// Changes held and not refused.
    pub changes: u32,
    /// The newest entry.
    pub latest: i64,
    /// What is in force by the rows held.
    pub decisions: Decisions,
    /// How often it went on under a new actor.
    pub rebased: u64,
}

const COLUMNS: &str = "space, id, person, changes, latest, decisions, rebased, key";

/// The row of a document of which nothing is held yet.
pub fn begin(
    transaction: &Transaction<'_>,
    space: SpaceId,
    id: DocumentId,
    person: PersonId,
) -> Result<DocumentRow, StoreFailed> {
    let decisions = Decisions::default();
    let sql = "insert into document (space, id, person, changes, latest, decisions, rebased)
               values (?1, ?2, ?3, 0, 0, ?4, 0)";
    let bytes = minicbor::to_vec(&decisions).expect("writing to memory cannot fail");
    transaction.prepare_cached(sql)?.execute((space.as_bytes(), id.as_bytes(), person.as_bytes(), bytes))?;
    let key = transaction.last_insert_rowid();
    Ok(DocumentRow { key, space, id, person, changes: 0, latest: 0, decisions, rebased: 0 })
}

/// One document, if anything of it is held.
pub fn find(connection: &Connection, space: SpaceId, id: DocumentId) -> Result<Option<DocumentRow>, StoreFailed> {
    let sql = format!("select {COLUMNS} from document where space = ?1 and id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row((space.as_bytes(), id.as_bytes()), read).optional()?)
}

/// The documents of a space after an id, at most `count`, in the order of their ids.
pub fn after(
    connection: &Connection,
    space: SpaceId,
    id: Option<DocumentId>,
    count: usize,
) -> Result<Vec<DocumentRow>, StoreFailed> {
    let sql = format!("select {COLUMNS} from document where space = ?1 and id > ?2 order by id limit ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let from: &[u8] = id.as_ref().map_or(&[], |id| id.as_bytes());
    let rows = statement.query_map((space.as_bytes(), from, count as i64), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every document of a kind in the spaces that this phone follows, in the order of their ids.
pub fn of_kind(connection: &Connection, kind: DocumentKind) -> Result<Vec<DocumentRow>, StoreFailed> {
    let from = kind as u8;
    read_between(connection, (&[from], &[from + 1]))
}

/// A document of any space that this phone follows, where its id speaks for the space too.
pub fn find_anywhere(connection: &Connection, id: DocumentId) -> Result<Option<DocumentRow>, StoreFailed> {
    let bytes = id.as_bytes();
    let rows = read_between(connection, (bytes, &[bytes.as_slice(), &[0]].concat()))?;
    Ok(rows.into_iter().next())
}

/// Documents of all spaces with an id from one to before another; by the index, one look per space.
fn read_between(connection: &Connection, (from, to): (&[u8], &[u8])) -> Result<Vec<DocumentRow>, StoreFailed> {
    let sql = "select document.space, document.id, person, changes, latest, decisions, rebased, key
               from space join document on document.space = space.id and document.id >= ?1 and document.id < ?2
               order by document.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((from, to), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a document's row.
pub fn write(transaction: &Transaction<'_>, row: &DocumentRow) -> Result<(), StoreFailed> {
    let sql = "update document set changes = ?2, latest = ?3, decisions = ?4, rebased = ?5 where key = ?1";
    let decisions = minicbor::to_vec(&row.decisions).expect("writing to memory cannot fail");
    transaction.prepare_cached(sql)?.execute((row.key, row.changes, row.latest, decisions, row.rebased))?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    let decisions: Vec<u8> = row.get(5)?;
    Ok(DocumentRow {
        space: SpaceId::from_bytes(row.get(0)?),
        id: DocumentId::from_bytes(row.get(1)?),
        person: PersonId::from_bytes(row.get(2)?),
        changes: row.get(3)?,
        latest: row.get(4)?,
        decisions: minicbor::decode(&decisions).unwrap_or_default(),
        rebased: row.get(6)?,
        key: row.get(7)?,
    })
}
