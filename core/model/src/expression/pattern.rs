//! The regular expressions of a template: compiled once, when it is checked, and shared by its questions.
//!
//! The `regex` crate matches in time linear in the text, so a pattern cannot hang a phone; its size is limited here.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use super::ExpressionRefused;

/// The most different patterns of one template: with the sizes below, at most 25 MB in the worst case.
pub const PATTERNS_MAX: usize = 50;
/// The longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 500;
/// The largest compiled pattern, and the largest cache of its automaton, in bytes each.
const COMPILED_BYTES_MAX: usize = 256 * 1024;

/// Compiled patterns by the text they were compiled from.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    compiled: BTreeMap<String, Regex>,
}

impl Patterns {
    /// Compiles a pattern, or finds it compiled; it must then match a whole text.
    pub(super) fn compile(&mut self, pattern: &str) -> Result<Regex, ExpressionRefused> {
        if let Some(compiled) = self.compiled.get(pattern) {
            return Ok(compiled.clone());
        }
        if self.compiled.len() >= PATTERNS_MAX {
            return Err(ExpressionRefused::TooManyPatterns { limit: PATTERNS_MAX as u64 });
        }
        let compiled = compile(pattern).ok_or(ExpressionRefused::BadPattern { pattern: pattern.to_owned() })?;
        self.compiled.insert(pattern.to_owned(), compiled.clone());
        Ok(compiled)
    }

    /// Keeps a compiled pattern beside the expression that uses it; the automaton itself is shared.
    pub(super) fn keep(&mut self, pattern: &str, compiled: Regex) {
        self.compiled.insert(pattern.to_owned(), compiled);
    }

    /// Whether the whole text matches; `None` when the pattern was never compiled.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        self.compiled.get(pattern).map(|compiled| compiled.is_match(text))
    }
}

/// `regex()` of XLSForm asks for the whole text. The pattern must also stand alone, or `a)|(b` would close our bracket.
fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return None;
    }
    limited(pattern)?;
    limited(&format!(r"\A(?:{pattern})\z"))
}

fn limited(pattern: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).nest_limit(32).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_text() {
        let pattern = compile("a|[0-9]{4}").unwrap();
        assert!(pattern.is_match("2026") && pattern.is_match("a"));
        assert!(!pattern.is_match("20261") && !pattern.is_match("ba") && !pattern.is_match("2026\n"));
    }

    #[test]
    fn broken_and_bloated_patterns_are_refused() {
        for pattern in ["a)|(b", "(", r"(?=a)", r"\1", r"(\w{500}){500}", "a{100000}", &"a".repeat(501)] {
            assert!(compile(pattern).is_none(), "{pattern:.20}");
        }
        assert!(compile(&"(".repeat(400)).is_none());
        assert!(compile(&format!("{}{}", "(".repeat(200), ")".repeat(200))).is_none());
    }

    #[test]
    fn a_template_has_few_patterns() {
        let mut patterns = Patterns::default();
        for number in 0..PATTERNS_MAX {
            patterns.compile(&number.to_string()).unwrap();
        }
        assert!(patterns.compile("7").is_ok(), "a pattern used twice counts once");
        assert!(patterns.compile("one more").is_err());
    }
}
