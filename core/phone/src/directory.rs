//! What the office told this phone, read once and kept until the directory moves.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::appointment::{Appointment, Chart};
use model::cadre::CadreInPost;
use model::cycle::EvaluationCycle;
use model::directory::{DirectoryItem, ItemKind};
use model::form::checked::CheckedForm;
use model::hash::EntryHash;
use model::identity::{CycleId, PersonId, RoundId, SpaceId};
use model::round::announced::AnnouncedRound;
use model::rule_set::RuleSet;
use model::self_assessment::read_form;
use model::unit::OrganisationUnit;

use crate::store::{Store, documents};
use crate::work::{Paper, Work, WorkFailed};

/// Documents read at one time.
const PAGE: usize = 500;

/// The directory as this phone holds it. Items that this version cannot read are left out.
#[derive(Default)]
pub struct Directory {
    /// Cycles by id.
    pub cycles: BTreeMap<CycleId, EvaluationCycle>,
    /// Forms by fingerprint.
    pub forms: BTreeMap<EntryHash, Arc<CheckedForm>>,
    /// Rule sets by code and version.
    pub rule_sets: BTreeMap<(String, u32), Arc<RuleSet>>,
    /// Cadres by person.
    pub cadres: BTreeMap<PersonId, CadreInPost>,
    /// Units.
    pub units: Vec<OrganisationUnit>,
    /// Rounds of opinion that three holders signed.
    pub rounds: BTreeMap<RoundId, Arc<AnnouncedRound>>,
    /// Who holds which role over whom.
    pub chart: Chart,
    /// Roles that were read and are not in the chart yet.
    appointments: Vec<Appointment>,
}

impl Directory {
    /// Reads the whole directory space.
    pub fn read(store: &Store, work: &mut Work, space: SpaceId) -> Result<Self, WorkFailed> {
        let mut directory = Self::default();
        let mut after = None;
        loop {
            let page = documents::after(store.reader(), space, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(directory.charted()) };
            after = Some(last.id);
            for row in page {
                let fields = work.fields(store, Paper { space, document: row.id })?;
                if let Some(item) = DirectoryItem::read(&fields) {
                    directory.take(&item);
                }
            }
        }
    }

    /// Whether a cycle is about somebody; of whoever holds no post here nobody knows.
    pub fn is_covered(&self, cycle: &EvaluationCycle, person: PersonId) -> bool {
        self.cadres.get(&person).is_none_or(|held| cycle.covers(&held.assignment))
    }

    /// What people call somebody.
    pub fn name_of(&self, person: PersonId) -> String {
        self.cadres.get(&person).map(|listed| listed.cadre.full_name.clone()).unwrap_or_default()
    }

    /// The post that somebody holds.
    pub fn post_of(&self, person: PersonId) -> String {
        self.cadres.get(&person).map(|listed| listed.assignment.title.clone()).unwrap_or_default()
    }

    /// The form that a cycle or a draft pins.
    pub fn form(&self, fingerprint: &[u8; 32]) -> Option<Arc<CheckedForm>> {
        self.forms.get(&EntryHash::from_bytes(*fingerprint)).cloned()
    }

    /// The rules that a cycle pins.
    pub fn rules_of(&self, cycle: &EvaluationCycle) -> Option<Arc<RuleSet>> {
        self.rule_sets.get(&(cycle.rule_set_code.clone(), cycle.rule_set_version)).cloned()
    }

    /// The newest version of a form.
    pub fn newest_form(&self, code: &str) -> Option<Arc<CheckedForm>> {
        let versions = self.forms.values().filter(|form| form.template().code == code);
        versions.max_by_key(|form| form.template().version).cloned()
    }

    /// Appointments stand beside units and cadres, in no order; what they mean is known when all is read.
    fn charted(mut self) -> Self {
        let appointments = std::mem::take(&mut self.appointments);
        self.chart = Chart::of(appointments, self.cadres.values(), &self.units);
        self
    }

    fn take(&mut self, item: &DirectoryItem) {
        match item.kind {
            ItemKind::Unit => self.units.extend(serde_json::from_str::<OrganisationUnit>(&item.body).ok()),
            ItemKind::Cadre => {
                let listed = CadreInPost::read(&item.body);
                self.cadres.extend(listed.map(|listed| (listed.cadre.id, listed)));
            }
            ItemKind::RuleSet => {
                let rules = RuleSet::parse(&item.body).ok();
                self.rule_sets.extend(rules.map(|rules| ((rules.code.clone(), rules.version), Arc::new(rules))));
            }
            ItemKind::Form => {
                let form = read_form(&item.body);
                self.forms.extend(form.map(|(fingerprint, form)| (fingerprint, Arc::new(form))));
            }
            ItemKind::Cycle => {
                let cycle = serde_json::from_str::<EvaluationCycle>(&item.body).ok();
                self.cycles.extend(cycle.map(|cycle| (cycle.id, cycle)));
            }
            ItemKind::Appointment => self.appointments.extend(Appointment::read(&item.body)),
            ItemKind::Round => {
                let round = AnnouncedRound::read(item).ok();
                self.rounds.extend(round.map(|round| (round.signed.definition.id, Arc::new(round))));
            }
        }
    }
}
