//! Stories of one person and one form.

use super::samples::{Person, choice, level, text};
use super::*;
use crate::form::built_in::civil_servant_self_assessment;
use crate::form::kind::QuestionKind;
use crate::form::samples::{options, question, section, template};

fn short(key: &str) -> Question {
    question(key, QuestionKind::ShortText { length_max: 20 })
}

fn likert(key: &str) -> Question {
    question(key, QuestionKind::Likert5)
}

#[test]
fn a_hidden_answer_is_kept_and_does_not_count() {
    let form = template(vec![
        likert("mood"),
        short("why").shown_if("${mood} < 3").required(),
        short("more").shown_if("${why} != ''"),
    ]);
    let mut lan = Person::opens(form);
    lan.answers("mood", level(2)).answers("why", text("mưa"));
    assert_eq!(lan.shown(), ["mood", "why", "more"]);
    lan.answers("mood", level(4));
    let completion = lan.completion();
    assert_eq!(lan.shown(), ["mood"], "what depends on a hidden answer is hidden too");
    assert_eq!(completion.hidden_answers, ["why"]);
    assert!(completion.is_complete());
    let counted = lan.form.counted_answers(&lan.filling());
    assert_eq!(counted.iter().map(CheckedAnswer::question).collect::<Vec<_>>(), ["mood"]);
    lan.answers("mood", level(1));
    assert_eq!(lan.shown(), ["mood", "why", "more"], "the answer comes back with its question");
}

#[test]
fn required_answers_conflicts_and_broken_rules_are_different_gaps() {
    let missing = likert("a").required();
    let needed = short("b").required_when("${c} = 'x'");
    let chosen = question("c", QuestionKind::Choice { options: options(&["x", "y"]) });
    let ruled = question("d", QuestionKind::Ratio).valid_if("${d/numerator} <= ${d/denominator}");
    let retyped = likert("e");
    let mut lan = Person::opens(template(vec![missing, needed, chosen, ruled, retyped, short("f")]));
    lan.answers("c", choice("x")).answers("d", Answer::Ratio { numerator: 3, denominator: 2 });
    lan.answers("e", level(9)).answers("f", text("hai máy, hai câu")).conflicted.insert("f".to_owned());
    let not_valid = Gap::NotValid { message_vi: "Chưa đúng".to_owned(), message_en: String::new() };
    let rejected = Gap::Rejected { reason: AnswerRejected::LevelOutOfRange { limit: 5 } };
    let gaps = [("a", Gap::Missing), ("b", Gap::Missing), ("d", not_valid), ("e", rejected), ("f", Gap::Conflicted)];
    assert_eq!(lan.gaps(), gaps.map(|(key, gap)| (key.to_owned(), gap)));
    let completion = lan.completion();
    assert_eq!(completion.first_gap(), Some("a"));
    let progress = SectionProgress { key: "main".to_owned(), shown: 6, answered: 2, gaps: 5 };
    assert_eq!(completion.sections, [progress]);
}

#[test]
fn an_answer_in_conflict_is_blank_to_the_rest_of_the_form() {
    let mut lan = Person::opens(template(vec![likert("a"), short("b").shown_if("${a} = 3")]));
    lan.answers("a", level(3));
    assert_eq!(lan.shown(), ["a", "b"]);
    lan.conflicted.insert("a".to_owned());
    assert_eq!(lan.shown(), ["a"]);
    assert!(!lan.completion().question("a").unwrap().is_answered);
}

#[test]
fn a_rule_that_cannot_be_computed_blames_nobody() {
    let ruled = likert("a").valid_if("${b} div 0 > 1 or ${b} * 0 != ''");
    let mut lan = Person::opens(template(vec![ruled, likert("b")]));
    lan.answers("a", level(3)).answers("b", level(1));
    assert_eq!(lan.gaps(), []);
    let blank = likert("a").valid_if("if(${b} div 0 != '', false(), true()) and not(abs(${b} div 0) = 1 and 1 = 2)");
    let mut minh = Person::opens(template(vec![blank, likert("b")]));
    minh.answers("a", level(3));
    assert_eq!(minh.gaps(), []);
}

#[test]
fn values_are_calculated_from_answers_and_tables() {
    let sum = question("total", QuestionKind::Calculated).calculated("sum(${tasks/done}) + ${score}");
    let score = question("score", QuestionKind::Score { max_hundredths: 500, step_hundredths: 25 });
    let table = question("tasks", QuestionKind::TaskTable).required().valid_if("count(${tasks/done}) >= 2");
    let mut lan = Person::opens(template(vec![sum, score, table]));
    assert_eq!(lan.completion().question("total").unwrap().calculated, None);
    assert_eq!(lan.gaps(), [("tasks".to_owned(), Gap::Missing)]);
    lan.answers("score", Answer::Score { points_hundredths: 0 }).lists_tasks("tasks", &[4]);
    assert_eq!(lan.completion().question("total").unwrap().calculated.as_deref(), Some("4"));
    assert!(matches!(lan.gaps()[..], [(_, Gap::NotValid { .. })]));
    lan.answers("score", Answer::Score { points_hundredths: 275 }).lists_tasks("tasks", &[4, 5]);
    assert_eq!(lan.completion().question("total").unwrap().calculated.as_deref(), Some("11.75"));
    assert!(lan.completion().is_complete());
}

