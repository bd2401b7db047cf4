//! The verdict at rest: what was typed, shown and received, space by space (P1, P3, P4, P6, P8, P17, P18).

use std::collections::BTreeSet;

use model::directory::DirectoryItem;
use model::document::WorkingDocument;
use model::exchange::{Answered, BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Request, SpaceRequest};
use model::hash::{ChainHash, EntryHash};
use model::identity::SpaceId;
use model::refusal::Refusal;
use phone::store::entries::{self, Held};
use phone::store::spaces::SpaceState;
use server::failure::ServerFailed;
use server::log::{self, SpaceRow};

use super::World;
use super::ghosts::{held_in, log_of};
use super::people::OwnPaper;
use super::rest::Broken;

impl World {
    /// Everything that must hold once nothing changes any more.
    pub fn check_at_rest(&mut self) -> Broken {
        for space in self.spaces {
            let logged: BTreeSet<EntryHash> = log_of(self.server.office(), space).iter().map(|row| row.hash).collect();
            for index in 0..self.phones.len() {
                self.check_phone(index, space, &logged)?;
            }
        }
        let logged: BTreeSet<EntryHash> = self.rows().iter().map(|row| row.hash).collect();
        for index in 0..self.phones.len() {
            self.check_typed(index, &logged)?;
        }
        self.check_received(&logged)?;
        self.check_decisions()?;
        self.check_members()?;
        self.check_directory()?;
        self.check_histories()
    }

    /// What the office reads of the directory is what its log says, and no item is lost between two values (P18).
    fn check_directory(&mut self) -> Broken {
        let office = self.server.office();
        let (space, reader) = (office.directory(), office.reader());
        let failed = |failed: ServerFailed| format!("the directory cannot be read: {failed}");
        let row = log::space(reader, space).map_err(failed)?.ok_or("the directory is gone")?;
        for item in log::directory_items(reader).map_err(failed)? {
            let changes = log::changes_of(reader, row.id, item.document(space)).map_err(failed)?;
            let fields = WorkingDocument::open(changes.iter().map(Vec::as_slice)).fields();
            let logged = fields.ok().and_then(|fields| DirectoryItem::read(&fields));
            if logged.as_ref() != Some(&item) {
                return Err(format!("P18: the office reads {item:?}, its log says {logged:?}"));
            }
        }
        Ok(())
    }

    fn check_phone(&mut self, index: usize, space: SpaceId, logged: &BTreeSet<EntryHash>) -> Broken {
        let is_member = self.is_member(index, space);
        let head = self.head_of(space)?;
        let state = self.phones[index].space(space);
        let held = held_in(self.phones[index].store().reader(), space);
        if let Some(stuck) = held.iter().find(|held| held.is_unsent) {
            return Err(format!("P8: phone {index} is stuck with {:?}", stuck.hash));
        }
        let device = self.phones[index].device();
        for held in &held {
            let is_logged = logged.contains(&held.hash);
            let is_own = held.device == device;
            if !is_logged && held.refusal.is_none() && !self.ghosts.gone.contains(&held.hash) {
                return Err(format!("P4: {:?} on phone {index} is neither in the log nor refused", held.hash));
            }
            let can_hear = is_member || !(self.drawn.closes_early || self.is_beyond_reach(&head, &state, held)?);
            if is_own && is_logged && held.refusal.is_some() && can_hear {
                return Err(format!("P6: phone {index} shows {:?} as refused, the server has it", held.hash));
            }
            if held.page.is_some() && held.refusal.is_some() && !self.is_act_lost() {
                return Err(format!("P6: phone {index} has a receipt of {:?} and shows it as refused", held.hash));
            }
            check_reason(index, held)?;
        }
        if !is_member {
            return self.check_reader(index, space, &state);
        }
        self.check_replica(index, (&head, &state), &held, logged)
    }

    /// After a lost act somebody who is out may not read the row of his own that others brought back (P15).
    fn is_beyond_reach(&mut self, head: &SpaceRow, state: &SpaceState, held: &Held) -> Result<bool, String> {
        let stored = log::find(self.server.office().reader(), head.id, &held.hash);
        let stored = stored.map_err(|failed| failed.to_string())?;
        Ok(self.is_file_lost() && stored.is_some_and(|row| row.number > state.cursor.number))
    }

