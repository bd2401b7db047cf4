//! The templates that ship with the product. The office may publish its own versions of them.

pub mod case_papers;
pub mod residence_opinion;

use super::FormTemplate;

/// The self-assessment of a civil servant on the scale of 100 points.
///
/// Source: Nghị định 335/2025/NĐ-CP as far as it was found (domain specification 3.2 and 5.2). The wording of the ten
/// criteria and their maxima come from third-party forms, not from the annex itself; points in halves are one agency's
/// rule, the same as in the shipped rule set. The office can edit all of it and publish version 2.
pub fn civil_servant_self_assessment() -> FormTemplate {
    read(include_bytes!("../../data/form-sa335.json"))
}

/// The self-assessment of an individual under Quy định 366-QĐ/TW, for leaders and for everybody else.
///
/// Each post meets its own 30 points of criteria, met or not met. Quarter, year or term, name and unit are those of the
/// cycle and of the directory, so the head asks only for posts. Source: domain specification 3.3 and 5.3; the numbers of
/// criteria are known from third-party forms, their wording is ours, and the office can edit all of it.
pub fn regulation_366_self_assessment() -> FormTemplate {
    read(include_bytes!("../../data/form-sa366.json"))
}

/// Mẫu 01 of Nghị định 90/2020: parts I and II, which an elected cadre fills in.
///
/// Parts III and IV are the head's comment and the decision, papers of their own. The head of the form is the cycle's
/// period and the directory's names. Source of all three forms: domain specification 3.4 and 5.1; the remedy, the table of
/// tasks and the counts of led units are ours.
pub fn elected_cadre_self_assessment_90() -> FormTemplate {
    read(include_bytes!("../../data/form-sa90-01.json"))
}

/// Mẫu 02 of Nghị định 90/2020: parts I and II, which a civil servant fills in, with the part of leaders.
pub fn civil_servant_self_assessment_90() -> FormTemplate {
    read(include_bytes!("../../data/form-sa90-02.json"))
}

/// Mẫu 03 of Nghị định 90/2020: parts I and II, which a public employee fills in, with the part of managers.
pub fn public_employee_self_assessment_90() -> FormTemplate {
    read(include_bytes!("../../data/form-sa90-03.json"))
}

/// Every shipped form: self-assessments, the newest law first, then the other papers of a case in the order of its steps.
pub fn all() -> Vec<FormTemplate> {
    let mut forms = vec![
        civil_servant_self_assessment(),
        regulation_366_self_assessment(),
        elected_cadre_self_assessment_90(),
        civil_servant_self_assessment_90(),
        public_employee_self_assessment_90(),
        residence_opinion::residence_opinion(),
    ];
    forms.extend(case_papers::all());
    forms
}

