//! An evaluation cycle: a period, the rules and the form that it pins, and until when.

use serde::{Deserialize, Serialize};

use crate::cadre::{Assignment, StaffClass};
use crate::form::checked::CheckedForm;
use crate::form::pin::FormPin;
use crate::identity::CycleId;
use crate::period::Period;
use crate::rule_set::RuleSet;
use crate::rule_set::fit::FormUnfit;
use crate::text::{TextRefused, check_line};
use crate::time::Day;

/// Characters of a cycle's title.
pub const TITLE_CHARS_MAX: u32 = 200;

/// One period in which cadres account for their work. Source: domain 4.2, `EvaluationCycle`.
///
/// It pins one version of one law and one form by its fingerprint, so cycles under different laws run side by side and
/// nothing that is published later changes what is already being filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct EvaluationCycle {
    /// Its name for ever.
    pub id: CycleId,
    /// What people call it, 1 to [`TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// The year, quarter, term or occasion that is looked back on.
    pub period: Period,
    /// [`crate::rule_set::RuleSet::code`] of the rules that it pins.
    pub rule_set_code: String,
    /// Their version.
    pub rule_set_version: u32,
    /// The form that it pins.
    pub form: FormPin,
    /// The first day on which forms are filled in.
    pub opens: Day,
    /// The last day on which a submission is in time.
    pub closes: Day,
    /// Whose work it is about.
    #[serde(default)]
    pub scope: CycleScope,
}

/// Whose work a cycle is about: everybody in a post, unless it says otherwise. Each law has its own people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct CycleScope {
    /// The legal classes of their posts; all of them when empty.
    #[serde(default)]
    pub staff_classes: Vec<StaffClass>,
    /// Whether only leading posts, or only others.
    #[serde(default)]
    pub leading: Option<bool>,
}

impl EvaluationCycle {
    /// Whether a submission that reached the server on this day came after the deadline.
    pub fn is_late(&self, received: Day) -> bool {
        received > self.closes
    }

    /// Whether the work of whoever holds this post is looked back on.
    pub fn covers(&self, post: &Assignment) -> bool {
        let CycleScope { staff_classes, leading } = &self.scope;
        (staff_classes.is_empty() || staff_classes.contains(&post.staff_class))
            && leading.is_none_or(|leading| leading == post.is_leader)
    }

    /// Whether these are the rules that it pins.
    pub fn is_under(&self, rules: &RuleSet) -> bool {
        rules.code == self.rule_set_code && rules.version == self.rule_set_version
    }

    /// Refuses a cycle whose words or days are not in order, whose rules or form are not the ones given, and whose form
    /// does not ask for what its rules count. `None` is a rule set or a form that nobody published.
    ///
    /// Gives back the rules, now known to be the right ones.
    pub fn check<'a>(
        &self,
        rules: Option<&'a RuleSet>,
        form: Option<&CheckedForm>,
    ) -> Result<&'a RuleSet, CycleRefused> {
        check_line(&self.title, TITLE_CHARS_MAX)?;
        if !self.period.is_sound() {
            return Err(CycleRefused::Period { period: self.period });
        }
        if self.closes < self.opens {
            return Err(CycleRefused::ClosesBeforeItOpens);
        }
        let rules = rules.filter(|rules| self.is_under(rules)).ok_or_else(|| CycleRefused::UnknownRuleSet {
            code: self.rule_set_code.clone(),
            version: self.rule_set_version,
        })?;
        let form = form.filter(|form| form.template().pin() == self.form);
        let form =
            form.ok_or_else(|| CycleRefused::UnknownForm { code: self.form.code.clone(), version: self.form.version })?;
        rules.check_form(form)?;
        Ok(rules)
    }
}

