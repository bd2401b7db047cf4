//! What can happen while the round is open: residents, volunteers, the network, disasters.

use model::admission::Batch;
use model::envelope::Envelope;
use model::round::record;
use rand::{Rng, RngExt};

use super::ghosts::SaidSeal;
use super::rehearsal::{CLOSES, moment, rehearsal};
use super::servers::Loss;
use super::{DAY_MS, World};

/// Junk envelopes of one run at most: with the ballots fewer than four for every slip, or honest ones were turned away.
const JUNK_MAX: usize = 48;

impl World {
    /// One step of so many; the days of the round pass evenly.
    pub fn step(&mut self, number: u32, of: u32) {
        let day = i64::from(number) * (CLOSES + 1) / i64::from(of);
        let within = self.ms % DAY_MS + self.random.random_range(1..10 * 60 * 1_000);
        // A day that is filled waits at its last minute.
        self.ms = if day > self.ms / DAY_MS { day * DAY_MS + 1 } else { day * DAY_MS + within.min(DAY_MS - 1) };
        let index = self.below(self.phones.len());
        match self.random.random_range(0..1_000) {
            0..430 => self.answer(),
            430..490 => self.talk(index),
            490..620 => drop(self.send(index)),
            620..790 => self.deliver(),
            790..860 => self.fetch_list(index),
            860..880 => self.restart(index),
            880..940 => self.copy_or_revive(index),
            940..952 => self.seal_early(index),
            952..960 => self.lose_box(),
            960..980 => self.image_or_go_back(),
            980..985 => self.lose_phone(index),
            _ => self.drop_junk(),
        }
    }

    /// The named road: the lines that drew a slip since the last time, and whatever else waits.
    pub fn talk(&mut self, index: usize) {
        let phone = &mut self.phones[index];
        if phone.is_lost {
            return;
        }
        let lines = self.ghosts.lines.remove(&index).unwrap_or_default();
        let edits: Vec<_> = lines.iter().map(|(area, lines)| record::ticks(*area, lines)).collect();
        if !edits.is_empty() {
            phone.records(&edits);
        }
        phone.exchange(&mut self.server.office, moment(self.ms), &mut self.random);
        if let Some(seal) = phone.said_seal().filter(|_| self.ms < (CLOSES + 1) * DAY_MS) {
            self.ghosts.is_on_record(&seal);
        }
        self.note(format!("phone {index} talks to the office"));
    }

    fn restart(&mut self, index: usize) {
        if self.faults.kills && !self.phones[index].is_lost {
            self.phones[index].restart(&mut self.random);
            self.note(format!("phone {index} is killed and started"));
        }
    }

    fn copy_or_revive(&mut self, index: usize) {
        if self.faults.revivals == 0 || self.phones[index].is_lost {
            return;
        }
        if self.phones[index].has_copy() && self.percent(60) {
            self.faults.revivals -= 1;
            self.revive(index);
        } else {
            self.phones[index].copy();
            self.note(format!("phone {index} is copied"));
        }
    }

    /// A phone goes back to its copy.
    pub fn revive(&mut self, index: usize) {
        self.phones[index].revive(&mut self.random);
        self.note(format!("phone {index} is restored from its copy"));
    }

    fn seal_early(&mut self, index: usize) {
        if !self.phones[index].is_lost && self.phones[index].ballot_box().is_some() {
            self.seal(index);
        }
    }

    /// A phone seals; the seal leaves with its next exchange.
    pub fn seal(&mut self, index: usize) {
        let phone = &mut self.phones[index];
        let seal = phone.seal(&mut self.random);
        assert_eq!(
            usize::from(seal.count),
            phone.cast.len(),
            "a seal counts everything that was ever cast into its box"
        );
        if !self.ghosts.seals.iter().any(|said| said.seal == seal) {
            self.ghosts.seals.push(SaidSeal { seal, is_in_time: false });
        }
        self.note(format!("phone {index} seals {}", seal.count));
    }

    /// The box is lost; its safe copy of an earlier day fills it.
    fn lose_box(&mut self) {
        if self.faults.box_losses > 0 {
            self.faults.box_losses -= 1;
            self.goes_back(Loss::Box);
        }
    }

    /// An image of the disk is made, and may come back after a list was told.
    fn image_or_go_back(&mut self) {
        if !self.faults.goes_past_list {
            return;
        }
        if self.server.has_image() {
            self.faults.goes_past_list = false;
            let loss = if self.percent(50) { Loss::WholeFolder } else { Loss::OldCopy };
            self.goes_back(loss);
        } else {
            self.server.keep_image();
        }
    }

    /// The server's boxes go back, and it begins a new life.
    pub fn goes_back(&mut self, loss: Loss) {
        self.ghosts.is_past_list |= loss != Loss::Box;
        self.server.goes_back(loss, moment(self.ms));
        self.ghosts.server_lives += 1;
        self.note(format!("the server loses {loss:?}"));
    }

    fn lose_phone(&mut self, index: usize) {
        if self.faults.loses_phone {
            self.faults.loses_phone = false;
            self.phones[index].is_lost = true;
            self.note(format!("phone {index} is lost"));
        }
    }

    /// Somebody who has the admission key and no slip drops what looks like envelopes; some are copies of what was seen on
    /// the way, under another name.
    fn drop_junk(&mut self) {
        if !self.faults.junk || self.ghosts.junk.len() >= JUNK_MAX {
            return;
        }
        let round = rehearsal().definition();
        let envelopes: Vec<Envelope> = (0..self.random.random_range(1..=16))
            .map(|_| {
                let mut bytes = vec![0; round.envelope_bytes()];
                self.random.fill_bytes(&mut bytes);
                bytes[0] = 1;
                bytes[1..17].copy_from_slice(round.id.as_bytes());
                Envelope::read(&bytes, round).expect("it looks like an envelope")
            })
            .collect();
        self.ghosts.junk.extend(envelopes.iter().map(|envelope| envelope.id));
        let bytes = Batch { envelopes }.to_bytes(round, &rehearsal().round.admission);
        self.server.take(&bytes, self.now_ms()).expect("the admission key lets in");
        self.note("somebody drops junk".to_owned());
    }
}
