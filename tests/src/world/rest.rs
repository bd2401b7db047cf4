//! Rest: from now on nothing fails and nobody types. Then what people were told must be true.
//!
//! The properties P1 to P18 are listed in [`crate::world`]; here they are looked at in the real files.

use model::exchange::{pack, unpack_reply, unpack_request};
use phone::store::entries::Held;
use phone::store::spaces::SpaceState;

use super::World;
use super::ghosts::held_in;

/// Rounds of all phones after which everything must be still.
const ROUNDS_MAX: u32 = 40;

/// Exchanges of one phone in one round.
const EXCHANGES_MAX: u32 = 1_000;

/// Bytes of rows asked for at rest, so that a log still comes in pieces.
const BUDGET_BYTES: usize = 900;

/// A property that does not hold, in words.
pub type Broken = Result<(), String>;

/// Everything that an exchange can change on a phone.
type Seen = Vec<(Vec<Held>, SpaceState)>;

impl World {
    /// Runs on without faults until nothing changes, then looks at everything.
    pub fn rest(&mut self) -> Broken {
        self.network.clear();
        if self.old.take().is_some() {
            self.mourn();
        }
        if self.server.is_copied() {
            self.server.back_up();
        }
        self.settle()?;
        if self.close_blind_life() {
            self.settle()?;
        }
        if self.server.is_copied() {
            self.server.back_up();
            self.settle()?;
        }
        self.check_always()?;
        self.check_at_rest()
    }

    fn settle(&mut self) -> Broken {
        let is_turned = self.below(2) == 1;
        for _ in 0..ROUNDS_MAX {
            let mut is_still = true;
            let count = self.phones.len();
            for index in 0..count {
                let index = if is_turned { count - 1 - index } else { index };
                is_still &= !self.exchange_until_still(index)?;
            }
            if is_still {
                return Ok(());
            }
        }
        Err("P8: exchanges without faults never come to rest".to_owned())
    }

    fn exchange_until_still(&mut self, index: usize) -> Result<bool, String> {
        let (mut has_moved, mut before) = (false, self.seen_of(index));
        for _ in 0..EXCHANGES_MAX {
            self.exchange(index)?;
            let after = self.seen_of(index);
            if after == before {
                return Ok(has_moved);
            }
            (has_moved, before) = (true, after);
        }
        Err(format!("P8: phone {index} exchanges for ever"))
    }

    fn exchange(&mut self, index: usize) -> Broken {
        let outgoing = self.phones[index].outgoing(self.faults.push_entries_max, BUDGET_BYTES);
        let request = unpack_request(&pack(&outgoing.request)).map_err(|refused| refused.to_string())?;
        let (device, now_ms) = (self.phones[index].device(), self.now_ms);
        let reply = self.server.serve(device, &request, now_ms, None).ok_or("the server died at rest")?;
        let reply = unpack_reply(&pack(&reply)).map_err(|refused| refused.to_string())?;
        self.note(format!("at rest phone {index}: {}", super::network::shown(&Some(reply.clone()))));
        let progress = self.phones[index].take(&outgoing, &reply, None).ok_or("a phone died at rest")?;
        if !progress.alarms.is_empty() {
            return Err(format!("phone {index} raised {:?} at rest", progress.alarms));
        }
        self.listen(index);
        Ok(())
    }

    fn seen_of(&mut self, index: usize) -> Seen {
        let phone = &mut self.phones[index];
        self.spaces.iter().map(|space| (held_in(phone.store().reader(), *space), phone.space(*space))).collect()
    }
}
