//! What a usable rule set is, and what the shipped ones say.

use super::check::RuleSetRefused;
use super::condition::{Condition, Measure};
use super::general::AppliesTo;
use super::*;
use crate::text::TextRefused;

fn check(spoil: impl FnOnce(&mut RuleSet), expected: RuleSetRefused) {
    let mut rules = RuleSet::decree_335();
    spoil(&mut rules);
    assert_eq!(rules.check(), Err(expected));
}

fn criteria(rules: &mut RuleSet) -> &mut Vec<Criterion> {
    &mut rules.general.as_mut().unwrap().criteria
}

fn levels(rules: &mut RuleSet) -> &mut Levels {
    rules.levels.as_mut().unwrap()
}

fn task(rules: &mut RuleSet) -> &mut TaskRule {
    rules.task.as_mut().unwrap()
}

#[test]
fn the_shipped_decree_has_the_numbers_of_the_law() {
    let rules = RuleSet::decree_335();
    let general = rules.general.as_ref().unwrap();
    assert_eq!((general.criteria.len(), general.groups.len()), (10, 3));
    assert_eq!(rules.quota.excellent_of_good_max.value, Ratio::of(1, 5).unwrap());
    assert_eq!(rules.levels.unwrap().excellent_from_hundredths.value, 9_000);
    assert_eq!(rules.quota.outstanding_excellent_of_good_max.provenance, Provenance::Default);
    assert_eq!(rules.rating_denominator, RatingDenominator::RatedPeople);
}

#[test]
fn a_fingerprint_sees_content_and_not_layout() {
    let rules = RuleSet::decree_335();
    let compact = serde_json::to_string(&rules).unwrap();
    assert_eq!(RuleSet::parse(&compact).unwrap().fingerprint(), rules.fingerprint());
    let mut edited = rules.clone();
    edited.levels.as_mut().unwrap().good_from_hundredths.provenance = Provenance::Default;
    assert_ne!(edited.fingerprint(), rules.fingerprint());
}

#[test]
fn the_fingerprint_of_the_shipped_decree_never_changes_unseen() {
    let fingerprint = data_encoding::HEXLOWER.encode(&RuleSet::decree_335().fingerprint());
    assert_eq!(fingerprint, "5231a84c64946a31ce737800f714395aae7217977f1d33447803c1e5f8de8382");
}

