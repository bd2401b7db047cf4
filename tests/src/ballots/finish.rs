//! How a round ends: slips come back, boxes are sealed, late ones arrive, the box is frozen and opened by two holders.

use std::path::Path;

use model::envelope::{Envelope, EnvelopeId};
use model::opening::{InputRefused, SealedBytes};
use model::outcome::PaperCount;
use model::round::record;
use model::sealing::{Purpose, seal};
use model::tally::{CountBlocked, Counting, EnvelopeKinds, Tally};
use opener::frozen::{BoxRefused, FrozenBox};
use rand::seq::SliceRandom;
use server::rounds;

use super::ghosts::Slip;
use super::rehearsal::{CLOSES, GRACE, rehearsal};
use super::servers::Loss;
use super::{DAY_MS, World};

/// Slips that are handed back unused.
const RETURNED: usize = 4;

/// What two holders found.
pub struct Opened {
    /// What was frozen.
    pub frozen: Vec<Envelope>,
    /// What became of it.
    pub kinds: EnvelopeKinds,
    /// Everything that speaks against the count, with what lay on the table.
    pub against: Vec<CountBlocked>,
    /// By the opener's own code, in one order.
    pub tally: Tally,
    /// The same in another order.
    pub turned: Tally,
    /// Seals that the holders were given.
    pub sealed: u32,
    /// Names of the last list.
    pub listed: Vec<EnvelopeId>,
}

impl World {
    /// From the evening of the closing day to the count; none if the holders could not begin because the lists are broken.
    pub fn finish(&mut self, to: &Path) -> Option<Opened> {
        self.ms = (CLOSES + 1) * DAY_MS - 3_600_000;
        self.hand_back();
        for index in 0..self.phones.len() {
            self.closes(index);
        }
        if self.faults.revives_sealed {
            self.goes_on_from_a_copy();
        }
        for day in CLOSES + 1..=GRACE {
            self.ms = day * DAY_MS + 3_600_000;
            self.late_day(day);
        }
        self.ms = (GRACE + 1) * DAY_MS + 3_600_000;
        self.server.hand_over(to, self.today());
        for index in 0..self.phones.len() {
            self.fetch_list(index);
        }
        self.open(to)
    }

    /// Slips that nobody drew come back, and with misuse some that were used.
    fn hand_back(&mut self) {
        let first = self.ghosts.drawn;
        let mut slips: Vec<Slip> = (first..self.ghosts.slips.len()).take(RETURNED).collect();
        if self.faults.misuses && first > 0 {
            slips.push(self.below(first));
        }
        let Some(index) = (0..self.phones.len()).find(|index| !self.phones[*index].is_lost) else { return };
        let plain: Vec<u8> = slips.iter().flat_map(|slip| self.ghosts.slips[*slip].1.to_bytes()).collect();
        let round = rehearsal().definition();
        let sealed = seal((&round.key, round.id), Purpose::ReturnedSlips, &plain, &mut self.random);
        self.phones[index].records(&[record::returned(&SealedBytes(sealed.expect("the round's key is a key")))]);
        self.ghosts.returned.extend(slips);
        self.talk(index);
    }

    /// A phone seals on the closing day: its seal is on record in time, or read over the telephone, or too late.
    fn closes(&mut self, index: usize) {
        if self.phones[index].is_lost || self.phones[index].ballot_box().is_none() {
            return;
        }
        let late = self.faults.late_seals_percent;
        if self.percent(late) {
            if self.percent(50) {
                self.note(format!("phone {index} does not seal"));
                return;
            }
            self.seal(index);
            return;
        }
        self.seal(index);
        if self.percent(self.faults.spoken_percent) {
            let (round, today) = (rehearsal().definition().id, self.today());
            let seal = self.phones[index].said_seal().expect("it was said");
            rounds::note_seal(&self.server.office, round, seal.spoken(), today).expect("a clerk writes it down");
            self.ghosts.is_on_record(&seal);
            self.note(format!("phone {index} reads its seal over the telephone"));
        } else {
            self.talk(index);
        }
    }

    /// A phone that has sealed goes back to a copy that knows nothing of it, takes more ballots and seals again.
    fn goes_on_from_a_copy(&mut self) {
        let index = self.below(self.phones.len());
        if self.phones[index].is_lost || !self.phones[index].has_copy() {
            return;
        }
        self.revive(index);
        if !self.phones[index].is_sealed() {
            self.answer_on(index);
        }
        self.closes(index);
    }

    /// A day of grace: on the first one the network is as bad as ever, on the last everything arrives.
    fn late_day(&mut self, day: i64) {
        if day == CLOSES + 1 && self.faults.revives_late {
            let index = self.below(self.phones.len());
            if self.phones[index].has_copy() && !self.phones[index].is_lost {
                self.revive(index);
            }
        }
        for index in 0..self.phones.len() {
            self.talk(index);
            self.fetch_list(index);
        }
        if day == CLOSES + 1 && self.faults.box_losses > 0 && self.percent(50) {
            self.goes_back(Loss::Box);
        }
        for _ in 0..3 * self.phones.len() {
            let index = self.below(self.phones.len());
            self.send(index);
            self.deliver();
        }
        if day == GRACE {
            self.deliver_all();
            for index in 0..self.phones.len() {
                self.talk(index);
                // A box that was not sealed in time is turned away however often it comes.
                while self.send(index) && self.deliver_all() {}
            }
        }
    }

    fn open(&mut self, file: &Path) -> Option<Opened> {
        let rehearsal = rehearsal();
        let checked = match FrozenBox::check(file, self.today()) {
            Ok(checked) => checked,
            Err(BoxRefused::Input(InputRefused::ListsBroken)) => return None,
            Err(refused) => panic!("the holders cannot begin: {refused}"),
        };
        let sealed = checked.input.sealed();
        let listed = checked.input.lists.last().map(|list| list.names().collect()).unwrap_or_default();
        let opened = model::opening::OpenedInput::open(&checked.input, &rehearsal.keys.round);
        let opened = opened.expect("slip book and returned slips open");
        let count = rehearsal.holders.opens([0, 2], checked);
        let stubs = self.ghosts.stubs().len() as u32;
        let issued = count.published().issued;
        let paper = PaperCount { unused: rehearsal.definition().slips() - issued, spoiled: 0, stubs };
        let against = count.against(paper).expect("no more slips lie there than were printed");
        let mut frozen = self.server.frozen();
        let counts = |envelopes: &[Envelope]| {
            let mut counting = Counting::new(rehearsal.definition(), &opened.book, &opened.returned);
            for envelope in envelopes {
                counting.take(rehearsal.keys.round.open(rehearsal.definition(), envelope));
            }
            counting.finish().0
        };
        let tally = counts(&frozen);
        frozen.shuffle(&mut self.random);
        let turned = counts(&frozen);
        let word = model::outcome::RecountWord::of(rehearsal.definition(), &turned, &rehearsal.keys.round);
        assert!(count.word() == word, "the opener's exact count is ours");
        Some(Opened { kinds: count.kinds(), frozen, against, tally, turned, sealed, listed })
    }
}
