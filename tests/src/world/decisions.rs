//! Decisions at rest: one counts everywhere, nobody was told otherwise, documents do not touch each other (P3, P5, P11,
//! P13, P14).

use std::collections::BTreeSet;

use model::document::WorkingDocument;
use model::entry::{Content, EntryKind};
use model::hash::EntryHash;
use phone::store::{documents, entries};
use server::log;

use super::World;
use super::ghosts::Logged;
use super::people::OwnPaper;
use super::rest::Broken;

impl World {
    /// All properties about decisions.
    pub fn check_decisions(&mut self) -> Broken {
        let rows = self.rows();
        let in_force: BTreeSet<EntryHash> = rows.iter().filter(|row| row.in_force).map(|row| row.hash).collect();
        self.check_told(&rows, &in_force)?;
        self.check_refused(&in_force)?;
        let papers = self.papers.clone();
        papers.iter().try_for_each(|own| self.check_steps(&rows, own))
    }

    /// Replicas are equal in what they show: fields and decisions in force (P3, P5).
    pub fn check_view(&mut self, index: usize, own: &OwnPaper) -> Broken {
        let (paper, said) = (own.paper, |failed: &dyn std::fmt::Display| failed.to_string());
        let space = self.head_of(paper.space)?.id;
        let office = self.server.office();
        let changes = log::changes_of(office.reader(), space, paper.document).map_err(|failed| said(&failed))?;
        let state = log::document(office.reader(), space, paper.document).map_err(|failed| said(&failed))?;
        let theirs = WorkingDocument::open(changes.iter().map(Vec::as_slice));
        let phone = &mut self.phones[index];
        let connection = phone.store.as_ref().ok_or("the app is dead")?.reader();
        let ours = phone.work.open(connection, paper).map_err(|failed| said(&failed))?;
        if ours.fields() != theirs.fields() || ours.heads() != theirs.heads() {
            return Err(format!("P3: phone {index} shows another paper than the server"));
        }
        let row = documents::find(connection, paper.space, paper.document).map_err(|failed| said(&failed))?;
        let decided = row.map(|row| row.decisions).unwrap_or_default();
        if decided != state.map(|state| state.decisions).unwrap_or_default() {
            return Err(format!("P5: phone {index} shows another decision in force than the server"));
        }
        let fresh = entries::changes_of(connection, paper.space, paper.document).map_err(|failed| said(&failed))?;
        let reopened = WorkingDocument::open(fresh.iter().map(Vec::as_slice));
        if reopened.heads() != ours.heads() {
            return Err(format!("phone {index} keeps an open paper that is not the stored one"));
        }
        Ok(())
    }

    /// What was shown as in force is; what does not count is shown so to its author (P5). Beyond the promise of a server
    /// without a second copy a decision may be lost to a rival, but never silently (exchange rule R13). Nor does anybody
    /// wait for a device that was let in late and forgotten with the membership file, if the old server still took from
    /// it what the new one gave to a rival.
    fn check_told(&mut self, rows: &[Logged], in_force: &BTreeSet<EntryHash>) -> Broken {
        let is_residue = (self.drawn.closes_early && !self.is_copied)
            || (self.drawn.split && self.drawn.revokes)
            || (self.drawn.split && self.is_file_lost() && self.drawn.late.is_some() && !self.is_copied)
            || self.is_beyond_promise();
        for hash in self.ghosts.told_in_force.clone() {
            let is_decision = self.ghosts.typed.get(&hash).is_some_and(|typed| typed.kind != EntryKind::Change);
            if !is_decision || in_force.contains(&hash) || self.ghosts.gone.contains(&hash) {
                continue;
            }
            // Without the membership file the act by which its author was in may come after it.
            let author = self.ghosts.typed.get(&hash).map(|typed| typed.phone);
            let was_out = self.is_file_lost() && author.is_some_and(|author| self.is_touched(author));
            if !((is_residue || was_out) && self.is_noticed(&hash)) {
                return Err(format!("P5: decision {hash:?} was shown as in force and is now void"));
            }
        }
        for row in rows.iter().filter(|row| row.kind != EntryKind::Grant && !row.in_force) {
            let is_void_decision = row.kind != EntryKind::Change;
            if is_void_decision && self.author_holds(row) && !self.is_noticed(&row.hash) {
                return Err(format!("P5: the author of {:?} is not told that it does not count", row.hash));
            }
        }
        Ok(())
    }

    /// A decision that was shown as refused is never in force (P11), except after phone and server both went back, or
    /// if its author was out when it was refused: a stray request may bring it once he is in again.
    fn check_refused(&self, in_force: &BTreeSet<EntryHash>) -> Broken {
        let have_both_gone_back = self.ghosts.server_restores > 0 && self.ghosts.phone_restores > 0;
        let refused = self.ghosts.told_refused.intersection(in_force);
        for hash in refused.filter(|_| !have_both_gone_back) {
            let Some(typed) = self.ghosts.typed.get(hash) else { continue };
            if typed.kind != EntryKind::Change && !self.is_touched(typed.phone) {
                return Err(format!("P11: decision {hash:?} was shown as refused and is in force"));
            }
        }
        Ok(())
    }

    fn author_holds(&mut self, row: &Logged) -> bool {
        let Some(index) = (0..self.phones.len()).find(|index| self.phones[*index].device() == row.device) else {
            return false;
        };
        let held = entries::find(self.phones[index].store().reader(), &row.hash).expect("entries can be read");
        let paper = self.papers.iter().find(|own| own.paper.document == row.document).copied();
        held.is_some() && paper.is_some_and(|own| self.is_member(index, own.paper.space))
    }

    /// Whether the author's phone shows that the decision does not count.
    fn is_noticed(&mut self, hash: &EntryHash) -> bool {
        let Some(typed) = self.ghosts.typed.get(hash) else { return true };
        let index = typed.phone;
        let held = entries::find(self.phones[index].store().reader(), hash).expect("entries can be read");
        held.is_none_or(|held| held.refusal.is_some() || held.in_force == Some(false))
    }

    /// Each submission or step in force names the one that it replaces (P14); one that does not count would not have
    /// fitted either if its paper were the only one (P13), unless its author was out.
    fn check_steps(&mut self, rows: &[Logged], own: &OwnPaper) -> Broken {
        let (mut submitted, mut step) = (None, None);
        for row in rows.iter().filter(|row| row.document == own.paper.document) {
            let (names, last) = match self.stored(&row.hash)?.content {
                Content::Submit(submit) => (submit.over, &mut submitted),
                Content::Status(status) => (status.follows, &mut step),
                Content::Change(_) | Content::Grant(_) | Content::File(_) => continue,
            };
            let fits = names == *last;
            if row.in_force && !fits {
                return Err(format!("P14: {:?} replaced a decision that it does not name", row.hash));
            }
            let index = self.ghosts.typed.get(&row.hash).map(|typed| typed.phone);
            if !row.in_force && fits && !index.is_some_and(|index| self.is_touched(index)) {
                return Err(format!("P13: {:?} is void, though nothing of its paper stands against it", row.hash));
            }
            if row.in_force {
                *last = Some(row.hash);
            }
        }
        Ok(())
    }
}