    /// A member holds the server's log with every body, and shows every row as the server does (P3, P5).
    fn check_replica(
        &mut self,
        index: usize,
        (head, state): (&SpaceRow, &SpaceState),
        held: &[Held],
        logged: &BTreeSet<EntryHash>,
    ) -> Broken {
        let cursor = state.cursor;
        if (cursor.number, cursor.chain, cursor.epoch) != (head.head, head.chain, self.server.office().epoch()) {
            return Err(format!("P3: phone {index} and the server hold different logs"));
        }
        let here: BTreeSet<EntryHash> = held.iter().map(|held| held.hash).collect();
        if let Some(hash) = logged.difference(&here).next() {
            return Err(format!("P3: phone {index} lacks the body of {hash:?}"));
        }
        for held in held.iter().filter(|held| logged.contains(&held.hash)) {
            let stored = log::find(self.server.office().reader(), head.id, &held.hash);
            let stored = stored.map_err(|failed| failed.to_string())?.ok_or("a row is gone")?;
            if held.in_force != Some(stored.in_force) {
                return Err(format!("P5: phone {index} shows the effect of {:?} otherwise than the server", held.hash));
            }
        }
        let papers: Vec<OwnPaper> = self.papers.iter().filter(|own| own.paper.space == state.space).copied().collect();
        papers.iter().try_for_each(|own| self.check_view(index, own))
    }

    fn check_typed(&mut self, index: usize, logged: &BTreeSet<EntryHash>) -> Broken {
        let reader = self.phones[index].store().reader();
        for (hash, typed) in self.ghosts.typed.iter().filter(|(_, typed)| typed.phone == index) {
            let is_here = entries::find(reader, hash).map_err(|failed| failed.to_string())?.is_some();
            if !is_here && !logged.contains(hash) && !self.ghosts.gone.contains(hash) {
                return Err(format!("P4: {hash:?} typed on phone {} is gone", typed.phone));
            }
        }
        Ok(())
    }

    /// What was shown as received is in the log (P1). Without a second copy the promise covers one fault: after server
    /// and phone both went back, the phone may have lost the receipt and see its entry refused, but never silently.
    fn check_received(&mut self, logged: &BTreeSet<EntryHash>) -> Broken {
        let is_beyond_promise = self.is_beyond_promise();
        let told: Vec<EntryHash> = self.ghosts.told.difference(logged).copied().collect();
        for hash in told {
            let is_excused = self.ghosts.gone.contains(&hash) || (is_beyond_promise && self.is_shown_as_refused(&hash));
            if !is_excused {
                return Err(format!("P1: {hash:?} was shown as received, the server will not have it"));
            }
        }
        Ok(())
    }

    /// Without a second copy the promise covers one fault: not that server and phone both went back.
    pub fn is_beyond_promise(&self) -> bool {
        !self.is_copied && self.ghosts.server_restores > 0 && self.ghosts.phone_restores > 0
    }

    /// Whether the author's phone holds the entry and shows it as refused; one that is simply not there is not shown.
    fn is_shown_as_refused(&mut self, hash: &EntryHash) -> bool {
        let Some(typed) = self.ghosts.typed.get(hash) else { return false };
        let index = typed.phone;
        let held = entries::find(self.phones[index].store().reader(), hash).expect("entries can be read");
        held.is_some_and(|held| held.refusal.is_some())
    }

    /// Head and recovery of a space.
    pub fn head_of(&mut self, space: SpaceId) -> Result<SpaceRow, String> {
        let head = log::space(self.server.office().reader(), space).map_err(|failed| failed.to_string())?;
        head.ok_or_else(|| "the space is gone".to_owned())
    }

    /// Another history is never continued: a cursor of the present life that is longer than the log, or has another
    /// chain, as after a second start from one life, gets the lineage and nothing else (P3, exchange rule R7).
    fn check_histories(&mut self) -> Broken {
        let (device, now_ms, epoch) = (self.phones[2].device(), self.now_ms, self.server.office().epoch());
        for space in self.spaces {
            let head = self.head_of(space)?;
            for (number, chain) in [(head.head, ChainHash::EMPTY), (head.head + 1, head.chain)] {
                let cursor = Cursor { epoch, number, chain };
                let (entries, receipts, enrolment) = (Vec::new(), Vec::new(), None);
                let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment };
                let request = Request {
                    version: EXCHANGE_VERSION,
                    spaces: vec![asked],
                    budget_bytes: BUDGET_BYTES as u32,
                    newest: None,
                };
                let reply = self.server.serve(device, &request, now_ms, None).ok_or("the server died at rest")?;
                if !matches!(reply.spaces.as_slice(), [only] if matches!(only.answer, Answered::OtherEpoch(_))) {
                    return Err(format!("P3: the server continues a history of {number} rows that is not its own"));
                }
            }
        }
        Ok(())
    }
}

/// An honest phone is refused for what people did, never for how its bytes are made (P17).
fn check_reason(index: usize, held: &Held) -> Broken {
    match held.refusal {
        None | Some(Refusal::NotAMember | Refusal::DecidedAlready | Refusal::BuildsOnRefused) => Ok(()),
        Some(reason) => Err(format!("P17: phone {index} is honest, and {:?} is refused: {reason}", held.hash)),
    }
}
