//! What the directory says that decides about entries: published forms, and who holds which role over whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::appointment::{Appointment, Chart};
use model::cadre::{CadreInPost, ResidenceMode};
use model::cycle::EvaluationCycle;
use model::directory::ItemKind;
use model::gate::Forms;
use model::hash::EntryHash;
use model::identity::{CycleId, PersonId};
use model::period::Period;
use model::rule_set::{MonthRule, RuleSet};
use model::self_assessment::read_form;
use model::unit::OrganisationUnit;
use rusqlite::Connection;

use crate::failure::ServerFailed;
use crate::log::directory_bodies;

/// What decides about the papers of a cycle.
#[derive(Clone, Copy)]
pub struct CycleRules {
    /// What is looked back on.
    pub period: Period,
    /// The form of the self-assessments.
    pub form: EntryHash,
    /// How the pinned rules count months; none where they are unknown here.
    pub months: Option<MonthRule>,
}

/// Read anew whenever the directory moves. Items that this version cannot read are left out.
#[derive(Default)]
pub struct Rules {
    /// By fingerprint.
    pub forms: Forms,
    /// Empty as long as nobody is appointed to anything.
    pub chart: Chart,
    /// Every cycle that was published.
    pub cycles: BTreeMap<CycleId, CycleRules>,
    /// About whom the place of residence is not asked every year.
    pub residence: BTreeMap<PersonId, ResidenceMode>,
}

impl Rules {
    /// Reads all of it.
    pub fn read(connection: &Connection) -> Result<Self, ServerFailed> {
        let bodies = |kind: ItemKind| directory_bodies(connection, kind.word());
        let forms = bodies(ItemKind::Form)?;
        let forms = forms.iter().filter_map(|body| read_form(body));
        let forms = forms.map(|(fingerprint, form)| (fingerprint, Arc::new(form))).collect();
        let appointments = bodies(ItemKind::Appointment)?;
        let appointments: Vec<Appointment> = appointments.iter().filter_map(|body| Appointment::read(body)).collect();
        if appointments.is_empty() {
            return Ok(Self { forms, ..Self::default() });
        }
        let cadres = bodies(ItemKind::Cadre)?;
        let cadres: Vec<CadreInPost> = cadres.iter().filter_map(|body| CadreInPost::read(body)).collect();
        let residence = cadres.iter().map(|held| (held.cadre.id, held.cadre.residence));
        let residence = residence.filter(|(_, mode)| *mode != ResidenceMode::Annual).collect();
        let units = bodies(ItemKind::Unit)?;
        let units: Vec<OrganisationUnit> = units.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
        let rule_sets = bodies(ItemKind::RuleSet)?;
        let rule_sets: Vec<RuleSet> = rule_sets.iter().filter_map(|body| RuleSet::parse(body).ok()).collect();
        let cycles = bodies(ItemKind::Cycle)?;
        let cycles = cycles.iter().filter_map(|body| serde_json::from_str::<EvaluationCycle>(body).ok());
        let known = cycles.map(|cycle| {
            let rules = rule_sets.iter().find(|rules| cycle.is_under(rules));
            let form = EntryHash::from_bytes(*cycle.form.fingerprint.as_bytes());
            (cycle.id, CycleRules { period: cycle.period, form, months: rules.map(|rules| rules.months) })
        });
        Ok(Self { forms, chart: Chart::of(appointments, &cadres, &units), cycles: known.collect(), residence })
    }
}
