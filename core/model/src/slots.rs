//! What a phone's box holds of a round: a fixed number of slots, rewritten whole in new random order at each save.
//!
//! A slot is as long as any other of its round; what is empty is random. Where an envelope lies, and where it lay before,
//! tells nothing about when it was cast. Source: anonymity A18, A19, A24.

use hpke::rand_core::CryptoRng;

use crate::box_seal::{BoxId, BoxSeal, Leaf, SALT_BYTES, SLOTS};
use crate::chance::shuffle;
use crate::envelope::Envelope;
use crate::round::RoundDefinition;

/// How far an envelope is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Cast, in no batch yet.
    Cast = 1,
    /// In the batch that is under way, which is retried unchanged.
    Sent = 2,
    /// Acknowledged; it stays until the signed list has its name.
    Taken = 3,
}

/// An envelope in its slot.
#[derive(Clone, PartialEq, Eq)]
pub struct Slot {
    /// How far it is.
    pub stage: Stage,
    /// Its salt for the seal; it never leaves the phone but with a late box.
    pub salt: [u8; SALT_BYTES],
    /// The ballot.
    pub envelope: Envelope,
}

/// The slots of one round.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Slots {
    used: Vec<Slot>,
    /// Leaves of envelopes that are safe on the server and gone from here, sorted.
    gone: Vec<Leaf>,
}

/// All slots are taken, or were: a box has room for [`SLOTS`] ballots in its whole life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the box is full")]
pub struct BoxFull;

/// Bytes that are no box of this round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the box cannot be read")]
pub struct NotABox;

impl Slots {
    /// Puts an envelope under a fresh salt.
    pub fn put(&mut self, envelope: Envelope, salt: [u8; SALT_BYTES]) -> Result<(), BoxFull> {
        if self.count() == SLOTS {
            return Err(BoxFull);
        }
        self.used.push(Slot { stage: Stage::Cast, salt, envelope });
        Ok(())
    }

    /// Ballots that were ever cast into it.
    pub fn count(&self) -> usize {
        self.used.len() + self.gone.len()
    }

    /// Envelopes that are still here.
    pub fn used(&self) -> &[Slot] {
        &self.used
    }

    /// The same, to move them on.
    pub fn used_mut(&mut self) -> &mut [Slot] {
        &mut self.used
    }

    /// Erases what the server has for good; the bare leaf stays until the round is over.
    pub fn let_go(&mut self, is_safe: impl Fn(&Envelope) -> bool) {
        let (gone, kept) = std::mem::take(&mut self.used)
            .into_iter()
            .partition(|slot: &Slot| slot.stage != Stage::Cast && is_safe(&slot.envelope));
        self.used = kept;
        let gone: Vec<Slot> = gone;
        self.gone.extend(gone.iter().map(|slot| Leaf::of(&slot.envelope, &slot.salt)));
        self.gone.sort_unstable();
    }

    /// Leaves of everything that was ever cast, sorted.
    pub fn leaves(&self) -> Vec<Leaf> {
        let here = self.used.iter().map(|slot| Leaf::of(&slot.envelope, &slot.salt));
        let mut leaves: Vec<Leaf> = here.chain(self.gone.iter().copied()).collect();
        leaves.sort_unstable();
        leaves
    }

    /// What the phone says of the box, once.
    pub fn seal(&self, id: BoxId) -> BoxSeal {
        BoxSeal::of(id, &self.leaves()).expect("a box takes no more than its slots")
    }

