//! The templates that ship with the product. The office may publish its own versions of them.

use super::FormTemplate;

/// The self-assessment of a civil servant on the scale of 100 points.
///
/// Source: Nghị định 335/2025/NĐ-CP as far as it was found (domain specification 3.2 and 5.2). The wording of the ten
/// criteria and their maxima come from third-party forms, not from the annex itself; points in halves are one agency's
/// rule, the same as in the shipped rule set. The office can edit all of it and publish version 2.
pub fn civil_servant_self_assessment() -> FormTemplate {
    let json = include_bytes!("../../data/form-sa335.json");
    FormTemplate::from_json(json).expect("the shipped template is read by a test")
}

#[cfg(test)]
mod tests {
    use super::super::kind::{ChoiceOption, QuestionKind};
    use super::super::{Question, Requirement};
    use super::*;
    use crate::rule_set::RuleSet;

    fn keys(options: &[ChoiceOption]) -> Vec<&str> {
        options.iter().map(|option| option.key.as_str()).collect()
    }

    fn shipped(key: &str) -> Question {
        civil_servant_self_assessment().question(key).unwrap().clone()
    }

    #[test]
    fn the_shipped_template_is_publishable() {
        let form = civil_servant_self_assessment().check().unwrap();
        assert!(form.blocked_questions().is_empty());
        assert_eq!(form.template().pin().code, "SA-335");
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
        for criterion in RuleSet::decree_335().general.criteria {
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
        for (section, question) in civil_servant_self_assessment().questions() {
            assert!(!section.title_en.is_empty() && !question.label_en.is_empty(), "{}", question.key);
            assert_eq!(question.hint_vi.is_empty(), question.hint_en.is_empty(), "{}", question.key);
            assert!(is_nfc(&question.label_vi) && is_nfc(&question.hint_vi), "{}", question.key);
        }
    }
}
