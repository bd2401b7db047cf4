//! Spaces that several people share beside the directory, and what lies in them: the tables.

use std::collections::BTreeMap;

use model::case::filed::Filed;
use model::entry::Entry;
use model::hash::{EntryHash, PublicKey};
use model::identity::{CycleId, PersonId, SpaceId, UnitId};
use model::space::{case_space, minutes_space, unit_space};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::failure::ServerFailed;
use crate::log::{self, SpaceKind};
use crate::rules::Rules;

/// What a space is shared for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shared {
    /// One cadre's case in a cycle.
    Case(CycleId, PersonId),
    /// Results that the people of a unit may read.
    Unit(UnitId),
    /// The minutes of one cadre's review in a cycle, for those who write them.
    Minutes(CycleId, PersonId),
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
            Self::Minutes(cycle, person) => minutes_space(server, cycle, person),
        }
    }

    const fn kind(self) -> SpaceKind {
        match self {
            Self::Case(..) => SpaceKind::Case,
            Self::Unit(_) => SpaceKind::Unit,
            Self::Minutes(..) => SpaceKind::Minutes,
        }
    }

    /// Whose case it is about; none of a whole unit.
    pub fn cadre(self) -> Option<PersonId> {
        match self {
            Self::Case(_, cadre) | Self::Minutes(_, cadre) => Some(cadre),
            Self::Unit(_) => None,
        }
    }
}

/// Makes the space if it is not there, and remembers what it is; one that a phone found again after a restore was taken
/// for a person's.
pub fn keep(connection: &Connection, shared: Shared, server: &PublicKey) -> Result<i64, ServerFailed> {
    let space = shared.space(server);
    log::create_space(connection, space, shared.kind())?;
    let id = log::space(connection, space)?.ok_or(ServerFailed::Damaged)?.id;
    let (cycle, person, unit) = match &shared {
        Shared::Case(cycle, person) | Shared::Minutes(cycle, person) => {
            (Some(cycle.as_bytes()), Some(person.as_bytes()), None)
        }
        Shared::Unit(unit) => (None, None, Some(unit.as_bytes())),
    };
    let sql = "insert into shared_space (space, kind, cycle, person, unit) values (?1, ?2, ?3, ?4, ?5)
               on conflict do nothing";
    let kind = shared.kind() as i64;
    if connection.prepare_cached(sql)?.execute((id, kind, cycle, person, unit))? > 0 {
        connection.prepare_cached("update space set kind = ?2 where id = ?1")?.execute((id, kind))?;
    }
    Ok(id)
}

/// Every space that may be shared, by what the directory says: a space alone does not tell what it is for.
pub fn all_of(rules: &Rules, server: &PublicKey) -> BTreeMap<SpaceId, Shared> {
    let (people, units) = rules.chart.places();
    let of_person =
        |cycle: CycleId| move |person: PersonId| [Shared::Case(cycle, person), Shared::Minutes(cycle, person)];
    let of_people = rules.cycles.keys().flat_map(|cycle| people.iter().copied().flat_map(of_person(*cycle)));
    of_people.chain(units.into_iter().map(Shared::Unit)).map(|shared| (shared.space(server), shared)).collect()
}

/// Remembers what spaces are for that the database had not heard of when it was copied: their phones come back to them.
pub fn recognise(connection: &Connection, rules: &Rules, server: &PublicKey) -> Result<(), ServerFailed> {
    for (space, shared) in all_of(rules, server) {
        if log::space(connection, space)?.is_some() {
            keep(connection, shared, server)?;
        }
    }
    Ok(())
}

/// What a space is shared for; none if it is the directory or a person's own.
pub fn find(connection: &Connection, space: i64) -> Result<Option<Shared>, ServerFailed> {
    let sql = "select space, kind, cycle, person, unit from shared_space where space = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([space], read).optional()?.map(|(_, shared)| shared))
}

/// The first so many shared spaces after one, in the order of making.
pub fn after(connection: &Connection, space: i64, limit: usize) -> Result<Vec<(i64, Shared)>, ServerFailed> {
    let sql = "select space, kind, cycle, person, unit from shared_space where space > ?1 order by space limit ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((space, limit), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Shared)> {
    let id = |column: usize| row.get::<_, Option<[u8; 16]>>(column).map(Option::unwrap_or_default);
    let (cycle, person) = (CycleId::from_bytes(id(2)?), PersonId::from_bytes(id(3)?));
    let kind: i64 = row.get(1)?;
    let shared = match kind {
        kind if kind == SpaceKind::Unit as i64 => Shared::Unit(UnitId::from_bytes(id(4)?)),
        kind if kind == SpaceKind::Minutes as i64 => Shared::Minutes(cycle, person),
        _ => Shared::Case(cycle, person),
    };
    Ok((row.get(0)?, shared))
}

/// Remembers that a submission lies in a space.
pub fn note_filed(connection: &Connection, space: i64, submission: &EntryHash) -> Result<(), ServerFailed> {
    let sql = "insert into filed (space, submission) values (?1, ?2) on conflict do nothing";
    connection.prepare_cached(sql)?.execute((space, submission.as_bytes()))?;
    Ok(())
}

/// Whether a publication lies among those of any unit.
pub fn is_published(connection: &Connection, submission: &EntryHash) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from filed join shared_space on shared_space.space = filed.space
               where submission = ?1 and kind = ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row((submission.as_bytes(), SpaceKind::Unit as i64), |row| row.get(0))?)
}

/// Whether a submission lies in a space.
pub fn is_filed(connection: &Connection, space: i64, submission: &EntryHash) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from filed where space = ?1 and submission = ?2)";
    Ok(connection.prepare_cached(sql)?.query_row((space, submission.as_bytes()), |row| row.get(0))?)
}

/// Submissions in force that lie nowhere, the first so many after a row, with their rows. Spaces that wait for their
/// phones are left out: what was filed may still come back.
/// One whose bytes are damaged comes without them and hides no other.
pub fn unfiled_after(
    connection: &Connection,
    row: i64,
    limit: usize,
) -> Result<Vec<(i64, Option<Entry>)>, ServerFailed> {
    let sql = "select entry.id, bytes from entry join space on space.id = entry.space
               where entry.kind = 2 and entry.id > ?1 and in_force = 1 and recovering = 0
                 and not exists (select 1 from filed where submission = entry.hash)
               order by entry.id limit ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((row, limit), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let rows = rows.map(|row| row.map(|(row, bytes)| (row, Entry::read(&bytes).ok())));
    Ok(rows.collect::<Result<_, _>>()?)
}
