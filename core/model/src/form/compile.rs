//! The expressions of a template: parsed, put in order, checked against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::checked::{CheckedForm, CheckedQuestion};
use super::kind::QuestionKind;
use super::order::order;
use super::refusal::{Rule, TemplateRefused};
use super::{FormTemplate, Question, Requirement, Section};
use crate::expression::check::{Declared, Vocabulary};
use crate::expression::evaluate::CheckedExpression;
use crate::expression::{Expression, ExpressionRefused};

/// What to do with an expression that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Refuse the template.
    Strict,
    /// Block the question.
    Tolerant,
}

/// Compiles all expressions of a template of the right shape.
pub(super) fn compile(template: FormTemplate, reading: Reading) -> Result<CheckedForm, TemplateRefused> {
    let mut compiler = Compiler::new(&template, reading);
    let parsed = compiler.parse_all()?;
    let order = compiler.order(&parsed)?;
    compiler.declare_all(&parsed, &order)?;
    let sections = compiler.check_sections(&parsed.sections)?;
    let questions = compiler.check_questions(&parsed)?;
    Ok(CheckedForm { questions, sections, order, template })
}

struct Compiler<'a> {
    template: &'a FormTemplate,
    reading: Reading,
    vocabulary: Vocabulary,
    /// Keys of blocked questions.
    blocked: BTreeSet<String>,
    /// Calculations, checked while the vocabulary was built.
    calculations: BTreeMap<String, CheckedExpression>,
}

/// Whose expression it is, and so whom it blocks when it cannot be read.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Section(&'a Section),
    Question(&'a Question),
}

impl Owner<'_> {
    fn key(self) -> String {
        match self {
            Self::Section(section) => section.key.clone(),
            Self::Question(question) => question.key.clone(),
        }
    }

    fn questions(self) -> Vec<String> {
        match self {
            Self::Section(section) => section.questions.iter().map(|question| question.key.clone()).collect(),
            Self::Question(question) => vec![question.key.clone()],
        }
    }
}

struct Parsed {
    sections: Vec<Option<Expression>>,
    questions: Vec<ParsedQuestion>,
}

struct ParsedQuestion {
    shown_if: Option<Expression>,
    required_if: Option<Expression>,
    valid_if: Option<Expression>,
    calculated: Option<Expression>,
}

impl<'a> Compiler<'a> {
    fn new(template: &'a FormTemplate, reading: Reading) -> Self {
        let newer = template.questions().filter(|(_, question)| question.is_of_a_newer_version());
        let blocked = newer.map(|(_, question)| question.key.clone()).collect();
        Self { template, reading, vocabulary: Vocabulary::default(), blocked, calculations: BTreeMap::new() }
    }

    fn parse_all(&mut self) -> Result<Parsed, TemplateRefused> {
        let (mut sections, mut questions) = (Vec::new(), Vec::new());
        for section in &self.template.sections {
            sections.push(self.parse(Owner::Section(section), Rule::ShownIf, section.shown_if.as_deref())?);
            for question in &section.questions {
                questions.push(self.parse_question(question)?);
            }
        }
        Ok(Parsed { sections, questions })
    }

    fn parse_question(&mut self, question: &Question) -> Result<ParsedQuestion, TemplateRefused> {
        let condition = match &question.required {
            Requirement::When { condition } => Some(condition.as_str()),
            Requirement::Always | Requirement::Never | Requirement::Unknown { .. } => None,
        };
        let rule = question.valid_if.as_ref().map(|rule| rule.condition.as_str());
        // What a newer version calculates, it may calculate otherwise.
        let calculated = question.calculated.as_deref().filter(|_| question.kind == QuestionKind::Calculated);
        let mut parse = |rule, text| self.parse(Owner::Question(question), rule, text);
        Ok(ParsedQuestion {
            shown_if: parse(Rule::ShownIf, question.shown_if.as_deref())?,
            required_if: parse(Rule::Required, condition)?,
            valid_if: parse(Rule::ValidIf, rule)?,
            calculated: parse(Rule::Calculated, calculated)?,
        })
    }

    fn parse(
        &mut self,
        owner: Owner<'_>,
        rule: Rule,
        text: Option<&str>,
    ) -> Result<Option<Expression>, TemplateRefused> {
        let Some(text) = text else { return Ok(None) };
        let read = Expression::parse(text);
        self.judge(owner, rule, read)
    }

