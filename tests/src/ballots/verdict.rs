//! The judge: what must be true of every round, against what happened in truth.

use std::collections::{BTreeMap, BTreeSet};

use model::ballot::Given;
use model::envelope::EnvelopeId;
use model::round::AreaNumber;
use model::tally::{Answers, AreaTally, CountBlocked, EnvelopeKinds};

use super::World;
use super::canaries::{Needles, everything};
use super::finish::Opened;
use super::ghosts::{Cast, Slip};
use super::rehearsal::rehearsal;

/// A broken property by its number, and of what.
pub type Judged = Result<(), String>;

/// What the count must be: from the names in the box and what residents did.
struct Expected {
    kinds: EnvelopeKinds,
    areas: BTreeMap<AreaNumber, AreaTally>,
}

fn holds(is_so: bool, property: &str, what: impl FnOnce() -> String) -> Judged {
    if is_so { Ok(()) } else { Err(format!("{property}: {}", what())) }
}

impl World {
    /// Judges a round that was opened, or could not be.
    pub fn judge(&self, opened: Option<&Opened>) -> Judged {
        self.no_batch_grows()?;
        self.nothing_is_readable()?;
        let Some(opened) = opened else {
            let is_named = self.ghosts.is_past_list;
            return holds(is_named, "B4", || {
                "the lists are broken although the server never went back past one".to_owned()
            });
        };
        let frozen: BTreeSet<EnvelopeId> = opened.frozen.iter().map(|envelope| envelope.id).collect();
        holds(frozen.len() == opened.frozen.len(), "B2", || "an envelope lies in the box twice".to_owned())?;
        self.sealed_in_time_arrived(&frozen)?;
        self.counted_once(opened, &frozen)?;
        self.differences_are_named(opened, &frozen)?;
        self.listed_is_there(opened, &frozen)?;
        holds(opened.tally == opened.turned, "B5", || "another order gives another count".to_owned())?;
        self.phones_forgot(&frozen)
    }

    /// Phones whose box, as it is now, was sealed in time.
    fn sealed_in_time(&self) -> impl Iterator<Item = usize> {
        (0..self.phones.len()).filter(|index| {
            let seal = self.phones[*index].said_seal();
            !self.phones[*index].is_lost
                && seal.is_some_and(|seal| self.ghosts.seals.iter().any(|said| said.seal == seal && said.is_in_time))
        })
    }

    /// B1.
    fn sealed_in_time_arrived(&self, frozen: &BTreeSet<EnvelopeId>) -> Judged {
        if self.ghosts.is_past_list {
            return Ok(());
        }
        for index in self.sealed_in_time() {
            let missing = self.phones[index].cast.difference(frozen).count();
            holds(missing == 0, "B1", || {
                format!("phone {index} sealed in time, and {missing} of its envelopes are not in the box")
            })?;
        }
        Ok(())
    }

    /// B2 and B3: every kind, every area, every answer.
    fn counted_once(&self, opened: &Opened, frozen: &BTreeSet<EnvelopeId>) -> Judged {
        let expected = self.expected(frozen);
        holds(opened.kinds == expected.kinds, "B2", || {
            format!("kinds {:?}, expected {:?}", opened.kinds, expected.kinds)
        })?;
        holds(opened.tally.areas == expected.areas, "B2", || {
            "answers of an area are not what its residents said".to_owned()
        })?;
        holds(opened.kinds.in_box() == opened.frozen.len() as u32, "B3", || "kinds do not add up".to_owned())
    }

    /// B3: seals, slips and stubs agree with the box, or the difference has its name.
    fn differences_are_named(&self, opened: &Opened, frozen: &BTreeSet<EnvelopeId>) -> Judged {
        let said: u32 =
            self.ghosts.seals.iter().filter(|said| said.is_in_time).map(|said| u32::from(said.seal.count)).sum();
        holds(opened.sealed == said, "B3", || {
            format!("phones said {said} in time, the holders read {}", opened.sealed)
        })?;
        let in_box =
            |slip: &Slip| self.ghosts.cast.iter().any(|(name, cast)| cast.slip == *slip && frozen.contains(name));
        let lost = self.ghosts.stubs().iter().filter(|slip| !in_box(slip)).count();
        let is_named = |named: &CountBlocked| !matches!(named, CountBlocked::TooFew { .. });
        let named: Vec<_> = opened.against.iter().filter(|named| is_named(named)).collect();
        // Returned slips that were used stand beside the stubs as if each of their envelopes had one, so they can hide as
        // many lost residents; but their number is printed.
        let is_told = !named.is_empty() || opened.kinds.returned > 0;
        holds(lost == 0 || is_told, "B3", || format!("{lost} residents are not in the count, and nothing says so"))?;
        let is_whole = frozen.len() == self.ghosts.cast.len() + self.ghosts.junk.len();
        let is_plain = is_whole && said == self.ghosts.cast.len() as u32 && !self.faults.misuses;
        holds(!is_plain || named.is_empty(), "B3", || {
            format!("nothing is missing, and {named:?} speaks against the count")
        })
    }

