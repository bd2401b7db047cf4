//! Small templates for tests.

use super::kind::{ChoiceOption, QuestionKind};
use super::{FormTemplate, Question, Requirement, Section, Validity};

/// A question of that kind with a label and no rules.
pub(crate) fn question(key: &str, kind: QuestionKind) -> Question {
    Question { key: key.to_owned(), label_vi: "Câu hỏi".to_owned(), kind, ..Question::default() }
}

/// A form of one section.
pub(crate) fn template(questions: Vec<Question>) -> FormTemplate {
    FormTemplate {
        code: "SA-1".to_owned(),
        version: 1,
        title_vi: "Phiếu thử".to_owned(),
        sections: vec![section("main", questions)],
        ..FormTemplate::default()
    }
}

/// A section without rules.
pub(crate) fn section(key: &str, questions: Vec<Question>) -> Section {
    Section { key: key.to_owned(), title_vi: "Phần".to_owned(), questions, ..Section::default() }
}

/// Options with these keys.
pub(crate) fn options(keys: &[&str]) -> Vec<ChoiceOption> {
    let option =
        |key: &&str| ChoiceOption { key: (*key).to_owned(), label_vi: (*key).to_owned(), ..Default::default() };
    keys.iter().map(option).collect()
}

/// One kind of each, with limits.
pub(crate) fn every_kind() -> Vec<QuestionKind> {
    vec![
        QuestionKind::ShortText { length_max: 20 },
        QuestionKind::LongText { length_max: 4_000 },
        QuestionKind::Number { min: Some("0".to_owned()), max: Some("99.5".to_owned()), decimals: 2 },
        QuestionKind::Choice { options: options(&["a", "b"]) },
        QuestionKind::MultiChoice { options: options(&["a", "b", "c"]), chosen_max: 2 },
        QuestionKind::Likert5,
        QuestionKind::Likert3,
        QuestionKind::Score { max_hundredths: 250, step_hundredths: 25 },
        QuestionKind::YesNoNotApplicable,
        QuestionKind::Ratio,
        QuestionKind::Date,
        QuestionKind::TaskTable,
        QuestionKind::Acknowledgement,
        QuestionKind::Note,
        QuestionKind::Calculated,
    ]
}

impl Question {
    /// The same question, shown only if.
    pub(crate) fn shown_if(self, condition: &str) -> Self {
        Self { shown_if: Some(condition.to_owned()), ..self }
    }

    /// The same question, always required.
    pub(crate) fn required(self) -> Self {
        Self { required: Requirement::Always, ..self }
    }

    /// The same question, required when.
    pub(crate) fn required_when(self, condition: &str) -> Self {
        Self { required: Requirement::When { condition: condition.to_owned() }, ..self }
    }

    /// The same question with a rule.
    pub(crate) fn valid_if(self, condition: &str) -> Self {
        let rule =
            Validity { condition: condition.to_owned(), message_vi: "Chưa đúng".to_owned(), ..Default::default() };
        Self { valid_if: Some(rule), ..self }
    }

    /// The same question with a calculation.
    pub(crate) fn calculated(self, calculation: &str) -> Self {
        Self { calculated: Some(calculation.to_owned()), ..self }
    }
}
