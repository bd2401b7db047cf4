//! What must be known before an expression is ever evaluated: its names, its types, its patterns.

use std::collections::BTreeMap;

use super::evaluate::CheckedExpression;
use super::pattern::Patterns;
use super::tree::{Function, Node, Operator, Reference};
use super::value::ValueType;
use super::{Expression, ExpressionRefused, print};
use crate::time::Day;

/// What the expressions of one template may speak of.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    questions: BTreeMap<String, Declared>,
    patterns: Patterns,
}

/// What the answer to a question is, as far as expressions are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// One value of that type.
    Value(ValueType),
    /// The key of one of these options.
    OneOf(Vec<String>),
    /// The keys of some of these options.
    SomeOf(Vec<String>),
    /// A ratio, readable by its parts `numerator` and `denominator`.
    Ratio,
    /// A table, readable by its columns of numbers.
    Table(&'static [&'static str]),
    /// Nothing, as for a note.
    Nothing,
    /// A kind of a newer version: any expression may name it, and it is always blank here.
    Unknown,
}

impl Vocabulary {
    /// Makes a question known.
    pub fn declare(&mut self, key: &str, declared: Declared) {
        self.questions.insert(key.to_owned(), declared);
    }

    /// Checks an expression that shows or requires something.
    pub fn check_condition(&mut self, expression: &Expression) -> Result<CheckedExpression, ExpressionRefused> {
        let mut checker = Checker::new(self, None);
        checker.need(&expression.tree, ValueType::Flag)?;
        Ok(checker.finish(expression, ValueType::Flag))
    }

    /// Checks an expression that says whether an answer, which it calls `.`, is valid.
    pub fn check_rule(
        &mut self,
        expression: &Expression,
        itself: &Declared,
    ) -> Result<CheckedExpression, ExpressionRefused> {
        let mut checker = Checker::new(self, Some(itself));
        checker.need(&expression.tree, ValueType::Flag)?;
        Ok(checker.finish(expression, ValueType::Flag))
    }

    /// Checks an expression whose value is shown: a text, a number, a flag or a day.
    pub fn check_calculation(&mut self, expression: &Expression) -> Result<CheckedExpression, ExpressionRefused> {
        let mut checker = Checker::new(self, None);
        let found = checker.need_single(&expression.tree)?;
        let kept = if found == ValueType::Choice { ValueType::Text } else { found };
        Ok(checker.finish(expression, kept))
    }
}

struct Checker<'a> {
    vocabulary: &'a mut Vocabulary,
    itself: Option<&'a Declared>,
    patterns: Patterns,
}

impl<'a> Checker<'a> {
    fn new(vocabulary: &'a mut Vocabulary, itself: Option<&'a Declared>) -> Self {
        Self { vocabulary, itself, patterns: Patterns::default() }
    }

    fn finish(self, expression: &Expression, value_type: ValueType) -> CheckedExpression {
        CheckedExpression::new(expression.clone(), value_type, self.patterns)
    }

    fn type_of(&mut self, node: &Node) -> Result<ValueType, ExpressionRefused> {
        match node {
            Node::Number(_) => Ok(ValueType::Number),
            Node::Text(text) if text.is_empty() => Ok(ValueType::Anything),
            Node::Text(_) => Ok(ValueType::Text),
            Node::Flag(_) => Ok(ValueType::Flag),
            Node::Itself => whole(self.itself.ok_or(ExpressionRefused::ItselfMisplaced)?, "."),
            Node::Reference(reference) => self.reference(reference),
            Node::Negate(inner) => self.need(inner, ValueType::Number).map(|()| ValueType::Number),
            Node::All(parts) | Node::Any(parts) => self.need_all(parts, ValueType::Flag).map(|()| ValueType::Flag),
            Node::Pair { operator, left, right } => self.pair(node, *operator, left, right),
            Node::Call { function, arguments } => self.call(node, *function, arguments),
        }
    }

    fn reference(&self, reference: &Reference) -> Result<ValueType, ExpressionRefused> {
        let declared = self.declared(reference)?;
        let unknown_part = || ExpressionRefused::UnknownPart { part: reference.path().to_owned() };
        match (declared, reference.part()) {
            (declared, None) => whole(declared, reference.key()),
            (Declared::Unknown, Some(_)) => Ok(ValueType::Anything),
            (Declared::Ratio, Some("numerator" | "denominator")) => Ok(ValueType::Number),
            (Declared::Table(columns), Some(column)) if columns.contains(&column) => {
                Err(ExpressionRefused::ColumnMisplaced { part: reference.path().to_owned() })
            }
            (_, Some(_)) => Err(unknown_part()),
        }
    }