fn read(json: &[u8]) -> FormTemplate {
    FormTemplate::from_json(json).expect("a test reads every shipped template")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::kind::{ChoiceOption, QuestionKind};
    use super::super::{Question, Requirement};
    use super::*;
    use crate::completion::Filling;
    use crate::rule_set::{Post, RuleSet};

    fn keys(options: &[ChoiceOption]) -> Vec<&str> {
        options.iter().map(|option| option.key.as_str()).collect()
    }

    fn shipped(key: &str) -> Question {
        civil_servant_self_assessment().question(key).unwrap().clone()
    }

    #[test]
    fn every_shipped_template_is_publishable_and_found_by_its_code() {
        let forms: Vec<_> = all().into_iter().map(|form| form.check().unwrap()).collect();
        assert!(forms.iter().all(|form| form.blocked_questions().is_empty()));
        let codes: Vec<_> = forms.iter().map(|form| form.template().code.as_str()).collect();
        let self_assessments = ["SA-335", "SA-366", "SA-90-01", "SA-90-02", "SA-90-03"];
        let opinions =
            ["RES-OPINION", "SERVICE-RECORD", "OLD-UNIT-COMMENT", "MINUTES", "PARTY-COMMENT", "HEAD-COMMENT"];
        let results = ["DECISION", "NOTICE", "APPEAL", "APPEAL-OUTCOME", "PUBLICATION"];
        assert_eq!(codes, [&self_assessments[..], &opinions, &results].concat());
    }

    /// What each kind of post is asked, in the order of the form.
    fn asked(template: FormTemplate, is_leader: bool) -> Vec<String> {
        let (answers, tables, conflicted) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let today = crate::time::Day::MIN;
        let filling = Filling { answers: &answers, tables: &tables, conflicted: &conflicted, is_leader, today };
        let questions = template.check().unwrap().completion(&filling).questions.into_iter();
        questions.filter(|question| question.is_shown && question.is_page).map(|question| question.key).collect()
    }

    #[test]
    fn leaders_and_others_meet_their_own_criteria_of_regulation_366() {
        for (is_leader, post) in [(true, Post::Leading), (false, Post::Other)] {
            let asked = asked(regulation_366_self_assessment(), is_leader);
            let rules = RuleSet::regulation_366();
            let criteria: Vec<_> = rules.criteria_for(post).collect();
            assert_eq!(criteria.len(), if is_leader { 17 } else { 16 });
            for criterion in &criteria {
                assert!(asked.contains(&criterion.key) && asked.contains(&format!("{}_note", criterion.key)));
                let question = regulation_366_self_assessment().question(&criterion.key).unwrap().clone();
                assert_eq!([question.label_vi, question.label_en], [&*criterion.label_vi, &*criterion.label_en]);
            }
            assert_eq!(
                asked.len(),
                4 + 2 * criteria.len() + 4,
                "posts, criteria with notes, tasks, level, remedy, name"
            );
            assert_eq!(asked[..4], ["birth_date", "party_post", "government_post", "mass_organisation_post"]);
        }
    }

    #[test]
    fn the_three_forms_of_decree_90_have_their_sections() {
        let common = ["political", "ethics", "working_style", "discipline", "duty_results", "tasks"];
        let led = ["unit_results", "leadership", "uniting"];
        let units = ["units_led", "units_completed", "units_good"];
        let own = ["strengths", "weaknesses", "remedy", "self_rating", "acknowledgement"];
        let check = |form: fn() -> FormTemplate, of_leaders: &[&[&str]], contact: &[&str]| {
            assert_eq!(asked(form(), false), [&common, contact, &own].concat());
            assert_eq!(asked(form(), true), [&common, contact, &of_leaders.concat(), &own].concat());
            assert!(form().question("head_strengths").is_none() && form().question("auth_rating").is_none());
        };
        check(elected_cadre_self_assessment_90, &[&units], &[]);
        check(civil_servant_self_assessment_90, &[&led, &units], &["public_contact"]);
        check(public_employee_self_assessment_90, &[&led, &units], &["public_contact"]);
        assert_eq!(
            civil_servant_self_assessment_90().question("service_attitude").unwrap().required,
            Requirement::Always
        );
    }

    #[test]
    fn the_criteria_make_thirty_points() {
        let template = civil_servant_self_assessment();
        let scores = template.questions().filter_map(|(_, question)| match question.kind {
            QuestionKind::Score { max_hundredths, step_hundredths } => {
                Some((question, max_hundredths, step_hundredths))
            }
            _ => None,
        });
        let scores: Vec<_> = scores.collect();
        assert_eq!(scores.iter().map(|(_, max, _)| max).sum::<u32>(), 3_000);
        assert_eq!(scores.len(), 10);
        for (question, _, step) in scores {
            assert_eq!((step, &question.required), (50, &Requirement::Always), "{}", question.key);
            let evidence = template.question(&format!("{}_evidence", question.key)).unwrap();
            assert!(matches!(evidence.kind, QuestionKind::LongText { length_max: 4_000 }));
        }
    }

    /// Or a form would take points that give no score.
    #[test]
    fn the_form_takes_exactly_the_points_that_the_rule_set_counts() {
        for criterion in RuleSet::decree_335().general.unwrap().criteria {
            let (max, step) = (criterion.points_max_hundredths.value, criterion.step_hundredths.value);
            let counted = QuestionKind::Score { max_hundredths: max, step_hundredths: step };
            assert_eq!(shipped(&criterion.key).kind, counted, "{}", criterion.key);
        }
    }

    #[test]
    fn leaders_are_asked_for_three_shares_of_a_hundred_or_fifty() {
        for key in ["d", "dd", "e"] {
            let question = shipped(key);
            let QuestionKind::Choice { options } = &question.kind else { panic!("{key} is a choice") };
            assert_eq!(keys(options), ["100", "50"]);
            assert!(question.for_leader_only && question.required == Requirement::Always);
        }
    }

    #[test]
    fn the_self_rating_has_four_levels_and_is_mandatory() {
        let question = shipped("self_rating");
        let QuestionKind::Choice { options } = &question.kind else { panic!("the rating is a choice") };
        assert_eq!(keys(options), ["hoan_thanh_xuat_sac", "hoan_thanh_tot", "hoan_thanh", "khong_hoan_thanh"]);
        assert_eq!(question.required, Requirement::Always);
        for key in ["tasks", "acknowledgement"] {
            assert_eq!(shipped(key).required, Requirement::Always, "{key}");
        }
    }

    #[test]
    fn every_text_is_there_in_both_languages_and_in_normal_form() {
        use unicode_normalization::is_nfc;
        for template in all() {
            assert!(
                is_nfc(&template.to_json()) && !template.title_en.is_empty() && !template.legal_reference.is_empty()
            );
            for (section, question) in template.questions() {
                assert!(!section.title_en.is_empty() && !question.label_en.is_empty(), "{}", question.key);
                assert_eq!(question.hint_vi.is_empty(), question.hint_en.is_empty(), "{}", question.key);
                assert!(question.valid_if.iter().all(|rule| !rule.message_en.is_empty()), "{}", question.key);
                assert!(options_of(question).iter().all(|option| !option.label_en.is_empty()), "{}", question.key);
            }
        }
    }

    fn options_of(question: &Question) -> &[ChoiceOption] {
        match &question.kind {
            QuestionKind::Choice { options } | QuestionKind::MultiChoice { options, .. } => options,
            _ => &[],
        }
    }
}