/// Why a cycle cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CycleRefused {
    /// The title is blank, too long or invisible.
    #[error("the title cannot be kept")]
    Title {
        /// What is wrong with it.
        #[from]
        source: TextRefused,
    },
    /// A year far away, or a term that ends before it begins.
    #[error("the period {period:?} is no period")]
    Period {
        /// The period.
        period: Period,
    },
    /// The last day is before the first.
    #[error("the cycle closes before it opens")]
    ClosesBeforeItOpens,
    /// The law that it names was not published in this version.
    #[error("the rule set {code} {version} is not known")]
    UnknownRuleSet {
        /// Its code.
        code: String,
        /// Its version.
        version: u32,
    },
    /// The form that it names was not published with these bytes.
    #[error("the form {code} {version} is not known")]
    UnknownForm {
        /// Its code.
        code: String,
        /// Its version.
        version: u32,
    },
    /// Form and rules do not go together.
    #[error("the form does not fit the rule set")]
    FormUnfit {
        /// Where they part.
        #[from]
        source: FormUnfit,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FormTemplate;
    use crate::form::built_in;
    use crate::form::kind::QuestionKind;
    use crate::period::Quarter;
    use crate::rule_set::Post;
    use crate::text::TextRefused;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn cycle(rules: &RuleSet, form: &FormTemplate) -> EvaluationCycle {
        EvaluationCycle {
            id: CycleId::from_bytes([1; 16]),
            title: "Đánh giá, xếp loại chất lượng".into(),
            period: Period::Quarter { year: 2026, quarter: Quarter::Third },
            rule_set_code: rules.code.clone(),
            rule_set_version: rules.version,
            form: form.pin(),
            opens: day("2026-09-20"),
            closes: day("2026-10-05"),
            scope: CycleScope::default(),
        }
    }

    fn check(rules: &RuleSet, form: &FormTemplate) -> Result<(), CycleRefused> {
        cycle(rules, form).check(Some(rules), Some(&form.clone().check().unwrap())).map(|_| ())
    }

    /// Edits the questions of one key.
    fn edited(mut form: FormTemplate, key: &str, edit: impl Fn(&mut crate::form::Question)) -> FormTemplate {
        let questions = form.sections.iter_mut().flat_map(|section| &mut section.questions);
        questions.filter(|question| question.key == key).for_each(edit);
        form
    }

    fn without(mut form: FormTemplate, key: &str) -> FormTemplate {
        form.sections.iter_mut().for_each(|section| section.questions.retain(|question| question.key != key));
        form
    }

    fn unfit(source: FormUnfit) -> Result<(), CycleRefused> {
        Err(CycleRefused::FormUnfit { source })
    }

    #[test]
    fn every_law_is_filled_in_on_its_own_forms() {
        let [decree_335, regulation_366, decree_90] =
            [RuleSet::decree_335(), RuleSet::regulation_366(), RuleSet::decree_90()];
        assert_eq!(check(&decree_335, &built_in::civil_servant_self_assessment()), Ok(()));
        assert_eq!(check(&regulation_366, &built_in::regulation_366_self_assessment()), Ok(()));
        let decree_90_forms = [
            built_in::elected_cadre_self_assessment_90(),
            built_in::civil_servant_self_assessment_90(),
            built_in::public_employee_self_assessment_90(),
        ];
        for form in decree_90_forms {
            assert_eq!(check(&decree_90, &form), Ok(()), "{}", form.code);
        }
        let foreign = check(&regulation_366, &built_in::civil_servant_self_assessment());
        assert!(matches!(foreign, Err(CycleRefused::FormUnfit { source: FormUnfit::Missing { .. } })), "{foreign:?}");
    }

    #[test]
    fn a_form_that_leaves_out_what_is_counted_is_refused() {
        let (rules, form) = (RuleSet::decree_335(), built_in::civil_servant_self_assessment);
        let key = || "g1_2".to_owned();
        assert_eq!(check(&rules, &without(form(), "tasks")), unfit(FormUnfit::Missing { key: "tasks".into() }));
        let optional = edited(form(), "g1_2", |question| question.required = crate::form::Requirement::Never);
        assert_eq!(check(&rules, &optional), unfit(FormUnfit::NotAsked { key: key(), post: Post::Leading }));
        let for_leaders = edited(form(), "g1_2", |question| question.for_leader_only = true);
        assert_eq!(check(&rules, &for_leaders), unfit(FormUnfit::NotAsked { key: key(), post: Post::Other }));
        let halved = QuestionKind::Score { max_hundredths: 250, step_hundredths: 50 };
        let halved = edited(form(), "g1_2", |question| question.kind = halved.clone());
        assert_eq!(check(&rules, &halved), unfit(FormUnfit::Kind { key: key() }));
        let bonus = edited(form(), "g1_2_evidence", |question| {
            question.kind = QuestionKind::Score { max_hundredths: 100, step_hundredths: 50 };
            question.required = crate::form::Requirement::Always;
        });
        assert_eq!(check(&rules, &bonus), unfit(FormUnfit::Uncounted { key: "g1_2_evidence".into() }));
    }

    #[test]
    fn choices_are_counted_only_as_far_as_the_law_names_them() {
        let (rules, form) = (RuleSet::decree_335(), built_in::civil_servant_self_assessment);
        let spoiled = |key: &str| {
            edited(form(), key, |question| {
                let QuestionKind::Choice { options } = &mut question.kind else { panic!("a choice") };
                options[0].key = "75".into();
            })
        };
        for key in ["dd", "self_rating"] {
            assert_eq!(check(&rules, &spoiled(key)), unfit(FormUnfit::Kind { key: key.into() }));
        }
        let (rules, form) = (RuleSet::regulation_366(), built_in::regulation_366_self_assessment());
        let doubled = edited(form, "p1", |question| {
            let QuestionKind::Choice { options } = &mut question.kind else { panic!("a choice") };
            options[0].key = "400".into();
        });
        assert_eq!(check(&rules, &doubled), unfit(FormUnfit::Kind { key: "p1".into() }));
    }

    #[test]
    fn a_law_or_form_that_nobody_published_is_refused() {
        let (rules, form) = (RuleSet::decree_335(), built_in::civil_servant_self_assessment());
        let (cycle, checked) = (cycle(&rules, &form), form.clone().check().unwrap());
        let unknown = || CycleRefused::UnknownRuleSet { code: "nd_335_2025".into(), version: 1 };
        assert_eq!(cycle.check(None, Some(&checked)), Err(unknown()));
        assert_eq!(cycle.check(Some(&RuleSet::decree_90()), Some(&checked)), Err(unknown()));
        let next = RuleSet { version: 2, ..rules.clone() };
        assert_eq!(cycle.check(Some(&next), Some(&checked)), Err(unknown()));
        let unknown = || CycleRefused::UnknownForm { code: "SA-335".into(), version: 1 };
        assert_eq!(cycle.check(Some(&rules), None), Err(unknown()));
        let reworded = edited(form, "strengths", |question| question.label_vi.push('.')).check().unwrap();
        assert_eq!(cycle.check(Some(&rules), Some(&reworded)), Err(unknown()), "the same version, other words");
    }

    #[test]
    fn words_and_days_are_in_order() {
        let (rules, form) = (RuleSet::decree_335(), built_in::civil_servant_self_assessment());
        let checked = form.clone().check().unwrap();
        let refused = |spoil: fn(&mut EvaluationCycle)| {
            let mut cycle = cycle(&rules, &form);
            spoil(&mut cycle);
            cycle.check(Some(&rules), Some(&checked)).unwrap_err()
        };
        let title = CycleRefused::Title { source: TextRefused::Blank };
        assert_eq!(refused(|cycle| cycle.title = " ".into()), title);
        let period = Period::Year { year: 1926 };
        assert_eq!(refused(|cycle| cycle.period = Period::Year { year: 1926 }), CycleRefused::Period { period });
        assert_eq!(refused(|cycle| cycle.closes = day("2026-09-19")), CycleRefused::ClosesBeforeItOpens);
    }

    /// Domain 3.1: each law has its own people.
    #[test]
    fn a_cycle_is_about_the_posts_that_it_names_and_about_all_when_it_names_none() {
        let (rules, form) = (RuleSet::decree_335(), built_in::civil_servant_self_assessment());
        let post = |staff_class, is_leader| Assignment {
            person: crate::identity::PersonId::from_bytes([1; 16]),
            unit: crate::identity::UnitId::from_bytes([2; 16]),
            title: "Chuyên viên".into(),
            staff_class,
            is_leader,
            duty_group: "Chuyên môn".into(),
        };
        let covers = |scope: CycleScope, staff_class, is_leader| {
            EvaluationCycle { scope, ..cycle(&rules, &form) }.covers(&post(staff_class, is_leader))
        };
        let leaders = || CycleScope { leading: Some(true), ..CycleScope::default() };
        let servants = || CycleScope { staff_classes: vec![StaffClass::CivilServant], leading: None };
        for (scope, staff_class, is_leader, expected) in [
            (CycleScope::default(), StaffClass::PublicEmployee, false, true),
            (leaders(), StaffClass::CivilServant, true, true),
            (leaders(), StaffClass::CivilServant, false, false),
            (servants(), StaffClass::CivilServant, false, true),
            (servants(), StaffClass::PublicEmployee, true, false),
        ] {
            assert_eq!(
                covers(scope.clone(), staff_class, is_leader),
                expected,
                "{scope:?} {staff_class:?} {is_leader}"
            );
        }
        let told = serde_json::to_value(cycle(&rules, &form)).unwrap();
        let without: serde_json::Map<_, _> =
            told.as_object().unwrap().clone().into_iter().filter(|(key, _)| key != "scope").collect();
        let read: EvaluationCycle = serde_json::from_value(without.into()).unwrap();
        assert_eq!(read, cycle(&rules, &form), "one that an older version wrote is about everybody");
    }
}
