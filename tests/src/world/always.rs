//! What must hold at every moment, also in the middle of a fault.

use std::collections::{BTreeMap, BTreeSet};

use model::entry::{Content, Entry};
use model::hash::{ChainHash, EntryHash};
use model::identity::SpaceId;
use server::log;

use super::World;
use super::ghosts::{Logged, log_of, logs_of};
use super::rest::Broken;

impl World {
    /// No duplicates (P2), dependencies first (P9), one entry per actor and number (P7), a chain that holds, and with a
    /// second copy nothing shown as received that the copy lacks (P1).
    pub fn check_always(&mut self) -> Broken {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        for space in self.spaces {
            let rows = log_of(self.server.office(), space);
            self.check_order(&rows)?;
            self.check_chain(space, &rows)?;
        }
        self.check_copy()
    }

    fn check_order(&mut self, rows: &[Logged]) -> Broken {
        let mut seen = BTreeSet::new();
        let mut numbers: BTreeMap<([u8; 16], u64), EntryHash> = BTreeMap::new();
        for row in rows {
            if !seen.insert(row.hash) {
                return Err(format!("P2: {:?} is stored twice", row.hash));
            }
            let entry = self.stored(&row.hash)?;
            if let Some(missing) = entry.dependencies().iter().find(|hash| !seen.contains(hash)) {
                return Err(format!("P9: {:?} is stored before {missing:?}", row.hash));
            }
            if let Content::Change(header) = &entry.content
                && let Some(other) = numbers.insert((header.actor, header.sequence), row.hash)
            {
                return Err(format!("P7: {other:?} and {:?} have one actor and number", row.hash));
            }
        }
        Ok(())
    }

    /// The promise of a second copy holds for everything that was shown as received since there is one (P1).
    fn check_copy(&mut self) -> Broken {
        if self.ghosts.copied_since.is_none() || self.old.is_some() {
            return Ok(());
        }
        let mut copied = BTreeSet::new();
        for space in self.spaces {
            let count = self.server.copied_head(space) as usize;
            copied.extend(log_of(self.server.office(), space).iter().take(count).map(|row| row.hash));
        }
        match self.ghosts.told_safely.iter().find(|hash| !copied.contains(hash)) {
            Some(hash) => Err(format!("P1: {hash:?} is shown as received, the copy lacks it")),
            None => Ok(()),
        }
    }

    fn check_chain(&mut self, space: SpaceId, rows: &[Logged]) -> Broken {
        let office = self.server.office();
        let head = log::space(office.reader(), space).map_err(|failed| failed.to_string())?;
        let head = head.ok_or("the space is gone")?;
        if head.head as usize != rows.len() {
            return Err(format!("the head is {}, the log has {} rows", head.head, rows.len()));
        }
        let mut chain = ChainHash::EMPTY;
        for row in rows {
            let stored = log::find(office.reader(), head.id, &row.hash).map_err(|failed| failed.to_string())?;
            chain = chain.after(&row.hash, &stored.ok_or("a row is gone")?.first);
        }
        if chain == head.chain { Ok(()) } else { Err("the chain does not hold".to_owned()) }
    }

    /// A stored entry, read again.
    pub fn stored(&mut self, hash: &EntryHash) -> Result<Entry, String> {
        let sql = "select bytes from entry where hash = ?1";
        let mut statement = self.server.office().reader().prepare_cached(sql).map_err(|failed| failed.to_string())?;
        let bytes: Vec<u8> =
            statement.query_row([hash.as_bytes()], |row| row.get(0)).map_err(|failed| failed.to_string())?;
        Entry::read(&bytes).map_err(|refused| refused.to_string())
    }

    /// The rows of all spaces.
    pub fn rows(&mut self) -> Vec<Logged> {
        logs_of(self.server.office(), &self.spaces)
    }
}