    /// As it is stored: every slot in new random order, what is empty random. `random` is the system's source.
    pub fn to_bytes(&self, round: &RoundDefinition, random: &mut impl CryptoRng) -> Vec<u8> {
        let size = slot_bytes(round);
        let mut slots: Vec<Vec<u8>> = Vec::with_capacity(SLOTS);
        for slot in &self.used {
            slots.push([&[slot.stage as u8][..], &slot.salt, &slot.envelope.to_bytes()].concat());
        }
        for leaf in &self.gone {
            slots.push(filled(&[&[GONE][..], leaf.as_bytes()].concat(), size, random));
        }
        while slots.len() < SLOTS {
            slots.push(filled(&[EMPTY], size, random));
        }
        shuffle(&mut slots, random);
        slots.concat()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn read(bytes: &[u8], round: &RoundDefinition) -> Result<Self, NotABox> {
        let size = slot_bytes(round);
        if bytes.len() != SLOTS * size {
            return Err(NotABox);
        }
        let mut slots = Self::default();
        for slot in bytes.chunks(size) {
            slots.take(slot, round)?;
        }
        slots.gone.sort_unstable();
        slots.used.sort_by_key(|slot| slot.envelope.id);
        Ok(slots)
    }

    fn take(&mut self, slot: &[u8], round: &RoundDefinition) -> Result<(), NotABox> {
        let (state, rest) = slot.split_first().ok_or(NotABox)?;
        let (head, envelope) = rest.split_first_chunk::<SALT_BYTES>().ok_or(NotABox)?;
        let stage = match *state {
            EMPTY => return Ok(()),
            GONE => {
                self.gone.push(Leaf::from_bytes(*head));
                return Ok(());
            }
            1 => Stage::Cast,
            2 => Stage::Sent,
            3 => Stage::Taken,
            _ => return Err(NotABox),
        };
        let envelope = Envelope::read(envelope, round).map_err(|_| NotABox)?;
        self.used.push(Slot { stage, salt: *head, envelope });
        Ok(())
    }
}

const EMPTY: u8 = 0;
const GONE: u8 = 4;

/// Bytes of a slot: state, salt, envelope.
fn slot_bytes(round: &RoundDefinition) -> usize {
    1 + SALT_BYTES + round.envelope_bytes()
}

fn filled(head: &[u8], size: usize, random: &mut impl CryptoRng) -> Vec<u8> {
    let mut slot = vec![0; size];
    random.fill_bytes(&mut slot);
    slot[..head.len()].copy_from_slice(head);
    slot
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::envelope::EnvelopeId;
    use crate::envelope::samples::{round, sealed};

    fn slots(count: u64) -> Slots {
        let mut slots = Slots::default();
        for seed in 0..count {
            slots.put(sealed(&round(), seed), [seed as u8; SALT_BYTES]).unwrap();
        }
        slots
    }

    fn random(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    #[test]
    fn a_box_reads_what_it_wrote_and_has_one_size() {
        let empty = slots(0).to_bytes(&round(), &mut random(1));
        for count in [0, 1, 40, 64] {
            let bytes = slots(count).to_bytes(&round(), &mut random(count));
            assert_eq!(bytes.len(), empty.len());
            let read = Slots::read(&bytes, &round()).unwrap_or_else(|refused| panic!("{refused}"));
            assert!(read.count() == count as usize && read.leaves() == slots(count).leaves());
        }
        assert!(Slots::read(&empty[1..], &round()).is_err());
        assert_eq!(slots(64).put(sealed(&round(), 99), [9; SALT_BYTES]), Err(BoxFull));
    }

    #[test]
    fn what_the_server_has_for_good_is_gone_and_still_counts_in_the_seal() {
        let id = BoxId::from_bytes([3; 16]);
        let mut slots = slots(10);
        let seal = slots.seal(id);
        slots.used_mut()[..6].iter_mut().for_each(|slot| slot.stage = Stage::Taken);
        slots.let_go(|_| true);
        assert_eq!((slots.used().len(), slots.count()), (4, 10), "what was never sent is not let go");
        let read = Slots::read(&slots.to_bytes(&round(), &mut random(5)), &round());
        assert!(read.is_ok_and(|read| read.seal(id) == seal));
        let bytes = slots.to_bytes(&round(), &mut random(6));
        let first = sealed(&round(), 0);
        let has = |name: &EnvelopeId| bytes.windows(16).any(|window| window == name.as_bytes());
        assert!(!has(&first.id) && has(&sealed(&round(), 9).id));
    }

    /// A18: whoever has two images of the box, before and after one more ballot, guesses its slot no better than chance,
    /// nor the place of an old one. 500 runs of 8 ballots.
    #[test]
    fn where_an_envelope_lies_is_chance() {
        let newest = sealed(&round(), 7);
        let place_of = |seed: u64| {
            let bytes = slots(8).to_bytes(&round(), &mut random(seed));
            let place = bytes
                .chunks(slot_bytes(&round()))
                .position(|slot| slot.windows(16).any(|window| window == newest.id.as_bytes()));
            place.unwrap()
        };
        let places: Vec<usize> = (0..500).map(place_of).collect();
        let mean_x100 = places.iter().sum::<usize>() * 100 / places.len();
        // 31.5 slots in the mean; 99 % of 500 runs are within 2.1 of it.
        assert!((2_940..=3_360).contains(&mean_x100), "{mean_x100}");
        let first_half = places.iter().filter(|place| **place < SLOTS / 2).count();
        assert!((221..=279).contains(&first_half), "{first_half} of 500 in the first half");
    }
}