#[test]
fn pages_follow_the_form_and_skip_what_is_hidden() {
    let calculated = question("sum", QuestionKind::Calculated).calculated("1");
    let hidden = likert("c").shown_if("${a} = 1");
    let form = template(vec![likert("a"), calculated, hidden, question("note", QuestionKind::Note), likert("z")]);
    let completion = Person::opens(form).completion();
    assert_eq!(completion.first_page(), Some("a"));
    assert_eq!(completion.page_after("a"), Some("note"));
    assert_eq!(completion.page_after("c"), Some("note"), "a page that was hidden meanwhile still has a place");
    assert_eq!(completion.page_before("z"), Some("note"));
    assert_eq!(completion.page_before("a"), None);
    assert_eq!(completion.page_after("z"), None);
    assert_eq!(completion.page_after("nobody"), None);
}

#[test]
fn sections_are_shown_by_their_rule_and_to_leaders() {
    let mut form = template(vec![likert("a")]);
    let mut conditional = section("more", vec![likert("b").required()]);
    conditional.shown_if = Some("${a} > 3".to_owned());
    let mut leading = section("lead", vec![likert("d").required()]);
    leading.for_leader_only = true;
    form.sections.extend([conditional, leading]);
    let mut lan = Person::opens(form);
    assert_eq!(lan.shown(), ["a"]);
    lan.answers("a", level(4)).is_leader = true;
    assert_eq!(lan.shown(), ["a", "b", "d"]);
    assert_eq!(lan.gaps().len(), 2);
}

#[test]
fn a_required_question_of_a_newer_version_holds_the_form_back() {
    let newer = |key: &str| question(key, QuestionKind::Unknown { body: Default::default() });
    let mut lan = Person::opens(template(vec![newer("a").required(), newer("b"), likert("c").required()]));
    lan.answers("c", level(1)).answers("b", text("từ máy mới"));
    assert_eq!(lan.gaps(), [("a".to_owned(), Gap::NeedsNewerApp)]);
    assert_eq!(lan.answers.len(), 2);
}

#[test]
fn the_shipped_self_assessment_is_filled_question_by_question() {
    let mut lan = Person::opens(civil_servant_self_assessment());
    let before = lan.completion();
    assert_eq!(before.first_page(), Some("g1_1"));
    assert!(!lan.shown().contains(&"d".to_owned()) && !lan.shown().contains(&"g3_1_evidence".to_owned()));
    let mut page = before.first_page().map(str::to_owned);
    while let Some(key) = page {
        let asked = lan.form.template().question(&key).unwrap().kind.clone();
        match asked {
            QuestionKind::Score { max_hundredths, .. } => {
                lan.answers(&key, Answer::Score { points_hundredths: max_hundredths })
            }
            QuestionKind::LongText { .. } => lan.answers(&key, text("Đã làm")),
            QuestionKind::Choice { options } => lan.answers(&key, choice(&options[0].key)),
            QuestionKind::TaskTable => lan.lists_tasks(&key, &[1]),
            QuestionKind::Acknowledgement => lan.answers(&key, Answer::Acknowledged),
            other => panic!("the self-assessment has no {}", other.name()),
        };
        page = lan.completion().page_after(&key).map(str::to_owned);
    }
    assert!(lan.completion().is_complete());
    assert!(lan.answers.contains_key("g3_4_evidence"), "points above zero ask for evidence");
    lan.answers.remove("self_rating");
    assert_eq!(lan.gaps(), [("self_rating".to_owned(), Gap::Missing)]);
    lan.is_leader = true;
    assert_eq!(lan.gaps().len(), 4, "a leader also answers for d, dd and e");
}

#[test]
fn a_form_of_485_questions_takes_bounded_steps() {
    let questions: Vec<Question> = (0..485)
        .map(|number| match number {
            0 => question("q0", QuestionKind::Calculated).calculated("1"),
            number if number % 3 == 0 => question(&format!("q{number}"), QuestionKind::Calculated)
                .calculated(&format!("${{q{}}} + 1", number - 3)),
            number => likert(&format!("q{number}"))
                .shown_if(&format!("${{q{}}} > 0", number - number % 3))
                .required_when("today() > date('2026-01-01')"),
        })
        .collect();
    let mut lan = Person::opens(template(questions));
    for number in 0..485 {
        lan.answers(&format!("q{number}"), level(5));
    }
    let filling = lan.filling();
    let walk = Walk::through(&lan.form, &filling);
    for (index, checked) in lan.form.questions.iter().enumerate() {
        assert!(walk.is_required(checked) == (index % 3 != 0) && walk.is_valid(checked));
    }
    assert!(walk.steps() <= 485 * 7, "an expression of three parts, and a rule of four: {}", walk.steps());
    let completion = lan.completion();
    assert!(completion.is_complete() && completion.questions.iter().all(|question| question.is_shown));
    assert_eq!(completion.question("q483").unwrap().calculated.as_deref(), Some("162"));
}
