//! What the directory says that decides about entries: published forms, and who holds which role over whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::appointment::{Appointment, Chart};
use model::cadre::{CadreInPost, ResidenceMode};
use model::cycle::EvaluationCycle;
use model::directory::ItemKind;
use model::gate::Forms;
use model::identity::{CycleId, PersonId};
use model::period::Period;
use model::rule_set::{MonthRule, RuleSet};
use model::self_assessment::read_form;
use model::unit::OrganisationUnit;
use rusqlite::Connection;

use crate::failure::ServerFailed;
use crate::log::directory_bodies;

/// Read anew whenever the directory moves. Items that this version cannot read are left out.
#[derive(Default)]
pub struct Rules {
    /// By fingerprint.
    pub forms: Forms,
    /// Empty as long as nobody is appointed to anything.
    pub chart: Chart,
    /// What each cycle is about, and how the rules that it pins count months, where they are known.
    pub cycles: BTreeMap<CycleId, (Period, Option<MonthRule>)>,
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
            (cycle.id, (cycle.period, rules.map(|rules| rules.months)))
        });
        Ok(Self { forms, chart: Chart::of(appointments, &cadres, &units), cycles: known.collect(), residence })
    }
}
