//! What the office published, read back: units, cadres, rule sets, forms, cycles.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::cadre::CadreInPost;
use model::cycle::{CycleRefused, EvaluationCycle};
use model::directory::ItemKind;
use model::gate::Forms;
use model::hash::EntryHash;
use model::identity::{CycleId, UnitId};
use model::rule_set::RuleSet;
use model::self_assessment::read_form;
use model::unit::OrganisationUnit;
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::failure::ServerFailed;
use crate::log::directory_bodies;

/// The directory as one report sees it. An item of a newer office, or a damaged one, is left out and counted.
#[derive(Default)]
pub struct Directory {
    /// Units by id.
    pub units: BTreeMap<UnitId, OrganisationUnit>,
    /// Everybody in a post.
    pub cadres: Vec<CadreInPost>,
    /// Every version of every rule set.
    pub rule_sets: Vec<RuleSet>,
    /// Forms by fingerprint.
    pub forms: Forms,
    /// Cycles, the one that closes last first.
    pub cycles: Vec<EvaluationCycle>,
    /// Items that this version cannot read.
    pub unread: u32,
}

impl Directory {
    /// Reads all of it.
    pub fn read(connection: &Connection) -> Result<Self, ServerFailed> {
        let mut read = Self::default();
        for kind in ItemKind::ALL {
            for body in directory_bodies(connection, kind.word())? {
                if read.take_in(kind, &body).is_none() {
                    read.unread += 1;
                }
            }
        }
        read.cycles.sort_by_key(|cycle| (std::cmp::Reverse(cycle.closes), cycle.id));
        Ok(read)
    }

    /// The cycle of this id.
    pub fn cycle(&self, id: CycleId) -> Option<&EvaluationCycle> {
        self.cycles.iter().find(|cycle| cycle.id == id)
    }

    /// The rules that a cycle pins, if its form goes with them.
    pub fn rules_of(&self, cycle: &EvaluationCycle) -> Result<&RuleSet, CycleRefused> {
        let rules = self.rule_sets.iter().find(|rules| cycle.is_under(rules));
        let form = self.forms.get(&EntryHash::from_bytes(*cycle.form.fingerprint.as_bytes()));
        cycle.check(rules, form.map(Arc::as_ref))
    }

    /// What the whole is called: the one unit without a unit above it.
    pub fn place(&self) -> Option<&str> {
        let mut tops =
            self.units.values().filter(|unit| unit.parent.is_none_or(|above| !self.units.contains_key(&above)));
        let top = tops.next()?;
        tops.next().is_none().then_some(&*top.name_vi)
    }

    fn take_in(&mut self, kind: ItemKind, body: &str) -> Option<()> {
        match kind {
            ItemKind::Unit => {
                let unit: OrganisationUnit = parse(body)?;
                self.units.insert(unit.id, unit);
            }
            ItemKind::Cadre => self.cadres.push(CadreInPost::read(body)?),
            ItemKind::RuleSet => self.rule_sets.push(RuleSet::parse(body).ok()?),
            ItemKind::Form => {
                let (fingerprint, form) = read_form(body)?;
                self.forms.insert(fingerprint, Arc::new(form));
            }
            ItemKind::Cycle => self.cycles.push(parse(body)?),
            // Rounds and roles are no part of a report about cadres.
            ItemKind::Round | ItemKind::Appointment => {}
        }
        Some(())
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body).ok()
}
