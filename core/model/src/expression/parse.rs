//! From text to tree: recursive descent over the strengths of the operators.
//!
//! The depth of the recursion is held by `NESTING_MAX` while reading, the depth of the tree by `DEPTH_MAX`, its size by
//! `PARTS_MAX`; so no text can exhaust the stack or the memory of a phone.

use super::token::{Token, TokenKind, character_position, tokens};
use super::tree::{Function, Node, Operator, STRENGTH_OF_AND, STRENGTH_OF_OR, STRENGTH_OF_SIGN};
use super::{DEPTH_MAX, EXPRESSION_BYTES_MAX, ExpressionRefused, NESTING_MAX, PARTS_MAX};

/// Reads a whole text as one tree.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionRefused> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(ExpressionRefused::TooLong { given: text.len() as u64, limit: EXPRESSION_BYTES_MAX as u64 });
    }
    let mut parser = Parser { text, tokens: tokens(text)?.into_iter().peekable(), parts: 0, nesting: 0 };
    let built = parser.expression(0)?;
    match parser.tokens.next() {
        None => Ok(built.node),
        Some(token) => Err(parser.unexpected(token.at)),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    parts: usize,
    nesting: usize,
}

/// A tree and its depth, so that depth is known without another walk.
struct Built {
    node: Node,
    depth: usize,
}

/// What may stand between two parts.
#[derive(Clone, Copy)]
enum Joint {
    And,
    Or,
    Operator(Operator),
}

impl Joint {
    fn of(kind: &TokenKind) -> Option<Self> {
        let word = match kind {
            TokenKind::Name(name) => name.as_str(),
            TokenKind::Sign(sign) => sign,
            TokenKind::Number(_) | TokenKind::Text(_) | TokenKind::Reference(_) | TokenKind::Itself => return None,
        };
        Some(match word {
            "and" => Self::And,
            "or" => Self::Or,
            "=" => Self::Operator(Operator::Equal),
            "!=" => Self::Operator(Operator::NotEqual),
            "<" => Self::Operator(Operator::Less),
            "<=" => Self::Operator(Operator::LessOrEqual),
            ">" => Self::Operator(Operator::Greater),
            ">=" => Self::Operator(Operator::GreaterOrEqual),
            "+" => Self::Operator(Operator::Add),
            "-" => Self::Operator(Operator::Subtract),
            "*" => Self::Operator(Operator::Multiply),
            "div" => Self::Operator(Operator::Divide),
            "mod" => Self::Operator(Operator::Remainder),
            _ => return None,
        })
    }

    fn strength(self) -> u8 {
        match self {
            Self::Or => STRENGTH_OF_OR,
            Self::And => STRENGTH_OF_AND,
            Self::Operator(operator) => operator.strength(),
        }
    }
}

