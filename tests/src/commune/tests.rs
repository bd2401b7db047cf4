use std::collections::BTreeSet;

use model::document::{Edit, Field, Fields};
use model::form::checked::CheckedForm;
use model::hash::EntryHash;
use model::rating::{Violation, level};
use model::self_assessment::{SelfAssessment, check_complete};
use model::unit::scheme::HierarchyScheme;
use model::unit::tree::UnitTree;

use super::*;

const SEEDS: u64 = 300;

fn fields(edits: Vec<Edit>) -> Fields {
    let settled = |edit: Edit| edit.value.map(|value| (edit.field, Field::Settled(value)));
    edits.into_iter().filter_map(settled).collect()
}

fn form() -> CheckedForm {
    civil_servant_self_assessment().check().unwrap()
}

fn person(seed: u64) -> PersonId {
    PersonId::from_bytes(derive_bytes("test", &[&seed.to_be_bytes()]))
}

#[test]
fn every_filled_form_passes_the_gate_of_a_submission() {
    let (form, fingerprint) = (form(), EntryHash::from_bytes(*cycle().form.fingerprint.as_bytes()));
    for seed in 0..SEEDS {
        for quality in Rating::ALL {
            for is_leader in [false, true] {
                let fields = fields(filled(seed, person(seed), is_leader, quality));
                let complete = check_complete(&fields, &form, &fingerprint, (person(seed), cycle().opens));
                assert_eq!(complete, Ok(()), "seed {seed}, {quality:?}, leader {is_leader}");
            }
        }
    }
}

#[test]
fn the_points_of_a_filled_form_come_to_the_wanted_level() {
    let (form, rules) = (form(), RuleSet::decree_335());
    for seed in 0..SEEDS {
        for quality in Rating::ALL {
            for is_leader in [false, true] {
                let fields = fields(filled(seed, person(seed), is_leader, quality));
                let read = SelfAssessment::read(&fields, &form).unwrap();
                let results = read.results(&rules).unwrap();
                assert_eq!(level(&rules, &results, Violation::Absent), quality, "{seed}: {results:?}");
                assert!((4..=8).contains(&read.lines.len()));
            }
        }
    }
}

#[test]
fn one_seed_makes_one_commune() {
    assert_eq!(Commune::generate(7).items(), Commune::generate(7).items());
    assert_ne!(Commune::generate(7).items(), Commune::generate(8).items());
    let who = person(1);
    assert_eq!(filled(7, who, true, Rating::Good), filled(7, who, true, Rating::Good));
}

#[test]
fn twenty_four_different_people_work_in_three_units_of_one_commune() {
    for seed in 0..SEEDS {
        let commune = Commune::generate(seed);
        let names: BTreeSet<&str> = commune.members.iter().map(|member| &*member.held.cadre.full_name).collect();
        let people: BTreeSet<PersonId> = commune.members.iter().map(|member| member.held.cadre.id).collect();
        assert_eq!((names.len(), people.len(), commune.units.len()), (24, 24, 4));
        for member in &commune.members {
            assert_eq!(CadreInPost::read(&member.held.to_json()).as_ref(), Some(&member.held));
        }
        UnitTree::build(&HierarchyScheme::shipped(), commune.units).unwrap();
    }
}

#[test]
fn everything_published_is_in_normal_form() {
    for item in Commune::generate(1).items() {
        assert_eq!(model::text::normalised(&item.body), item.body, "{}", item.code);
    }
}