    /// Refuses the template or blocks the owner, as the reading says.
    fn judge<T>(
        &mut self,
        owner: Owner<'_>,
        rule: Rule,
        result: Result<T, ExpressionRefused>,
    ) -> Result<Option<T>, TemplateRefused> {
        match (result, self.reading) {
            (Ok(good), _) => Ok(Some(good)),
            (Err(source), Reading::Strict) => Err(TemplateRefused::BadExpression { key: owner.key(), rule, source }),
            (Err(_), Reading::Tolerant) => {
                self.blocked.extend(owner.questions());
                Ok(None)
            }
        }
    }

    /// A value depends on what shows its question, what shows its section, and what it is calculated from.
    fn order(&self, parsed: &Parsed) -> Result<Vec<usize>, TemplateRefused> {
        let keys: Vec<&str> = self.template.questions().map(|(_, question)| question.key.as_str()).collect();
        let indices: BTreeMap<&str, usize> = keys.iter().enumerate().map(|(index, key)| (*key, index)).collect();
        let lengths = self.template.sections.iter().map(|section| section.questions.len());
        let section_of = lengths.zip(&parsed.sections).flat_map(|(length, rule)| std::iter::repeat_n(rule, length));
        let needed = |(question, section): (&ParsedQuestion, &Option<Expression>)| {
            let rules = [section, &question.shown_if, &question.calculated];
            let named = rules.into_iter().flatten().flat_map(Expression::questions);
            named.filter_map(|key| indices.get(key.as_str()).copied()).collect()
        };
        let needs: Vec<BTreeSet<usize>> = parsed.questions.iter().zip(section_of).map(needed).collect();
        let named = |circle: Vec<usize>| circle.into_iter().map(|index| keys[index].to_owned()).collect();
        order(&needs).map_err(|circle| TemplateRefused::Circle { keys: named(circle) })
    }

    /// Calculated questions are declared in order: the type of one follows from the types of those before it.
    fn declare_all(&mut self, parsed: &Parsed, order: &[usize]) -> Result<(), TemplateRefused> {
        let questions: Vec<&Question> = self.template.questions().map(|(_, question)| question).collect();
        for question in &questions {
            self.vocabulary.declare(&question.key, question.kind.declared());
        }
        for index in order {
            let (question, parsed) = (questions[*index], &parsed.questions[*index]);
            if let Some(expression) = &parsed.calculated {
                let checked = self.vocabulary.check_calculation(expression);
                if let Some(checked) = self.judge(Owner::Question(question), Rule::Calculated, checked)? {
                    self.vocabulary.declare(&question.key, Declared::Value(checked.value_type()));
                    self.calculations.insert(question.key.clone(), checked);
                }
            }
        }
        Ok(())
    }

    fn check_sections(
        &mut self,
        parsed: &[Option<Expression>],
    ) -> Result<Vec<Option<CheckedExpression>>, TemplateRefused> {
        let sections = self.template.sections.iter().zip(parsed);
        let check = |(section, expression): (&Section, &Option<Expression>)| {
            self.check_condition(Owner::Section(section), Rule::ShownIf, expression.as_ref())
        };
        sections.map(check).collect()
    }

    fn check_questions(&mut self, parsed: &Parsed) -> Result<Vec<CheckedQuestion>, TemplateRefused> {
        let mut checked = Vec::new();
        let mut waiting = parsed.questions.iter();
        for (section, asked) in self.template.sections.iter().enumerate() {
            for (position, question) in asked.questions.iter().enumerate() {
                let parsed = waiting.next().expect("every question was parsed once");
                checked.push(self.check_question((section, position), question, parsed)?);
            }
        }
        Ok(checked)
    }

    fn check_question(
        &mut self,
        (section, position): (usize, usize),
        question: &Question,
        parsed: &ParsedQuestion,
    ) -> Result<CheckedQuestion, TemplateRefused> {
        let owner = Owner::Question(question);
        let shown_if = self.check_condition(owner, Rule::ShownIf, parsed.shown_if.as_ref())?;
        let required_if = self.check_condition(owner, Rule::Required, parsed.required_if.as_ref())?;
        let valid_if = match &parsed.valid_if {
            Some(rule) => {
                let checked = self.vocabulary.check_rule(rule, &question.kind.declared());
                self.judge(owner, Rule::ValidIf, checked)?
            }
            None => None,
        };
        let calculated = self.calculations.remove(&question.key);
        let is_blocked = self.blocked.contains(&question.key);
        Ok(CheckedQuestion { section, position, shown_if, required_if, valid_if, calculated, is_blocked })
    }