impl Parser<'_> {
    /// Reads parts joined by operators that bind at least as tightly as `weakest`.
    fn expression(&mut self, weakest: u8) -> Result<Built, ExpressionRefused> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 });
        }
        let mut left = self.operand()?;
        while let Some(joint) = self.joint(weakest) {
            self.tokens.next();
            let right = self.expression(joint.strength() + 1)?;
            left = self.join(joint, left, right)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn joint(&mut self, weakest: u8) -> Option<Joint> {
        let token = self.tokens.peek()?;
        Joint::of(&token.kind).filter(|joint| joint.strength() >= weakest)
    }

    fn operand(&mut self) -> Result<Built, ExpressionRefused> {
        let token = self.tokens.next().ok_or(ExpressionRefused::UnexpectedEnd)?;
        match token.kind {
            TokenKind::Number(number) => self.leaf(Node::Number(number)),
            TokenKind::Text(text) => self.leaf(Node::Text(text)),
            TokenKind::Reference(reference) => self.leaf(Node::Reference(reference)),
            TokenKind::Itself => self.leaf(Node::Itself),
            TokenKind::Name(name) => self.call(&name, token.at),
            TokenKind::Sign("-") => self.negated(),
            TokenKind::Sign("(") => self.bracketed(),
            TokenKind::Sign(_) => Err(self.unexpected(token.at)),
        }
    }

    fn negated(&mut self) -> Result<Built, ExpressionRefused> {
        let inner = self.expression(STRENGTH_OF_SIGN)?;
        self.build(Node::Negate(Box::new(inner.node)), inner.depth)
    }

    fn bracketed(&mut self) -> Result<Built, ExpressionRefused> {
        let inner = self.expression(0)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Built, ExpressionRefused> {
        self.expect("(")?;
        let arguments = self.arguments()?;
        let depth = arguments.iter().map(|argument| argument.depth).max().unwrap_or(0);
        let arguments: Vec<Node> = arguments.into_iter().map(|argument| argument.node).collect();
        if let Some(flag) = flag_named(name, &arguments) {
            return self.leaf(Node::Flag(flag));
        }
        let position = self.position(at);
        let unknown = || ExpressionRefused::UnknownFunction { function: name.to_owned(), position };
        let function = Function::named(name).ok_or_else(unknown)?;
        if !function.argument_counts().contains(&arguments.len()) {
            let given = arguments.len() as u64;
            return Err(ExpressionRefused::WrongArgumentCount { function: name.to_owned(), given });
        }
        self.build(Node::Call { function, arguments }, depth)
    }

    fn arguments(&mut self) -> Result<Vec<Built>, ExpressionRefused> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if !self.take(",") {
                self.expect(")")?;
                return Ok(arguments);
            }
        }
    }

    fn join(&mut self, joint: Joint, left: Built, right: Built) -> Result<Built, ExpressionRefused> {
        let below = left.depth.max(right.depth);
        match (joint, left.node) {
            (Joint::And, Node::All(parts)) => Self::lengthened(Node::All, parts, left.depth, right),
            (Joint::Or, Node::Any(parts)) => Self::lengthened(Node::Any, parts, left.depth, right),
            (Joint::And, first) => self.build(Node::All(vec![first, right.node]), below),
            (Joint::Or, first) => self.build(Node::Any(vec![first, right.node]), below),
            (Joint::Operator(operator), first) => {
                let (left, right) = (Box::new(first), Box::new(right.node));
                self.build(Node::Pair { operator, left, right }, below)
            }
        }
    }

    /// A chain of `and` or `or` stays one node, however long, so that a list of forty conditions is not forty deep.
    fn lengthened(
        chain: fn(Vec<Node>) -> Node,
        mut parts: Vec<Node>,
        depth: usize,
        last: Built,
    ) -> Result<Built, ExpressionRefused> {
        parts.push(last.node);
        let depth = depth.max(last.depth + 1);
        Self::within_depth(Built { node: chain(parts), depth })
    }

    fn leaf(&mut self, node: Node) -> Result<Built, ExpressionRefused> {
        self.build(node, 0)
    }

    fn build(&mut self, node: Node, below: usize) -> Result<Built, ExpressionRefused> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(ExpressionRefused::TooManyParts { limit: PARTS_MAX as u64 });
        }
        Self::within_depth(Built { node, depth: below + 1 })
    }

    fn within_depth(built: Built) -> Result<Built, ExpressionRefused> {
        let is_too_deep = built.depth > DEPTH_MAX;
        if is_too_deep { Err(ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 }) } else { Ok(built) }
    }

    fn take(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if(|token| token.kind == TokenKind::Sign(sign)).is_some()
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), ExpressionRefused> {
        match self.tokens.next() {
            Some(token) if token.kind == TokenKind::Sign(sign) => Ok(()),
            Some(token) => Err(self.unexpected(token.at)),
            None => Err(ExpressionRefused::UnexpectedEnd),
        }
    }

    fn position(&self, at: usize) -> u32 {
        character_position(self.text, at)
    }

    fn unexpected(&self, at: usize) -> ExpressionRefused {
        ExpressionRefused::Unexpected { position: self.position(at) }
    }
}

