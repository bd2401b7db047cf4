//! The words and signs of an expression, each with the place where it starts.

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use super::ExpressionRefused;
use super::tree::Reference;
use super::value::decimal_from_text;

/// Cuts a text into tokens; the number of tokens is held by the length of the text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionRefused> {
    let mut reader = Reader { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = reader.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

/// One word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// The byte at which it starts.
    pub(super) at: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(Decimal),
    Text(String),
    Reference(Reference),
    Itself,
    /// The name of a function, or `and`, `or`, `div`, `mod`.
    Name(String),
    Sign(&'static str),
}

/// Longer signs first, so that `<=` is not read as `<` and `=`.
const SIGNS: [&str; 12] = ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", ","];

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Token>, ExpressionRefused> {
        self.take_while(char::is_whitespace);
        let at = self.at;
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let kind = match first {
            '0'..='9' => self.number()?,
            '.' if self.rest()[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number()?,
            '.' => self.itself(),
            '\'' | '"' => self.quoted(first)?,
            '$' => self.reference()?,
            'a'..='z' => self.name(),
            _ => self.sign()?,
        };
        Ok(Some(Token { kind, at }))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|next| !wanted(next)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn position(&self, at: usize) -> u32 {
        character_position(self.text, at)
    }

    fn number(&mut self) -> Result<TokenKind, ExpressionRefused> {
        let at = self.at;
        let digits = self.take_while(|next| next.is_ascii_digit() || next == '.');
        let padded = if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() };
        let refused = ExpressionRefused::BadNumber { position: self.position(at) };
        decimal_from_text(&padded).map(TokenKind::Number).ok_or(refused)
    }

    fn itself(&mut self) -> TokenKind {
        self.at += 1;
        TokenKind::Itself
    }

    fn quoted(&mut self, quote: char) -> Result<TokenKind, ExpressionRefused> {
        let at = self.at;
        self.at += 1;
        let inside = self.take_while(|next| next != quote);
        if self.rest().is_empty() {
            return Err(ExpressionRefused::UnclosedText { position: self.position(at) });
        }
        self.at += 1;
        Ok(TokenKind::Text(inside.nfc().collect()))
    }

    fn reference(&mut self) -> Result<TokenKind, ExpressionRefused> {
        let refused = ExpressionRefused::BadReference { position: self.position(self.at) };
        let inside = self.rest().strip_prefix("${").and_then(|rest| rest.split_once('}')).map(|(inside, _)| inside);
        let reference = inside.and_then(Reference::parse).ok_or(refused)?;
        self.at += reference.path().len() + "${}".len();
        Ok(TokenKind::Reference(reference))
    }

    fn name(&mut self) -> TokenKind {
        let name = self.take_while(|next| matches!(next, 'a'..='z' | '0'..='9' | '-' | '_'));
        TokenKind::Name(name.to_owned())
    }

    fn sign(&mut self) -> Result<TokenKind, ExpressionRefused> {
        let sign = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign));
        let sign = sign.ok_or(ExpressionRefused::UnexpectedCharacter { position: self.position(self.at) })?;
        self.at += sign.len();
        Ok(TokenKind::Sign(sign))
    }
}

/// The number of the character, counted from one, that starts at a byte.
pub(super) fn character_position(text: &str, at: usize) -> u32 {
    let before = text.char_indices().take_while(|(index, _)| *index < at).count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn a_text_falls_into_words_and_signs() {
        let read = kinds("${a/b}<=.5 and count-selected(.)");
        assert_eq!(read[0], TokenKind::Reference(Reference::parse("a/b").unwrap()));
        assert_eq!(read[1], TokenKind::Sign("<="));
        assert_eq!(read[2], TokenKind::Number(Decimal::new(5, 1)));
        assert_eq!(read[3], TokenKind::Name("and".to_owned()));
        assert_eq!(read[4], TokenKind::Name("count-selected".to_owned()));
        assert_eq!(read[6], TokenKind::Itself);
    }

    #[test]
    fn a_refusal_names_the_character_where_it_happens() {
        assert_eq!(tokens("'ế' # 1"), Err(ExpressionRefused::UnexpectedCharacter { position: 5 }));
        assert_eq!(tokens("1 = 'x"), Err(ExpressionRefused::UnclosedText { position: 5 }));
        assert_eq!(tokens("${Bad}"), Err(ExpressionRefused::BadReference { position: 1 }));
        assert_eq!(tokens("${a/b/c}"), Err(ExpressionRefused::BadReference { position: 1 }));
        assert_eq!(tokens("${a"), Err(ExpressionRefused::BadReference { position: 1 }));
        assert_eq!(tokens("1.2.3"), Err(ExpressionRefused::BadNumber { position: 1 }));
        assert_eq!(tokens("99999999999999999999999999999999"), Err(ExpressionRefused::BadNumber { position: 1 }));
    }

    #[test]
    fn both_spellings_of_a_vietnamese_text_are_one_text() {
        assert_eq!(kinds("'to\u{302}\u{301}t'"), kinds("'tốt'"));
    }
}
