//! From tree to text, with no more brackets than needed; what is printed is read back as the same tree.

use std::fmt::{Formatter, Result};

use super::tree::{Node, STRENGTH_OF_AND, STRENGTH_OF_OR, STRENGTH_OF_SIGN};

/// Prints a tree.
pub(super) fn print(node: &Node, out: &mut Formatter<'_>) -> Result {
    match node {
        Node::Number(number) => write!(out, "{}", number.normalize()),
        Node::Text(text) => print_text(text, out),
        Node::Flag(flag) => write!(out, "{flag}()"),
        Node::Itself => out.write_str("."),
        Node::Reference(reference) => write!(out, "${{{}}}", reference.path()),
        Node::Negate(inner) => {
            out.write_str("-")?;
            print_within(inner, STRENGTH_OF_SIGN, out)
        }
        Node::All(parts) => print_chain(parts, " and ", STRENGTH_OF_AND + 1, out),
        Node::Any(parts) => print_chain(parts, " or ", STRENGTH_OF_OR + 1, out),
        Node::Pair { operator, left, right } => {
            print_within(left, operator.strength(), out)?;
            write!(out, " {} ", operator.sign())?;
            print_within(right, operator.strength() + 1, out)
        }
        Node::Call { function, arguments } => {
            write!(out, "{}(", function.name())?;
            print_chain(arguments, ", ", 0, out)?;
            out.write_str(")")
        }
    }
}

/// A text holds no quote of one of both kinds, because it was read between two of that kind.
fn print_text(text: &str, out: &mut Formatter<'_>) -> Result {
    let quote = if text.contains('\'') { '"' } else { '\'' };
    write!(out, "{quote}{text}{quote}")
}

fn print_chain(parts: &[Node], between: &str, weakest: u8, out: &mut Formatter<'_>) -> Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.write_str(between)?;
        }
        print_within(part, weakest, out)?;
    }
    Ok(())
}

fn print_within(node: &Node, weakest: u8, out: &mut Formatter<'_>) -> Result {
    if strength(node) >= weakest {
        return print(node, out);
    }
    out.write_str("(")?;
    print(node, out)?;
    out.write_str(")")
}

fn strength(node: &Node) -> u8 {
    match node {
        Node::Any(_) => STRENGTH_OF_OR,
        Node::All(_) => STRENGTH_OF_AND,
        Node::Pair { operator, .. } => operator.strength(),
        Node::Negate(_) => STRENGTH_OF_SIGN,
        Node::Number(_) | Node::Text(_) | Node::Flag(_) | Node::Itself => u8::MAX,
        Node::Reference(_) | Node::Call { .. } => u8::MAX,
    }
}
