//! Where a person was in a paper when the app was closed.

use model::identity::{DocumentId, SpaceId};
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::StoreFailed;

/// The question that was last on the screen.
pub fn find(connection: &Connection, space: SpaceId, document: DocumentId) -> Result<Option<String>, StoreFailed> {
    let sql = "select question from position where space = ?1 and document = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row((space.as_bytes(), document.as_bytes()), |row| row.get(0)).optional()?)
}

/// Remembers the question that is on the screen.
pub fn write(
    transaction: &Transaction<'_>,
    space: SpaceId,
    document: DocumentId,
    question: &str,
) -> Result<(), StoreFailed> {
    let sql = "insert into position (space, document, question) values (?1, ?2, ?3)
               on conflict (space, document) do update set question = excluded.question";
    transaction.prepare_cached(sql)?.execute((space.as_bytes(), document.as_bytes(), question))?;
    Ok(())
}
