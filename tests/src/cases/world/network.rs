//! Messages travel: late, twice, in another order, or not at all.

use model::entry::EntryKind;
use model::exchange::{pack, unpack_reply, unpack_request};
use model::identity::SpaceId;
use phone::delivery::Delivery;
use phone::store::spaces;
use rand::RngExt;

use super::World;
use crate::world::Message;
use crate::world::ghosts::held_in;
use crate::world::network::shown;

/// Messages under way at one time.
const NETWORK_MAX: usize = 8;

/// Exchanges of one phone while it has a network.
const EXCHANGES_MAX: u32 = 4;

/// Bytes of rows that a phone asks for; a case comes in pieces.
const BUDGETS_BYTES: [usize; 3] = [2_000, 20_000, 1 << 20];

impl World {
    /// A phone puts a request into the network.
    pub fn send(&mut self) {
        if self.network.len() < NETWORK_MAX {
            let from = self.below(self.phones.len());
            let message = self.request_of(from);
            self.network.push(message);
        }
    }

    /// The request that this phone would send now.
    fn request_of(&mut self, from: usize) -> Message {
        let entries = self.random.random_range(1..=self.faults.push_entries_max);
        let budget_bytes = BUDGETS_BYTES[self.below(BUDGETS_BYTES.len())];
        let outgoing = Box::new(self.phones[from].outgoing(entries, budget_bytes));
        self.note(format!("phone {from} sends {} entries", outgoing.entries()));
        Message::Request { from, outgoing }
    }

    /// Any message arrives, or is lost.
    pub fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let index = self.below(self.network.len());
        let message = self.network.remove(index);
        if self.random.random_range(0..100) < self.faults.losses_percent {
            self.note("a message is lost".to_owned());
            return;
        }
        self.bring(message);
    }

    /// A request arrives, and arrives again later.
    pub fn duplicate(&mut self) {
        let is_request = |message: &&Message| matches!(message, Message::Request { .. });
        if let Some(message) = self.network.iter().find(is_request).cloned() {
            self.note("a request arrives twice".to_owned());
            self.bring(message);
        }
    }

    /// The server takes a request of any phone, and nobody hears of it.
    pub fn lose_answer(&mut self) {
        let from = self.below(self.phones.len());
        let (request, under_way) = (self.request_of(from), self.network.len());
        self.bring(request);
        self.network.truncate(under_way);
        self.note("its answer is lost".to_owned());
    }

    /// Any phone has a network for a while.
    pub fn visit_any(&mut self) {
        let from = self.below(self.phones.len());
        self.visit(from);
    }

    /// Exchanges without loss, until nothing is new or the network is gone again.
    pub fn visit(&mut self, from: usize) {
        for _ in 0..EXCHANGES_MAX {
            let (request, under_way) = (self.request_of(from), self.network.len());
            self.bring(request);
            let reply = if self.network.len() > under_way { self.network.pop() } else { None };
            let Some(Message::Reply { bytes, .. }) = &reply else { return };
            let is_news = unpack_reply(bytes).is_ok_and(|told| !told.spaces.is_empty() || !told.invited.is_empty());
            reply.into_iter().for_each(|reply| self.bring(reply));
            if !is_news {
                return;
            }
        }
    }

    fn bring(&mut self, message: Message) {
        match message {
            Message::Request { from, outgoing } => {
                let (device, dies) = (self.phones[from].device(), self.dies_after());
                let request = unpack_request(&pack(&outgoing.request)).expect("a request of ours can be read");
                self.note(format!("it arrives, and the server dies after {dies:?}"));
                let reply = self.server.serve(device, &request, self.now_ms, dies);
                self.note(format!("the server answers phone {from}: {}", shown(&reply)));
                if let Some(reply) = reply {
                    let bytes = pack(&reply);
                    self.network.push(Message::Reply { to: from, outgoing, bytes });
                }
            }
            Message::Reply { to, outgoing, bytes } => {
                let reply = unpack_reply(&bytes).expect("a reply of ours can be read");
                let dies = self.dies_after();
                match self.phones[to].take(&outgoing, &reply, dies) {
                    Some(progress) => self.listen(to, &progress.moved),
                    None => self.hang_up(to),
                }
            }
        }
    }

    /// Replies to a process that died are lost with its connections.
    pub fn hang_up(&mut self, index: usize) {
        self.network.retain(|message| !matches!(message, Message::Reply { to, .. } if *to == index));
    }

    /// What this phone's person sees now, of the spaces where something moved, is what they were told.
    pub fn listen(&mut self, index: usize, moved: &[SpaceId]) {
        let (device, directory) = (self.phones[index].device(), self.server.office().directory());
        let reader = self.phones[index].store().reader();
        for space in moved.iter().filter(|space| **space != directory) {
            let Some(state) = spaces::state(reader, *space).expect("a space can be read") else { continue };
            for held in held_in(reader, *space).into_iter().filter(|held| held.device == device) {
                let is_typed = self.ghosts.typed.contains_key(&held.hash);
                if is_typed && Delivery::of(&held, state.safe) == Delivery::Received {
                    self.ghosts.told.insert(held.hash);
                    if held.in_force == Some(true) && held.kind != EntryKind::Change {
                        self.ghosts.told_in_force.insert(held.hash);
                    }
                    if state.is_copied {
                        self.ghosts.told_safely.insert(held.hash);
                    }
                }
            }
        }
    }
}