    fn declared(&self, reference: &Reference) -> Result<&Declared, ExpressionRefused> {
        let unknown = || ExpressionRefused::UnknownQuestion { question: reference.key().to_owned() };
        self.vocabulary.questions.get(reference.key()).ok_or_else(unknown)
    }

    fn pair(
        &mut self,
        node: &Node,
        operator: Operator,
        left: &Node,
        right: &Node,
    ) -> Result<ValueType, ExpressionRefused> {
        let (left_type, right_type) = (self.type_of(left)?, self.type_of(right)?);
        let result = match operator {
            Operator::Equal | Operator::NotEqual => {
                self.need_option(left, right)?;
                self.need_option(right, left)?;
                is_equatable(left_type, right_type).then_some(ValueType::Flag)
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                is_ordered(left_type, right_type).then_some(ValueType::Flag)
            }
            Operator::Add | Operator::Subtract => sum_of(operator, left_type, right_type),
            Operator::Multiply | Operator::Divide | Operator::Remainder => {
                (is_number(left_type) && is_number(right_type)).then_some(ValueType::Number)
            }
        };
        result.ok_or_else(|| incompatible(node, left_type, right_type))
    }

    fn call(&mut self, node: &Node, function: Function, arguments: &[Node]) -> Result<ValueType, ExpressionRefused> {
        match (function, arguments) {
            (Function::If, [condition, choices @ ..]) => {
                self.need(condition, ValueType::Flag)?;
                self.need_joined(node, choices)
            }
            (Function::Coalesce, choices) => self.need_joined(node, choices),
            (Function::Selected, [question, option]) => self.selected(question, option),
            (Function::Regex, [text, pattern]) => self.regex(text, pattern),
            (Function::Date, [day]) => self.date(day),
            (Function::Sum | Function::Min | Function::Max, numbers) => self.aggregate(numbers),
            (Function::Count, [table]) if self.is_column(table)? => Ok(ValueType::Number),
            (Function::Count, [table, ..]) => {
                let found = self.type_of(table)?;
                Err(wrong_type(table, ValueType::Column, found))
            }
            (Function::CountSelected, [question, ..]) => self.need_options(question).map(|()| ValueType::Number),
            (Function::Not, flags) => self.need_all(flags, ValueType::Flag).map(|()| ValueType::Flag),
            (Function::StringLength, texts) => self.need_all_single(texts).map(|()| ValueType::Number),
            (Function::Concat | Function::Text, texts) => self.need_all_single(texts).map(|()| ValueType::Text),
            (Function::Number, texts) => self.need_all_single(texts).map(|()| ValueType::Number),
            (Function::Round | Function::Int | Function::Absolute, numbers) => {
                self.need_all(numbers, ValueType::Number).map(|()| ValueType::Number)
            }
            (Function::Today, _) => Ok(ValueType::Day),
            // The parser counted the arguments, so a function with too few of them does not come here.
            (Function::If | Function::Selected | Function::Regex | Function::Date, _)
            | (Function::Count | Function::CountSelected, []) => Ok(ValueType::Anything),
        }
    }

    fn selected(&mut self, question: &Node, option: &Node) -> Result<ValueType, ExpressionRefused> {
        self.need_options(question)?;
        self.need(option, ValueType::Text)?;
        self.need_option(question, option)?;
        Ok(ValueType::Flag)
    }

    fn regex(&mut self, text: &Node, pattern: &Node) -> Result<ValueType, ExpressionRefused> {
        self.need_single(text)?;
        let Node::Text(pattern) = pattern else {
            return Err(ExpressionRefused::LiteralNeeded { part: printed(pattern) });
        };
        let compiled = self.vocabulary.patterns.compile(pattern)?;
        self.patterns.keep(pattern, compiled);
        Ok(ValueType::Flag)
    }

    fn date(&mut self, day: &Node) -> Result<ValueType, ExpressionRefused> {
        self.need(day, ValueType::Text)?;
        match day {
            Node::Text(day) if Day::parse(day).is_err() => Err(ExpressionRefused::BadDay { day: day.clone() }),
            _ => Ok(ValueType::Day),
        }
    }

    fn aggregate(&mut self, numbers: &[Node]) -> Result<ValueType, ExpressionRefused> {
        for number in numbers {
            if !self.is_column(number)? {
                self.need(number, ValueType::Number)?;
            }
        }
        Ok(ValueType::Number)
    }

    fn is_column(&self, node: &Node) -> Result<bool, ExpressionRefused> {
        let Node::Reference(reference) = node else { return Ok(false) };
        Ok(match (self.declared(reference)?, reference.part()) {
            (Declared::Table(columns), Some(column)) => columns.contains(&column),
            (Declared::Unknown, Some(_)) => true,
            _ => false,
        })
    }

