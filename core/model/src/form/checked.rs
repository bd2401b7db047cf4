//! A template whose every rule is known to fit: what a form is filled with.

use super::FormTemplate;
use super::check::check_shape;
use super::compile::{Reading, compile};
use super::refusal::TemplateRefused;
use super::{Question, Section};
use crate::expression::KEY_BYTES_MAX;
use crate::expression::evaluate::CheckedExpression;

/// A checked template with its compiled expressions.
///
/// Made only by [`FormTemplate::check`] and [`FormTemplate::check_received`]. Cheap to keep, dear to make: a phone makes
/// it once per open form.
#[derive(Debug, Clone)]
pub struct CheckedForm {
    pub(super) template: FormTemplate,
    /// One per question, in the order of the form.
    pub(crate) questions: Vec<CheckedQuestion>,
    /// One per section: its "shown if".
    pub(crate) sections: Vec<Option<CheckedExpression>>,
    /// Indices into `questions`; each comes after those whose values it needs.
    pub(crate) order: Vec<usize>,
}

/// One question with its compiled expressions.
#[derive(Debug, Clone)]
pub(crate) struct CheckedQuestion {
    /// Which section of the template.
    pub(crate) section: usize,
    /// Which question of that section.
    pub(crate) position: usize,
    pub(crate) shown_if: Option<CheckedExpression>,
    pub(crate) required_if: Option<CheckedExpression>,
    pub(crate) valid_if: Option<CheckedExpression>,
    pub(crate) calculated: Option<CheckedExpression>,
    /// Its kind or one of its expressions is of a newer version.
    pub(crate) is_blocked: bool,
}

impl FormTemplate {
    /// Checks everything that a template must be to be published. The office calls this.
    ///
    /// Refuses, besides what [`FormTemplate::check_received`] refuses, every kind and expression of another version.
    pub fn check(self) -> Result<CheckedForm, TemplateRefused> {
        check_shape(&self)?;
        for (_, question) in self.questions() {
            if question.is_of_a_newer_version() {
                let kind = question.kind.name().chars().take(KEY_BYTES_MAX).collect();
                return Err(TemplateRefused::NewerVersion { key: question.key.clone(), kind });
            }
        }
        compile(self, Reading::Strict)
    }

    /// Opens a template that somebody else published, perhaps with a newer version. Phones call this.
    ///
    /// A question that this version does not understand is blocked, see [`super`]. Refused are only a wrong shape (keys,
    /// counts, texts, limits) and a circle, which no version publishes.
    pub fn check_received(self) -> Result<CheckedForm, TemplateRefused> {
        check_shape(&self)?;
        compile(self, Reading::Tolerant)
    }
}

impl CheckedForm {
    /// The template as it was checked.
    pub fn template(&self) -> &FormTemplate {
        &self.template
    }

    /// The keys of the questions that only a newer version can ask; empty for every form of this version.
    pub fn blocked_questions(&self) -> Vec<&str> {
        let blocked = self.questions.iter().filter(|question| question.is_blocked);
        blocked.map(|question| self.question_of(question).key.as_str()).collect()
    }

    pub(crate) fn section_of(&self, question: &CheckedQuestion) -> &Section {
        &self.template.sections[question.section]
    }

    pub(crate) fn question_of(&self, question: &CheckedQuestion) -> &Question {
        &self.section_of(question).questions[question.position]
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{question, template};
    use super::super::{FormTemplate, kind::QuestionKind};
    use super::*;

    #[test]
    fn a_newer_kind_or_requirement_blocks_only_its_question() {
        let json = template(vec![question("a", QuestionKind::Likert5), question("b", QuestionKind::Likert3)]).to_json();
        for (known, newer) in
            [(r#""kind":"likert3""#, r#""kind":"likert7""#), (r#""key":"b","#, r#""key":"b","required":"twice","#)]
        {
            let form = FormTemplate::from_json(json.replace(known, newer).as_bytes()).unwrap();
            let refused = form.clone().check().map(|_| ());
            assert!(matches!(refused, Err(TemplateRefused::NewerVersion { key, .. }) if key == "b"));
            assert_eq!(form.check_received().unwrap().blocked_questions(), ["b"]);
        }
    }
}