    fn check_condition(
        &mut self,
        owner: Owner<'_>,
        rule: Rule,
        expression: Option<&Expression>,
    ) -> Result<Option<CheckedExpression>, TemplateRefused> {
        let Some(expression) = expression else { return Ok(None) };
        let checked = self.vocabulary.check_condition(expression);
        self.judge(owner, rule, checked)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{options, question, section, template};
    use super::*;

    fn text(key: &str) -> Question {
        question(key, QuestionKind::ShortText { length_max: 20 })
    }

    #[test]
    fn a_wrong_expression_is_named_with_its_question_and_rule() {
        let refuse = |question: Question, rule, source| {
            let expected = TemplateRefused::BadExpression { key: "a".into(), rule, source };
            assert_eq!(template(vec![question, text("b")]).check().map(|_| ()), Err(expected));
        };
        let unknown = || ExpressionRefused::UnknownQuestion { question: "c".into() };
        refuse(text("a").shown_if("${c} = 'x'"), Rule::ShownIf, unknown());
        refuse(text("a").required_when("${c} = 'x'"), Rule::Required, unknown());
        refuse(text("a").valid_if("${c} = 'x'"), Rule::ValidIf, unknown());
        refuse(question("a", QuestionKind::Calculated).calculated("${c}"), Rule::Calculated, unknown());
        refuse(text("a").shown_if(". = 'x'"), Rule::ShownIf, ExpressionRefused::ItselfMisplaced);
        refuse(text("a").shown_if("1 +"), Rule::ShownIf, ExpressionRefused::UnexpectedEnd);
    }

    #[test]
    fn a_circle_is_refused_even_through_a_section() {
        let circle =
            |keys: &[&str]| TemplateRefused::Circle { keys: keys.iter().map(|key| (*key).to_owned()).collect() };
        let itself = template(vec![text("a").shown_if("${a} = 'x'")]);
        assert_eq!(itself.check().map(|_| ()), Err(circle(&["a"])));
        let sum =
            |key: &str, other: &str| question(key, QuestionKind::Calculated).calculated(&format!("${{{other}}} + 1"));
        assert_eq!(template(vec![sum("a", "b"), sum("b", "a")]).check().map(|_| ()), Err(circle(&["a", "b"])));
        let mut hidden = section("more", vec![text("b")]);
        hidden.shown_if = Some("${a} != ''".into());
        let mut through = template(vec![text("a").shown_if("${b} != ''")]);
        through.sections.push(hidden);
        assert_eq!(through.clone().check().map(|_| ()), Err(circle(&["a", "b"])));
        assert_eq!(through.check_received().map(|_| ()), Err(circle(&["a", "b"])));
        assert!(template(vec![text("a").required_when("${a} = ''")]).check().is_ok(), "a requirement is no value");
    }

    #[test]
    fn calculations_take_their_types_from_each_other_in_any_order() {
        let calculated = |key: &str, expression: &str| question(key, QuestionKind::Calculated).calculated(expression);
        let number = question("n", QuestionKind::Likert5);
        let form = template(vec![calculated("a", "${b} * 2"), calculated("b", "${n} + 1"), number.clone()]).check();
        assert_eq!(form.unwrap().order, [2, 1, 0]);
        let mixed = template(vec![calculated("a", "${b} * 2"), calculated("b", "concat(${n}, 'x')"), number]);
        assert!(matches!(mixed.check(), Err(TemplateRefused::BadExpression { .. })));
    }

    #[test]
    fn a_newer_expression_blocks_only_its_question() {
        let newer = text("a").shown_if("pulldata('wards', ${b}) = 'x'");
        let choice = question("c", QuestionKind::Choice { options: options(&["x"]) }).shown_if("${a} = 'x'");
        let form = template(vec![newer, text("b"), choice]);
        assert!(matches!(form.clone().check(), Err(TemplateRefused::BadExpression { .. })));
        assert_eq!(form.check_received().unwrap().blocked_questions(), ["a"]);
    }

    #[test]
    fn a_newer_rule_of_a_section_blocks_the_section() {
        let mut hidden = section("a", vec![text("b"), text("c")]);
        hidden.shown_if = Some("tomorrow() = today()".into());
        let mut form = template(vec![text("a")]);
        form.sections.push(hidden);
        assert_eq!(form.check_received().unwrap().blocked_questions(), ["b", "c"]);
    }
}
