//! What can happen: people act on their phones, and everything else is drawn.

use model::case::CaseState;
use model::document::{Edit, Scalar};
use model::entry::EntryKind;
use model::hash::EntryHash;
use model::self_assessment::Heading;
use model::self_assessment::fields::answer_name;
use model::time::Timestamp;
use phone::work::Act;
use rand::RngExt;

use super::World;
use super::ghosts::Typed;
use super::people::OwnPaper;

/// Steps of the database's engine that one act or exchange takes at most, roughly; a kill falls somewhere before.
const ENGINE_STEPS_MAX: u32 = 120;

impl World {
    /// One step, drawn from everything that may happen in this run.
    pub fn step(&mut self) {
        self.now_ms += self.random.random_range(1..60_000);
        match self.random.random_range(0..1_000) {
            0..200 => self.edit(),
            200..260 => self.submit(),
            260..310 => self.decide(),
            310..560 => self.send(),
            560..830 => self.deliver(),
            830..850 => self.duplicate(),
            850..870 => self.lose_answer(),
            870..880 => self.cut(),
            880..892 => self.back_up(),
            892..904 => self.restart(),
            904..924 => self.restore(),
            924..954 => self.copy_or_revive(),
            954..972 => self.revoke_or_grant(),
            972..980 => self.grant_late(),
            980..988 => self.publish(),
            988..994 => self.stop_old(),
            _ => self.close_early(),
        }
    }

    /// After how many steps of the engine the next process dies, if it does.
    pub fn dies_after(&mut self) -> Option<u32> {
        let dies = self.faults.kills && self.random.random_bool(0.06);
        dies.then(|| self.random.random_range(1..ENGINE_STEPS_MAX))
    }

    fn any_paper(&mut self) -> OwnPaper {
        let index = self.below(self.papers.len());
        self.papers[index]
    }

    /// A device of the paper's person.
    fn device_of_subject(&mut self, paper: &OwnPaper) -> usize {
        let theirs: Vec<usize> =
            (0..self.phones.len()).filter(|index| self.phones[*index].author.person == paper.person).collect();
        theirs[self.below(theirs.len())]
    }

    /// A device of somebody else, who decides.
    fn device_of_other(&mut self, paper: &OwnPaper) -> usize {
        let theirs: Vec<usize> =
            (0..self.phones.len()).filter(|index| self.phones[*index].author.person != paper.person).collect();
        theirs[self.below(theirs.len())]
    }

    fn edit(&mut self) {
        let own = self.any_paper();
        let index = self.device_of_subject(&own);
        self.edit_paper(index, own);
    }

    /// The cadre edits the first paper on one of the cadre's devices.
    pub fn edit_on(&mut self, index: usize) {
        self.edit_paper(index, self.papers[0]);
    }

    fn edit_paper(&mut self, index: usize, own: OwnPaper) {
        let edits = self.edits(&own);
        let (claimed, dies) = (Timestamp::from_utc_ms(self.now_ms), self.dies_after());
        let made = self.phones[index]
            .act(dies, |work, store, author| work.edit(Act { store, author, claimed }, own.paper, &edits))
            .flatten();
        self.note(format!("phone {index} edits {own:?}: {made:?}, killed {}", dies.is_some() && made.is_none()));
        self.remember(index, made, EntryKind::Change, &own);
    }

    fn edits(&mut self, own: &OwnPaper) -> Vec<Edit> {
        let question = self.random.random_range(0..3);
        let answer = self.random.random_range(0..5);
        let heading = Heading { cycle: own.cycle, person: own.person, form: self.form.pin(), is_leader: false };
        let value = Some(Scalar::Text(format!("answer {answer}")));
        let mut edits = heading.edits();
        edits.push(Edit { field: answer_name(&format!("q{question}")), value });
        edits
    }

    fn submit(&mut self) {
        let own = self.any_paper();
        let index = self.device_of_subject(&own);
        self.submit_paper(index, own);
    }

    /// The cadre submits the first paper on one of the cadre's devices.
    pub fn submit_on(&mut self, index: usize) {
        self.submit_paper(index, self.papers[0]);
    }

    fn submit_paper(&mut self, index: usize, own: OwnPaper) {
        let (claimed, dies, form) = (
            Timestamp::from_utc_ms(self.now_ms),
            self.dies_after(),
            EntryHash::from_bytes(*self.form.fingerprint().as_bytes()),
        );
        let made = self.phones[index]
            .act(dies, |work, store, author| work.submit(Act { store, author, claimed }, own.paper, form));
        self.note(format!("phone {index} submits {own:?}: {made:?}"));
        self.remember(index, made, EntryKind::Submit, &own);
    }

    fn decide(&mut self) {
        let own = self.any_paper();
        let index = self.device_of_other(&own);
        let (claimed, dies) = (Timestamp::from_utc_ms(self.now_ms), self.dies_after());
        let to = match self.random.random_bool(0.5) {
            true => (CaseState::Returned, Some("add the evidence".to_owned())),
            false => (CaseState::OpinionsOpen, None),
        };
        let made = self.phones[index]
            .act(dies, |work, store, author| work.decide(Act { store, author, claimed }, own.paper, to));
        self.note(format!("phone {index} decides {own:?}: {made:?}"));
        self.remember(index, made, EntryKind::Status, &own);
    }

    fn remember(&mut self, index: usize, made: Option<EntryHash>, kind: EntryKind, own: &OwnPaper) {
        if let Some(hash) = made {
            let device = self.phones[index].device();
            let document = own.paper.document;
            self.ghosts.typed.insert(hash, Typed { phone: index, document, kind, device });
        }
    }
}
