//! Rest: from now on nothing fails and nobody acts. Everything runs on until nothing changes.

use model::exchange::{pack, unpack_reply, unpack_request};
use model::identity::{DeviceId, SpaceId};
use phone::store::spaces::{self, SpaceState};
use server::log::{self, Recovery};
use server::recovery;

use super::World;
use crate::world::network::shown;
use crate::world::rest::Broken;

/// Rounds of all phones after which everything must be still.
const ROUNDS_MAX: u32 = 30;

/// Exchanges of one phone in one round.
const EXCHANGES_MAX: u32 = 300;

/// Bytes of rows asked for at rest, so that a long log still comes in pieces.
const BUDGET_BYTES: usize = 16_000;

/// Everything that an exchange can change on a phone: its cursors, and how many entries are held, wait and were refused.
type Held = (Vec<SpaceState>, [i64; 4]);

impl World {
    /// Runs on without faults until nothing changes, then looks at everything.
    pub fn rest(&mut self) -> Broken {
        self.network.clear();
        if self.server.is_copied() {
            self.server.back_up();
        }
        self.settle()?;
        self.calm_down()?;
        if self.server.is_copied() {
            self.server.back_up();
            self.settle()?;
        }
        if recovery::is_under_way(self.server.office().reader()).map_err(|failed| failed.to_string())? {
            return Err(format!("C1: every phone is back, and the server still waits for {:?}", self.awaited()));
        }
        self.check_at_rest()
    }

    /// Once everybody is back the office says again who is appointed to what, and looks after its cases as long as there is
    /// anything to do.
    fn calm_down(&mut self) -> Broken {
        self.publish_again();
        let mut before = 0;
        for _ in 0..ROUNDS_MAX {
            let moment = self.server.moment(self.now_ms);
            let looked = self.server.office().look_after_all_cases(moment);
            looked.map_err(|failed| failed.to_string())?;
            self.settle()?;
            let rows = self.server.office().rows().map_err(|failed| failed.to_string())?;
            if rows == before {
                return Ok(());
            }
            before = rows;
        }
        Err("C1: the office never has done with looking after its cases".to_owned())
    }

    /// The spaces that wait after a restore, and the phones that each of them has not heard.
    fn awaited(&mut self) -> Vec<(SpaceId, Recovery, Vec<usize>)> {
        let mut awaited = Vec::new();
        let office = self.server.office();
        let spaces = log::spaces(office.reader()).expect("the log can be read");
        for space in spaces.into_iter().filter(|space| space.recovery != Recovery::Closed) {
            let devices = office.members(space.space).expect("members can be read").devices();
            let sql = "select count(*) from back where space = ?1 and device = ?2";
            let is_back = |device: &DeviceId| {
                let counted = office.reader().query_row(sql, (space.id, device.as_bytes()), |row| row.get::<_, i64>(0));
                counted.expect("who is back can be counted") > 0
            };
            let missing = devices.iter().filter(|device| !is_back(device));
            let index = |device: &DeviceId| self.phones.iter().position(|phone| phone.device() == *device);
            awaited.push((space.space, space.recovery, missing.filter_map(index).collect()));
        }
        awaited
    }

    fn settle(&mut self) -> Broken {
        let is_turned = self.below(2) == 1;
        for _ in 0..ROUNDS_MAX {
            let (mut is_still, count) = (true, self.phones.len());
            for index in 0..count {
                let index = if is_turned { count - 1 - index } else { index };
                is_still &= !self.exchange_until_still(index)?;
            }
            if is_still {
                return Ok(());
            }
        }
        Err("C1: exchanges without faults never come to rest".to_owned())
    }

    fn exchange_until_still(&mut self, index: usize) -> Result<bool, String> {
        let (mut has_moved, mut before) = (false, self.held_on(index));
        for _ in 0..EXCHANGES_MAX {
            self.exchange(index)?;
            let after = self.held_on(index);
            if after == before {
                return Ok(has_moved);
            }
            (has_moved, before) = (true, after);
        }
        Err(format!("C1: phone {index} exchanges for ever"))
    }

    fn exchange(&mut self, index: usize) -> Broken {
        let outgoing = self.phones[index].outgoing(self.faults.push_entries_max, BUDGET_BYTES);
        let request = unpack_request(&pack(&outgoing.request)).map_err(|refused| refused.to_string())?;
        let (device, now_ms) = (self.phones[index].device(), self.now_ms);
        let reply = self.server.serve(device, &request, now_ms, None).ok_or("the server died at rest")?;
        let reply = unpack_reply(&pack(&reply)).map_err(|refused| refused.to_string())?;
        self.note(format!("at rest phone {index}: {}", shown(&Some(reply.clone()))));
        let progress = self.phones[index].take(&outgoing, &reply, None).ok_or("a phone died at rest")?;
        if !progress.alarms.is_empty() {
            return Err(format!("phone {index} raised {:?} at rest", progress.alarms));
        }
        self.listen(index, &progress.moved);
        Ok(())
    }

    fn held_on(&mut self, index: usize) -> Held {
        let reader = self.phones[index].store().reader();
        let sql = "select count(*), total(is_unsent), total(refusal is not null), total(number is not null) from entry";
        let counted = reader.query_row(sql, [], |row| {
            let whole = |column: usize| row.get::<_, f64>(column).map(|number| number as i64);
            Ok([row.get(0)?, whole(1)?, whole(2)?, whole(3)?])
        });
        (spaces::all(reader).expect("spaces can be read"), counted.expect("entries can be counted"))
    }
}
