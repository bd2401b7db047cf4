//! Spaces that several people share beside the directory, and what lies in them: the tables.

use model::case::filed::Filed;
use model::entry::Entry;
use model::hash::{EntryHash, PublicKey};
use model::identity::{CycleId, PersonId, SpaceId, UnitId};
use model::space::{case_space, unit_space};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::failure::ServerFailed;
use crate::log::{self, SpaceKind};

/// What a space is shared for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shared {
    /// One cadre's case in a cycle.
    Case(CycleId, PersonId),
    /// Results that the people of a unit may read.
    Unit(UnitId),
}

impl Shared {
    /// What a filed paper lies in.
    pub fn of(filed: &Filed) -> Self {
        filed.unit.map_or(Self::Case(filed.cycle, filed.person), Self::Unit)
    }

    /// Its space.
    pub fn space(self, server: &PublicKey) -> SpaceId {
        match self {
            Self::Case(cycle, person) => case_space(server, cycle, person),
            Self::Unit(unit) => unit_space(server, unit),
        }
    }

    const fn kind(self) -> SpaceKind {
        match self {
            Self::Case(..) => SpaceKind::Case,
            Self::Unit(_) => SpaceKind::Unit,
        }
    }
}

/// Makes the space if it is not there, and remembers what it is; one that a phone found again after a restore was taken
/// for a person's.
pub fn keep(connection: &Connection, shared: Shared, server: &PublicKey) -> Result<i64, ServerFailed> {
    let space = shared.space(server);
    log::create_space(connection, space, shared.kind())?;
    let id = log::space(connection, space)?.ok_or(ServerFailed::Damaged)?.id;
    let sql = "insert into shared_space (space, cycle, person, unit) values (?1, ?2, ?3, ?4) on conflict do nothing";
    let (cycle, person, unit) = match &shared {
        Shared::Case(cycle, person) => (Some(cycle.as_bytes()), Some(person.as_bytes()), None),
        Shared::Unit(unit) => (None, None, Some(unit.as_bytes())),
    };
    let is_new = connection.prepare_cached(sql)?.execute((id, cycle, person, unit))? > 0;
    if is_new {
        connection.prepare_cached("update space set kind = ?2 where id = ?1")?.execute((id, shared.kind() as i64))?;
    }
    Ok(id)
}

/// What a space is shared for; none if it is the directory or a person's own.
pub fn find(connection: &Connection, space: i64) -> Result<Option<Shared>, ServerFailed> {
    let sql = "select space, cycle, person, unit from shared_space where space = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([space], read).optional()?.map(|(_, shared)| shared))
}

/// The first so many shared spaces after one, in the order of making.
pub fn after(connection: &Connection, space: i64, limit: usize) -> Result<Vec<(i64, Shared)>, ServerFailed> {
    let sql = "select space, cycle, person, unit from shared_space where space > ?1 order by space limit ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((space, limit), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Shared)> {
    let id = |column: usize| row.get::<_, Option<[u8; 16]>>(column);
    let shared = match (id(1)?, id(2)?, id(3)?) {
        (Some(cycle), Some(person), _) => Shared::Case(CycleId::from_bytes(cycle), PersonId::from_bytes(person)),
        (_, _, unit) => Shared::Unit(UnitId::from_bytes(unit.unwrap_or_default())),
    };
    Ok((row.get(0)?, shared))
}

/// Remembers that a submission lies in a space.
pub fn note_filed(connection: &Connection, space: i64, submission: &EntryHash) -> Result<(), ServerFailed> {
    let sql = "insert into filed (space, submission) values (?1, ?2) on conflict do nothing";
    connection.prepare_cached(sql)?.execute((space, submission.as_bytes()))?;
    Ok(())
}

/// Whether a submission lies in a space.
pub fn is_filed(connection: &Connection, space: i64, submission: &EntryHash) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from filed where space = ?1 and submission = ?2)";
    Ok(connection.prepare_cached(sql)?.query_row((space, submission.as_bytes()), |row| row.get(0))?)
}

/// Submissions in force that lie nowhere, the first so many after a row, with their rows. Spaces that wait for their
/// phones are left out: what was filed may still come back.
pub fn unfiled_after(connection: &Connection, row: i64, limit: usize) -> Result<Vec<(i64, Entry)>, ServerFailed> {
    let sql = "select entry.id, bytes from entry join space on space.id = entry.space
               where entry.kind = 2 and entry.id > ?1 and in_force = 1 and recovering = 0
                 and not exists (select 1 from filed where submission = entry.hash)
               order by entry.id limit ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((row, limit), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (row, bytes) = row?;
        found.push((row, Entry::read(&bytes).map_err(|_| ServerFailed::Damaged)?));
    }
    Ok(found)
}
