//! A round whose result was published: what its pages are made of, and all that they are made of.

use model::outcome::{Outcome, SignedOutcome};
use model::publication::PublishedTally;
use model::round::RoundDefinition;
use model::time::Day;

use crate::report::directory::Directory;
use crate::rounds::KeptRound;

/// A published round. No exact count is in it, nor in anything that it is made of (anonymity A35, A45).
pub struct PublishedRound {
    definition: RoundDefinition,
    outcome: SignedOutcome,
    recount: Option<SignedOutcome>,
    reported: Day,
    place: Option<String>,
    organiser: Option<String>,
}

impl PublishedRound {
    /// None before its result was published.
    pub fn of(kept: &KeptRound, directory: &Directory) -> Option<Self> {
        let reported = kept.steps.reported?;
        let [outcome, recount] = kept.outcomes.clone();
        let definition = kept.definition().clone();
        let organiser = directory.units.get(&definition.organiser).map(|unit| unit.name_vi.clone());
        let place = directory.place().map(str::to_owned);
        Some(Self { definition, outcome: outcome?, recount, reported, place, organiser })
    }

    /// What was asked of whom.
    pub fn definition(&self) -> &RoundDefinition {
        &self.definition
    }

    /// What may be known of the answers.
    pub fn published(&self) -> &PublishedTally {
        &self.outcome.outcome.published
    }

    /// What two holders said beside it.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome.outcome
    }

    /// The day on which it was published.
    pub fn reported(&self) -> Day {
        self.reported
    }

    /// Name of the commune, if the directory has one top unit.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Name of the unit that organised it, if the directory knows it.
    pub fn organiser(&self) -> Option<&str> {
        self.organiser.as_deref()
    }

    /// Names of the two holders who opened the box.
    pub fn openers(&self) -> String {
        self.names(&self.outcome)
    }

    /// Names of the two who counted again.
    pub fn recounters(&self) -> Option<String> {
        self.recount.as_ref().map(|recount| self.names(recount))
    }

    /// The word that the second pair must reach; hidden until they have.
    pub fn recount_word(&self) -> Option<String> {
        self.recount.as_ref().map(|_| self.outcome().recount.to_string())
    }

    fn names(&self, outcome: &SignedOutcome) -> String {
        let holder = |opener: &u8| self.definition.holders.get(usize::from(*opener));
        let names = outcome.openers.iter().filter_map(holder).map(|holder| &*holder.name);
        names.collect::<Vec<_>>().join(" và ")
    }
}
