//! The published answers as they were fetched last, whole. Whoever looks inside leaves nothing here. Source: anonymity A50.

use model::time::Day;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::StoreFailed;

/// The published answers that were fetched on `today`; those before are gone.
pub fn keep(transaction: &Transaction<'_>, today: Day, body: &str) -> Result<(), StoreFailed> {
    let sql = "insert into published_replies (one, fetched_on, body) values (1, ?1, ?2)
               on conflict (one) do update set fetched_on = excluded.fetched_on, body = excluded.body";
    transaction.prepare_cached(sql)?.execute((today.to_string(), body))?;
    Ok(())
}

/// The body that was fetched last; none before anything was.
pub fn body(connection: &Connection) -> Result<Option<String>, StoreFailed> {
    let sql = "select body from published_replies";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// The day on which that was.
pub fn fetched_on(connection: &Connection) -> Result<Option<Day>, StoreFailed> {
    let sql = "select fetched_on from published_replies";
    let day: Option<String> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    day.map(|day| Day::parse(&day).map_err(|_| StoreFailed::Damaged)).transpose()
}