    fn need(&mut self, node: &Node, expected: ValueType) -> Result<(), ExpressionRefused> {
        let found = self.type_of(node)?;
        let fits = expected.joined(found) == Some(expected);
        if fits { Ok(()) } else { Err(wrong_type(node, expected, found)) }
    }

    fn need_all(&mut self, nodes: &[Node], expected: ValueType) -> Result<(), ExpressionRefused> {
        nodes.iter().try_for_each(|node| self.need(node, expected))
    }

    fn need_single(&mut self, node: &Node) -> Result<ValueType, ExpressionRefused> {
        let found = self.type_of(node)?;
        if found.is_single() { Ok(found) } else { Err(wrong_type(node, ValueType::Text, found)) }
    }

    fn need_all_single(&mut self, nodes: &[Node]) -> Result<(), ExpressionRefused> {
        nodes.iter().try_for_each(|node| self.need_single(node).map(|_| ()))
    }

    fn need_options(&mut self, node: &Node) -> Result<(), ExpressionRefused> {
        match self.type_of(node)? {
            ValueType::Choice | ValueType::Choices | ValueType::Anything => Ok(()),
            found => Err(wrong_type(node, ValueType::Choices, found)),
        }
    }

    fn need_joined(&mut self, node: &Node, choices: &[Node]) -> Result<ValueType, ExpressionRefused> {
        let mut joined = ValueType::Anything;
        for choice in choices {
            let next = self.need_single(choice)?;
            joined = joined.joined(next).ok_or_else(|| incompatible(node, joined, next))?;
        }
        Ok(joined)
    }

    /// A text in quotes beside a question with options must be one of them: a misspelt key would be silently false.
    fn need_option(&self, question: &Node, option: &Node) -> Result<(), ExpressionRefused> {
        let declared = match question {
            Node::Itself => self.itself,
            Node::Reference(reference) => self.vocabulary.questions.get(reference.key()),
            _ => None,
        };
        let (Some(Declared::OneOf(options) | Declared::SomeOf(options)), Node::Text(option)) = (declared, option)
        else {
            return Ok(());
        };
        if option.is_empty() || options.contains(option) {
            return Ok(());
        }
        Err(ExpressionRefused::UnknownOption { question: printed(question), option: option.clone() })
    }
}

fn whole(declared: &Declared, name: &str) -> Result<ValueType, ExpressionRefused> {
    match declared {
        Declared::Value(value_type) => Ok(*value_type),
        Declared::OneOf(_) => Ok(ValueType::Choice),
        Declared::SomeOf(_) => Ok(ValueType::Choices),
        Declared::Unknown => Ok(ValueType::Anything),
        Declared::Ratio | Declared::Table(_) | Declared::Nothing => {
            Err(ExpressionRefused::NoValue { question: name.to_owned() })
        }
    }
}

fn is_number(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::Number | ValueType::Anything)
}

/// The keys of a choice are often numbers (100, 50), so a choice may be compared with a number.
fn is_numbered(left: ValueType, right: ValueType) -> bool {
    matches!((left, right), (ValueType::Choice, ValueType::Number) | (ValueType::Number, ValueType::Choice))
}

fn is_equatable(left: ValueType, right: ValueType) -> bool {
    let joined = left.joined(right);
    let is_empty_test = left == ValueType::Anything || right == ValueType::Anything;
    is_empty_test || is_numbered(left, right) || joined.is_some_and(ValueType::is_single)
}

fn is_ordered(left: ValueType, right: ValueType) -> bool {
    let joined = left.joined(right);
    let has_order = [Some(ValueType::Number), Some(ValueType::Day), Some(ValueType::Anything)].contains(&joined);
    has_order || is_numbered(left, right)
}

fn sum_of(operator: Operator, left: ValueType, right: ValueType) -> Option<ValueType> {
    match (left, right) {
        (ValueType::Day, ValueType::Day) => (operator == Operator::Subtract).then_some(ValueType::Number),
        (ValueType::Day, ValueType::Number) => Some(ValueType::Day),
        (ValueType::Day, ValueType::Anything) | (ValueType::Anything, ValueType::Day) => Some(ValueType::Anything),
        (left, right) => (is_number(left) && is_number(right)).then_some(ValueType::Number),
    }
}

fn printed(node: &Node) -> String {
    struct Printed<'a>(&'a Node);
    impl std::fmt::Display for Printed<'_> {
        fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            print::print(self.0, out)
        }
    }
    Printed(node).to_string()
}

fn wrong_type(node: &Node, expected: ValueType, found: ValueType) -> ExpressionRefused {
    ExpressionRefused::WrongType { part: printed(node), expected, found }
}

fn incompatible(node: &Node, left: ValueType, right: ValueType) -> ExpressionRefused {
    ExpressionRefused::Incompatible { part: printed(node), left, right }
}