    /// B4.
    fn listed_is_there(&self, opened: &Opened, frozen: &BTreeSet<EnvelopeId>) -> Judged {
        let listed: BTreeSet<EnvelopeId> = opened.listed.iter().copied().collect();
        let missing = listed.union(&self.ghosts.listed).filter(|name| !frozen.contains(name)).count();
        let is_named = self.ghosts.is_rewritten || !opened.against.is_empty();
        holds(missing == 0 || (self.ghosts.is_past_list && is_named), "B4", || {
            format!("{missing} listed envelopes are gone")
        })
    }

    /// B6 and B8: phones keep what no list names, forget what one does, and hold nothing readable.
    fn phones_forgot(&self, frozen: &BTreeSet<EnvelopeId>) -> Judged {
        let secrets = Needles::of(&self.ghosts);
        for (index, phone) in self.phones.iter().enumerate().filter(|(_, phone)| !phone.is_lost) {
            let held = phone.held();
            let gone = phone.cast.iter().filter(|name| !frozen.contains(name) && !held.contains(name)).count();
            holds(gone == 0 || self.ghosts.is_past_list, "B8", || {
                format!("phone {index} forgot {gone} that are nowhere")
            })?;
            holds(!secrets.are_in(&everything(phone.store.reader())), "B6", || format!("phone {index} can be read"))?;
        }
        for index in self.sealed_in_time().filter(|_| !self.ghosts.is_past_list) {
            let names = Needles::of_names(self.phones[index].cast.iter().map(EnvelopeId::as_bytes));
            let image = everything(self.phones[index].store.reader());
            holds(!names.are_in(&image), "B8", || format!("phone {index} still knows what it carried"))?;
        }
        Ok(())
    }

    /// B6: neither words nor slips in any file, with the keys of the files or without.
    fn nothing_is_readable(&self) -> Judged {
        let secrets = Needles::of(&self.ghosts);
        // Server, phones, images and the file of the holders lie in one folder.
        let all = self.server.folder().parent().expect("a run has a folder");
        let found = secrets.in_files(all);
        holds(found.is_none(), "B6", || format!("something of a resident stands in {}", found.unwrap_or_default()))?;
        holds(!secrets.are_in(&everything(self.server.office.reader())), "B6", || "the office can be read".to_owned())
    }

    /// B7: no batch is a proper part of another before the server went back (A21). A phone that was restored from an older
    /// copy cannot know with what its envelopes travelled, so each of its lives is judged by itself.
    fn no_batch_grows(&self) -> Judged {
        let seen: Vec<_> = self.ghosts.seen.iter().filter(|seen| seen.server_lives == 0).collect();
        for one in &seen {
            let grown = seen.iter().find(|other| {
                one.by == other.by && one.names.len() < other.names.len() && one.names.is_subset(&other.names)
            });
            holds(grown.is_none(), "B7", || format!("{} of phone {} travelled in more", one.names.len(), one.by.0))?;
        }
        Ok(())
    }

    fn expected(&self, frozen: &BTreeSet<EnvelopeId>) -> Expected {
        let round = rehearsal().definition();
        let blank: Vec<Answers> =
            round.asked().map(|asked| Answers { options: vec![0; asked.question.options().len()], blank: 0 }).collect();
        let empty = AreaTally { kinds: EnvelopeKinds::default(), answers: blank };
        let mut areas: BTreeMap<_, _> = round.areas.iter().map(|area| (area.number, empty.clone())).collect();
        let mut kinds = EnvelopeKinds {
            not_of_this_round: self.ghosts.junk.intersection(frozen).count() as u32,
            ..EnvelopeKinds::default()
        };
        let mut slips: BTreeMap<Slip, Vec<&Cast>> = BTreeMap::new();
        for (_, cast) in self.ghosts.cast.iter().filter(|(name, _)| frozen.contains(name)) {
            slips.entry(cast.slip).or_default().push(cast);
        }
        for (slip, casts) in slips {
            if self.ghosts.returned.contains(&slip) {
                kinds.returned += casts.len() as u32;
                continue;
            }
            let area: &mut AreaTally = areas.get_mut(&self.ghosts.slips[slip].0).expect("an area of the round");
            for of in [&mut kinds, &mut area.kinds] {
                of.repeated += casts.len() as u32 - 1;
                let is_doubled = casts.iter().any(|cast| cast.given != casts[0].given);
                *(if is_doubled { &mut of.doubled } else { &mut of.valid }) += 1;
            }
            if casts.iter().all(|cast| cast.given == casts[0].given) {
                count(&mut area.answers, &casts[0].given);
            }
        }
        Expected { kinds, areas }
    }
}

fn count(answers: &mut [Answers], given: &[Given]) {
    for (answers, given) in answers.iter_mut().zip(given) {
        match given {
            Given::Blank => answers.blank += 1,
            Given::Option(option) => answers.options[usize::from(*option)] += 1,
            Given::Text(_) => {}
        }
    }
}
