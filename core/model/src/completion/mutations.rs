//! A template that changes under a draft breaks nothing: the pinned version decides, and no answer is lost.

use proptest::prelude::*;

use super::*;
use crate::answer::tests::any_answer;
use crate::form::kind::QuestionKind;
use crate::form::samples::{every_kind, question, template};
use crate::form::{FormTemplate, Question};

/// What an office may do to a question while phones hold drafts of it.
#[derive(Debug, Clone)]
enum Mutation {
    Renamed,
    Deleted,
    Retyped(QuestionKind),
    WithoutFirstOption,
    Hidden,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_template_never_panics_and_never_drops_an_answer(
        answers in prop::collection::btree_map(key(), any_answer(), 0..15),
        conflicted in prop::collection::btree_set(key(), 0..3),
        index in 0..15usize,
        mutation in mutation(),
        is_leader in any::<bool>(),
    ) {
        let draft = answers.clone();
        let today = Day::parse("2026-11-22").unwrap();
        let tables = BTreeMap::new();
        let filling = Filling { answers: &answers, tables: &tables, conflicted: &conflicted, is_leader, today };
        let pinned = original();
        let (pin, pinned) = (pinned.pin(), pinned.check().unwrap());
        let before = pinned.completion(&filling);
        let changed = mutate(original(), index, &mutation);
        prop_assert_ne!(changed.pin(), pin);
        let after = changed.check_received().unwrap().completion(&filling);
        for completion in [&before, &after] {
            let lost = answers.keys().find(|key| !is_accounted_for(completion, key));
            prop_assert_eq!(lost, None, "every answer is placed, hidden or set aside");
        }
        prop_assert_eq!(pinned.completion(&filling), before);
        prop_assert_eq!(answers, draft);
    }
}

/// One question of each kind; the second half of them is shown by the first choice.
fn original() -> FormTemplate {
    let kinds = every_kind().into_iter().enumerate();
    let questions = kinds.map(|(index, kind)| {
        let asked = question(&format!("q{index}"), kind);
        match asked.kind {
            QuestionKind::Calculated => asked.calculated("1 + 1"),
            _ if index > 6 => asked.shown_if("today() > date('2026-01-01')"),
            _ => asked,
        }
    });
    template(questions.collect())
}

fn mutate(mut form: FormTemplate, index: usize, mutation: &Mutation) -> FormTemplate {
    let questions = &mut form.sections[0].questions;
    let asked = &mut questions[index];
    match mutation {
        Mutation::Renamed => asked.key = "renamed".to_owned(),
        Mutation::Deleted => drop(questions.remove(index)),
        Mutation::Retyped(kind) => *asked = Question { kind: kind.clone(), calculated: None, ..asked.clone() },
        Mutation::WithoutFirstOption => match &mut asked.kind {
            QuestionKind::Choice { options } => drop(options.remove(0)),
            QuestionKind::MultiChoice { options, .. } => drop(options.remove(0)),
            _ => asked.hint_vi = "Một câu khác".to_owned(),
        },
        Mutation::Hidden => asked.shown_if = Some("false()".to_owned()),
    }
    if form.sections[0].questions.get(index).is_some_and(|asked| asked.kind == QuestionKind::Calculated) {
        form.sections[0].questions[index].calculated = Some("2".to_owned());
    }
    form.version += 1;
    form
}

/// Whether a person can find the answer: on its page, among the hidden ones, or among those that are not asked for.
fn is_accounted_for(completion: &Completion, key: &String) -> bool {
    let is_seen = |state: &QuestionState| {
        state.is_answered || matches!(state.gap, Some(Gap::Rejected { .. } | Gap::Conflicted | Gap::NotValid { .. }))
    };
    let is_on_its_page = completion.question(key).is_some_and(is_seen);
    [is_on_its_page, completion.hidden_answers.contains(key), completion.unasked_answers.contains(key)].contains(&true)
}

fn key() -> impl Strategy<Value = String> {
    (0..18u32).prop_map(|number| format!("q{number}"))
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        Just(Mutation::Renamed),
        Just(Mutation::Deleted),
        prop::sample::select(every_kind()).prop_map(Mutation::Retyped),
        Just(Mutation::WithoutFirstOption),
        Just(Mutation::Hidden),
    ]
}