#[test]
fn an_unreadable_file_is_refused() {
    let refused = |json: &str| RuleSet::parse(json).unwrap_err();
    assert_eq!(refused("{"), RuleSetRefused::Unreadable { line: 1, column: 1 });
    assert_eq!(refused(&" ".repeat(65_537)), RuleSetRefused::TooLarge { limit_bytes: 65_536 });
    let json = serde_json::to_string(&RuleSet::decree_335()).unwrap();
    assert!(matches!(refused(&json.replacen('{', r#"{"bonus":1,"#, 1)), RuleSetRefused::Unreadable { .. }));
}

#[test]
fn sums_are_checked_for_leaders_and_for_others() {
    let sum = |post, given| RuleSetRefused::GeneralSum { post, given };
    check(|rules| criteria(rules)[0].applies_to = AppliesTo::Other, sum(Post::Leading, 2_500));
    check(|rules| criteria(rules)[0].applies_to = AppliesTo::Leading, sum(Post::Other, 2_500));
    check(|rules| criteria(rules)[0].points_max_hundredths.value = 550, sum(Post::Leading, 3_050));
    check(
        |rules| task(rules).points_max_hundredths.value = 7_100,
        RuleSetRefused::Parts { general: 3_000, task: 7_100 },
    );
}

#[test]
fn disorder_is_refused() {
    let begin = |excellent, good, completed| RuleSetRefused::LevelsNotDescending { excellent, good, completed };
    check(|rules| levels(rules).good_from_hundredths.value = 9_000, begin(9_000, 9_000, 5_000));
    check(|rules| levels(rules).completed_from_hundredths.value = 0, begin(9_000, 7_000, 0));
    check(|rules| levels(rules).excellent_from_hundredths.value = 10_001, begin(10_001, 7_000, 5_000));
    check(|rules| rules.quota.excellent_of_good_max.value = Ratio::of(1, 3).unwrap(), RuleSetRefused::Quota);
    check(|rules| task(rules).non_leader_shares.push(TaskShare::Uniting), RuleSetRefused::Shares);
    check(|rules| task(rules).leader_shares.push(TaskShare::Uniting), RuleSetRefused::Shares);
    check(|rules| task(rules).judged_percents.clear(), RuleSetRefused::Shares);
    check(|rules| task(rules).delay_percent.value = 101, RuleSetRefused::Percent { given: 101 });
    check(|rules| rules.months.rated_from_worked_months.value = 13, RuleSetRefused::Months { given: 13 });
    check(|rules| rules.valid_to = Some(Day::MIN), RuleSetRefused::EndsBeforeItBegins);
}

#[test]
fn criteria_are_few_named_once_and_counted_in_steps() {
    let key = || "g1_1".to_owned();
    check(|rules| criteria(rules)[1].key = key(), RuleSetRefused::KeyTwice { key: key() });
    check(|rules| criteria(rules)[0].group = "g9".into(), RuleSetRefused::UnknownGroup { key: key() });
    check(|rules| criteria(rules)[0].step_hundredths.value = 0, RuleSetRefused::Step { key: key() });
    check(|rules| criteria(rules)[0].step_hundredths.value = 300, RuleSetRefused::Step { key: key() });
    check(|rules| criteria(rules)[0].label_vi.clear(), RuleSetRefused::Text { source: TextRefused::Blank });
    check(
        |rules| *criteria(rules) = vec![criteria(rules)[0].clone(); 65],
        RuleSetRefused::TooManyCriteria { given: 65, limit: 64 },
    );
}

#[test]
fn every_shipped_rule_set_is_usable_and_named_once() {
    let shipped = RuleSet::shipped();
    assert!(shipped.iter().all(|rules| rules.check().is_ok()));
    let codes: Vec<_> = shipped.iter().map(|rules| (rules.code.as_str(), rules.version)).collect();
    assert_eq!(codes, [("nd_335_2025", 1), ("qd_366_2025", 1), ("nd_90_2020", 1)]);
    for rules in &shipped {
        let json = serde_json::to_string(rules).unwrap();
        assert!(unicode_normalization::is_nfc(&json), "{}", rules.code);
        assert_eq!(&RuleSet::parse(&json).unwrap(), rules);
    }
}

#[test]
fn regulation_366_has_its_own_thirty_points_for_leaders_and_for_others() {
    let rules = RuleSet::regulation_366();
    let sums = |post| {
        ["g1", "g2", "g3"].map(|group| {
            let in_group = rules.criteria_for(post).filter(|criterion| criterion.group == group);
            in_group.map(|criterion| criterion.points_max_hundredths.value).sum::<u32>()
        })
    };
    assert_eq!(sums(Post::Leading), [1_800, 400, 800]);
    assert_eq!(sums(Post::Other), [2_000, 800, 200]);
    assert!(rules.criteria_for(Post::Other).any(|criterion| criterion.key == "n1_10"));
}

#[test]
fn what_was_not_read_in_a_text_is_a_default() {
    let provenances = |rules: &RuleSet, rating, post| -> Vec<(Measure, Provenance)> {
        let conditions = rules.conditions.as_ref().unwrap().of(rating, post);
        conditions.map(|condition| (condition.measure, condition.share.provenance)).collect()
    };
    let (regulation_366, decree_90) = (RuleSet::regulation_366(), RuleSet::decree_90());
    let found = |measures: &[Measure]| measures.iter().map(|measure| (*measure, Provenance::Found)).collect::<Vec<_>>();
    let completed = provenances(&regulation_366, Rating::Completed, Post::Other);
    assert_eq!(completed, found(&[Measure::Done, Measure::Late]));
    let general = regulation_366.general.unwrap();
    assert_eq!(general.labels_provenance, Provenance::Default);
    assert!(general.criteria.iter().all(|one| one.points_max_hundredths.provenance == Provenance::Default));
    assert_eq!(regulation_366.levels.unwrap().good_from_hundredths.provenance, Provenance::Found);
    let completed = provenances(&decree_90, Rating::Completed, Post::Leading);
    assert_eq!(completed, [(Measure::Done, Provenance::Default), (Measure::Late, Provenance::Default)]);
    let good = provenances(&decree_90, Rating::Good, Post::Leading);
    assert_eq!(good, found(&[Measure::Done, Measure::AsRequired, Measure::UnitsCompleted, Measure::UnitsGood]));
    assert_eq!(decree_90.quota.excellent_of_good_max.provenance, Provenance::Default);
}

#[test]
fn points_are_counted_whole_or_not_at_all() {
    check(|rules| rules.levels = None, RuleSetRefused::HalfCounted);
    check(|rules| rules.general = None, RuleSetRefused::HalfCounted);
    check(|rules| (rules.general, rules.task, rules.levels) = (None, None, None), RuleSetRefused::RatesByNothing);
    let mut rules = RuleSet::decree_90();
    rules.conditions.as_mut().unwrap().good.retain(|condition| condition.applies_to != AppliesTo::Everyone);
    assert_eq!(rules.check(), Ok(()), "a leader and others are still asked for something");
    rules.conditions.as_mut().unwrap().good.retain(|condition| condition.applies_to != AppliesTo::Other);
    assert_eq!(rules.check(), Err(RuleSetRefused::RatesByNothing));
}

#[test]
fn conditions_are_named_once_and_rise_with_the_level() {
    let check = |spoil: fn(&mut ConditionRule), rating, measure| {
        let mut rules = RuleSet::decree_90();
        spoil(rules.conditions.as_mut().unwrap());
        assert_eq!(rules.check(), Err(RuleSetRefused::Condition { rating, measure }));
    };
    check(|rule| rule.excellent.push(rule.excellent[2]), Rating::Excellent, Measure::Exceeded);
    check(|rule| rule.good[0].share.value = Ratio::percent_of_one(101), Rating::Good, Measure::Done);
    check(|rule| rule.good[3].applies_to = AppliesTo::Everyone, Rating::Good, Measure::UnitsCompleted);
    check(|rule| rule.excellent[0].share.value = Ratio::percent_of_one(49), Rating::Excellent, Measure::Done);
    let late = |percent, applies_to| Condition {
        measure: Measure::Late,
        share: LegalShare { value: Ratio::percent_of_one(percent), provenance: Provenance::Default },
        applies_to,
    };
    let mut rules = RuleSet::decree_90();
    rules.conditions.as_mut().unwrap().good.push(late(20, AppliesTo::Everyone));
    assert_eq!(rules.check(), Ok(()));
    rules.conditions.as_mut().unwrap().good.last_mut().unwrap().share.value = Ratio::percent_of_one(21);
    let refused = RuleSetRefused::Condition { rating: Rating::Good, measure: Measure::Late };
    assert_eq!(rules.check(), Err(refused), "good may not be later than completed");
}

#[test]
fn an_unknown_key_in_a_condition_is_refused() {
    let json = serde_json::to_string(&RuleSet::decree_90()).unwrap();
    for (known, unknown) in [
        (r#""measure":"late""#, r#""measure":"lateness""#),
        (r#""measure":"late""#, r#""unless":1,"measure":"late""#),
        (r#""conditions":{"#, r#""conditions":{"failed":[],"#),
    ] {
        assert!(json.contains(known), "{known}");
        let refused = RuleSet::parse(&json.replacen(known, unknown, 1));
        assert!(matches!(refused, Err(RuleSetRefused::Unreadable { .. })), "{unknown}");
    }
}
