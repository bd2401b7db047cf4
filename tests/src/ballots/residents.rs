//! Residents at a volunteer's phone: they answer, change their mind, are interrupted, use a slip twice.

use std::sync::Arc;

use model::ballot::{Ballot, Given};
use model::envelope::EnvelopeId;
use phone::guest::{self, Guest, GuestRefused, Shown};
use phone::store::StoreFailed;
use rand::RngExt;

use super::World;
use super::canaries::CANARY;
use super::ghosts::{Cast, Slip};
use super::rehearsal::rehearsal;

/// Residents who answer in one run at most.
const RESIDENTS_MAX: usize = 36;

/// Steps of the database's engine that one cast takes at most, roughly; a kill falls somewhere before.
const ENGINE_STEPS_MAX: u32 = 60;

impl World {
    /// Somebody answers at a phone whose box is open.
    pub fn answer(&mut self) {
        let index = self.below(self.phones.len());
        let is_open = !self.phones[index].is_lost && !self.phones[index].is_sealed();
        if is_open && self.ghosts.drawn < RESIDENTS_MAX {
            self.answer_on(index);
        }
    }

    /// Somebody answers at this phone.
    pub fn answer_on(&mut self, index: usize) {
        let slip = self.slip();
        let given = self.answers(slip);
        let ballot = Ballot { secret: self.ghosts.slips[slip].1.clone(), given };
        self.casts_whole(index, slip, &ballot, slip as u32 + 1);
    }

    /// A ballot is cast under a slip, and the line of the roll is ticked; once in a while through the whole guest mode.
    pub fn casts_whole(&mut self, index: usize, slip: Slip, ballot: &Ballot, line: u32) {
        let before = self.phones[index].held();
        if self.faults.guests > 0 && self.percent(20) {
            self.faults.guests -= 1;
            self.in_guest_mode(index, slip, ballot);
        } else {
            self.casts(index, ballot);
        }
        let new: Vec<EnvelopeId> = self.phones[index].held().difference(&before).copied().collect();
        assert_eq!(new.len(), 1, "one ballot is one envelope");
        self.ghosts.cast.insert(new[0], Cast { slip, given: ballot.given.clone() });
        self.phones[index].cast.insert(new[0]);
        let area = self.ghosts.slips[slip].0;
        self.ghosts.lines.entry(index).or_default().entry(area).or_default().insert(line);
        self.note(format!("slip {slip} is cast on phone {index}"));
    }

    /// The next slip of the bag; with misuse one that was used already, or that is handed back later.
    fn slip(&mut self) -> Slip {
        if self.faults.misuses && self.ghosts.drawn > 0 && self.percent(12) {
            return self.below(self.ghosts.drawn);
        }
        self.ghosts.drawn += 1;
        self.ghosts.drawn - 1
    }

    /// What the resident wants to say; whoever uses a slip again says the same, or something else.
    fn answers(&mut self, slip: Slip) -> Vec<Given> {
        let first = self.ghosts.cast.values().find(|cast| cast.slip == slip).map(|cast| cast.given.clone());
        match first {
            Some(given) if self.percent(50) => given,
            _ => self.any_answers(slip),
        }
    }

    fn any_answers(&mut self, slip: Slip) -> Vec<Given> {
        let mut choice = |options: u8| match self.random.random_range(0..=options) {
            drawn if drawn == options => Given::Blank,
            drawn => Given::Option(drawn),
        };
        let mut given = vec![choice(3), choice(2)];
        let text = format!("{CANARY}{slip} {}", self.random.random_range(0..1_000_000));
        given.push(if self.percent(60) { Given::Text(text) } else { Given::Blank });
        given
    }

    /// The last step alone, perhaps killed in the middle of it: then nothing was cast, and it is done again.
    fn casts(&mut self, index: usize, ballot: &Ballot) {
        let dies = self.faults.kills && self.percent(20);
        let phone = &mut self.phones[index];
        if dies {
            let before = phone.held().len();
            phone.store.interrupt_after(Some(self.random.random_range(1..ENGINE_STEPS_MAX)));
            let cast = guest::put(&mut phone.store, rehearsal().definition(), ballot, &mut self.random);
            phone.store.interrupt_after(None);
            match cast {
                Ok(_) => return,
                Err(GuestRefused::Store(StoreFailed::Interrupted)) => phone.restart(&mut self.random),
                Err(refused) => panic!("nothing was cast: {refused}"),
            }
            // The kill may have fallen behind the commit, while the journal was cut.
            if phone.held().len() > before {
                return;
            }
        }
        guest::put(&mut phone.store, rehearsal().definition(), ballot, &mut self.random).expect("a ballot is cast");
    }

    /// The whole of it: a change of mind, a kill in the middle, somebody else's slip before the draft.
    fn in_guest_mode(&mut self, index: usize, slip: Slip, ballot: &Ballot) {
        let print = rehearsal().definition().fingerprint();
        let (square, typed) = (ballot.secret.square(&print), ballot.secret.groups(&print).join(" "));
        let shown = if self.percent(50) { Shown::Square(&square) } else { Shown::Typed(&typed) };
        let mut guest = self.begins(index, &shown).expect("a slip opens the frame");
        let (phone, random) = (&mut self.phones[index], &mut self.random);
        guest.answer(&mut phone.store, 0, Given::Option(2), random).unwrap();
        if random.random_bool(0.5) {
            guest.start_over(&mut phone.store).unwrap();
        }
        guest.answer(&mut phone.store, 0, ballot.given[0].clone(), random).unwrap();
        if random.random_bool(0.5) {
            drop(guest);
            phone.restart(random);
            let (_, other) = &self.ghosts.slips[slip + 1];
            let other = other.square(&print);
            let refused = self.begins(index, &Shown::Square(&other)).err();
            assert_eq!(refused, Some(GuestRefused::DraftWaits), "only the slip opens the draft");
            guest = self.begins(index, &shown).expect("the slip opens its draft");
            assert!(guest.given()[0].as_ref() == Some(&ballot.given[0]), "what was answered is there again");
            self.ghosts.resumed += 1;
        }
        let (phone, random) = (&mut self.phones[index], &mut self.random);
        for (question, given) in ballot.given.iter().enumerate().skip(1) {
            guest.answer(&mut phone.store, question, given.clone(), random).unwrap();
        }
        guest.cast(&mut phone.store, random).expect("a ballot is cast");
    }

    fn begins(&mut self, index: usize, shown: &Shown<'_>) -> Result<Guest, GuestRefused> {
        let (today, phone) = (self.today(), &self.phones[index]);
        let device = (&phone.store, phone.author.incarnation);
        Guest::begin(device, Arc::clone(&rehearsal().round), shown, today, &mut self.random)
    }
}
