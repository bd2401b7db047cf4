//! Parcels under way: lost there, answered and the answer lost, repeated, overtaken.

use std::collections::BTreeSet;

use model::admission::{Batch, LateBatch};
use model::envelope::EnvelopeId;
use model::slots::{Slot, Stage};
use phone::courier::{self, ListRefused, Parcel};

use super::World;
use super::ghosts::Seen;
use super::rehearsal::rehearsal;

/// A parcel on its way to the server.
pub struct Flight {
    /// Which phone.
    from: usize,
    /// In which of its lives; another one hears no answer.
    life: u32,
    parcel: Parcel,
}

impl Flight {
    /// Length of its parcel.
    pub fn bytes(&self) -> usize {
        self.parcel.bytes.len()
    }
}

impl World {
    /// A phone sends what may travel now.
    pub fn send(&mut self, index: usize) -> bool {
        let today = self.today();
        let phone = &mut self.phones[index];
        if phone.is_lost {
            return false;
        }
        let parcel = courier::next(&mut phone.store, &rehearsal().round, today, &mut self.random);
        let Some(parcel) = parcel.expect("a box of ours can be read") else { return false };
        let (by, names) = ((index, phone.life), names_of(&parcel.bytes));
        assert!(names.iter().all(|name| phone.held().contains(name)), "a phone sends what it holds");
        self.note(format!("phone {index} sends {}", names.len()));
        self.ghosts.seen.push(Seen { by, server_lives: self.ghosts.server_lives, names });
        self.flights.push(Flight { from: index, life: by.1, parcel });
        true
    }

    /// Any parcel under way meets its fate.
    pub fn deliver(&mut self) {
        if self.flights.is_empty() {
            return;
        }
        let (chosen, losses) = (self.below(self.flights.len()), self.faults.losses_percent);
        let flight = self.flights.swap_remove(chosen);
        if self.percent(losses) {
            return;
        }
        let (is_answered, is_repeated) = (!self.percent(losses), self.percent(losses / 2));
        self.arrives(&flight, is_answered);
        if is_repeated {
            self.flights.push(flight);
        }
    }

    /// Everything under way arrives and is answered. Whether the server took all of it.
    pub fn deliver_all(&mut self) -> bool {
        let flights = std::mem::take(&mut self.flights);
        let refused = flights.iter().filter(|flight| !self.arrives(flight, true)).count();
        refused == 0
    }

    fn arrives(&mut self, flight: &Flight, is_answered: bool) -> bool {
        let taken = self.server.take(&flight.parcel.bytes, self.now_ms());
        let phone = &mut self.phones[flight.from];
        if taken.is_ok() && is_answered && phone.life == flight.life && !phone.is_lost {
            courier::arrived(&mut phone.store, &rehearsal().round, &flight.parcel, &mut self.random)
                .expect("a box can be written");
        }
        let is_taken = taken.is_ok();
        assert!(!is_taken || self.may_arrive(&flight.parcel.bytes), "B10: what nobody sealed in time arrived late");
        self.note(format!("a parcel of phone {} arrives: {:?}, answered {is_answered}", flight.from, taken.err()));
        is_taken
    }

    /// After closing a parcel proves a seal that was on record before.
    fn may_arrive(&self, bytes: &[u8]) -> bool {
        let (round, key) = (rehearsal().definition(), &rehearsal().round.admission);
        let late = LateBatch::read(bytes, round, key).ok().and_then(|late| late.seal().ok());
        let is_in_time = |seal| self.ghosts.seals.iter().any(|said| said.is_in_time && said.seal == seal);
        self.today() <= round.closes || late.is_some_and(is_in_time)
    }

    /// A phone fetches the list and forgets what it names.
    pub fn fetch_list(&mut self, index: usize) {
        let today = self.today();
        let (phone, round) = (&mut self.phones[index], &rehearsal().round);
        if phone.is_lost || !courier::awaits_list(&phone.store, round).expect("a box of ours can be read") {
            return;
        }
        let Some(list) = self.server.list(today) else { return };
        let (bytes, server) = (list.to_bytes(), self.server.identity());
        let taken = courier::take_list(&mut phone.store, round, (&bytes, &server), &mut self.random);
        let taken_in = taken.is_ok();
        match taken {
            Ok(()) => self.ghosts.listed.extend(list.names()),
            Err(ListRefused::Rewritten) if self.ghosts.is_past_list => self.ghosts.is_rewritten = true,
            Err(refused) => panic!("phone {index} refuses the list {}: {refused}", list.number),
        }
        let found = phone.ballot_box().expect("what awaits a list has a box");
        let is_named = |slot: &Slot| slot.stage != Stage::Cast && list.has(&slot.envelope.id);
        let is_kept = taken_in && found.slots.used().iter().any(is_named);
        assert!(!is_kept, "B8: phone {index} keeps what a list names");
        self.note(format!("phone {index} reads list {} of {}", list.number, list.len()));
    }
}

/// What travels in a parcel.
fn names_of(bytes: &[u8]) -> BTreeSet<EnvelopeId> {
    in_order(bytes).into_iter().collect()
}

/// What travels in a parcel, in its order; everybody who has the admission key of the round can read it.
pub fn in_order(bytes: &[u8]) -> Vec<EnvelopeId> {
    let (round, key) = (rehearsal().definition(), &rehearsal().round.admission);
    if bytes.len() == LateBatch::bytes_of(round) {
        let late = LateBatch::read(bytes, round, key).expect("a phone's late parcel can be read");
        late.envelopes.iter().map(|(_, envelope)| envelope.id).collect()
    } else {
        let batch = Batch::read(bytes, round, key).expect("a phone's parcel can be read");
        batch.envelopes.iter().map(|envelope| envelope.id).collect()
    }
}