fn flag_named(name: &str, arguments: &[Node]) -> Option<bool> {
    match name {
        "true" if arguments.is_empty() => Some(true),
        "false" if arguments.is_empty() => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    #[test]
    fn operators_bind_as_in_xpath() {
        check("1 + 2 * 3 = 7 and 2 < 3 or false()", "1 + 2 * 3 = 7 and 2 < 3 or false()");
        check("(1 + 2) * 3", "(1 + 2) * 3");
        check("10 - (3 - 2)", "10 - (3 - 2)");
        check("(10 - 3) - 2", "10 - 3 - 2");
        check("-${a} * -(${b} + 1)", "-${a} * -(${b} + 1)");
        check("${a} and (${b} or ${c}) and ${d}", "${a} and (${b} or ${c}) and ${d}");
        check("if( ${a}='x' ,\"it's\", '') ", "if(${a} = 'x', \"it's\", '')");
        check("7 div 2 mod 2", "7 div 2 mod 2");
    }

    #[test]
    fn what_is_not_an_expression_is_refused_with_its_place() {
        refuse("", ExpressionRefused::UnexpectedEnd);
        refuse("1 +", ExpressionRefused::UnexpectedEnd);
        refuse("(1", ExpressionRefused::UnexpectedEnd);
        refuse("1 2", ExpressionRefused::Unexpected { position: 3 });
        refuse("today)", ExpressionRefused::Unexpected { position: 6 });
        refuse("not(1,,2)", ExpressionRefused::Unexpected { position: 7 });
        refuse("1 + nap(2)", ExpressionRefused::UnknownFunction { function: "nap".to_owned(), position: 5 });
        refuse("today(1)", ExpressionRefused::WrongArgumentCount { function: "today".to_owned(), given: 1 });
        refuse("and", ExpressionRefused::UnexpectedEnd);
    }

    #[test]
    fn depth_and_size_have_limits() {
        let deep = |depth: usize| format!("{}1{}", "not(".repeat(depth), ")".repeat(depth));
        assert!(parse(&deep(DEPTH_MAX - 1)).is_ok());
        refuse(&deep(DEPTH_MAX), ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 });
        refuse(&"(".repeat(EXPRESSION_BYTES_MAX), ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 });
        refuse(&"-".repeat(EXPRESSION_BYTES_MAX), ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 });
        refuse(&["1"; DEPTH_MAX + 1].join("+"), ExpressionRefused::TooDeep { limit: DEPTH_MAX as u64 });
        assert!(parse(&["1"; PARTS_MAX - 1].join(" and ")).is_ok());
        refuse(&["1"; PARTS_MAX].join(" and "), ExpressionRefused::TooManyParts { limit: PARTS_MAX as u64 });
        let given = EXPRESSION_BYTES_MAX as u64 + 1;
        refuse(&" ".repeat(given as usize), ExpressionRefused::TooLong { given, limit: given - 1 });
    }

    #[test]
    fn the_deepest_texts_fit_the_smallest_stack() {
        // Threads of iOS have 512 KiB; a quarter of it must do.
        let small = std::thread::Builder::new().stack_size(128 * 1024);
        let read = small.spawn(|| {
            for text in ["(".repeat(4_000), "not(".repeat(1_000), "-".repeat(4_000), "1-(".repeat(1_000)] {
                assert!(parse(&text).is_err());
            }
        });
        read.unwrap().join().unwrap();
    }

    fn check(text: &str, printed: &str) {
        assert_eq!(Expression::parse(text).unwrap().to_string(), printed);
    }

    fn refuse(text: &str, refused: ExpressionRefused) {
        assert_eq!(parse(text), Err(refused), "{text:.60}");
    }
}
