//! What was typed into a page, read without leaving copies: a form may hold passphrases.

use zeroize::Zeroizing;

/// The fields of a form, wiped with it.
#[derive(Default)]
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads `name=value&name=value`, percent-encoded. What cannot be read is no field.
    pub(super) fn read(body: &[u8]) -> Self {
        let field = |pair: &[u8]| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            Some((decoded(&pair[..at])?.to_string(), decoded(&pair[at + 1..])?))
        };
        Self(body.split(|byte| *byte == b'&').filter_map(field).collect())
    }

    /// A field; empty if nothing was typed.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Whether a button or a field of this name was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// A number, with or without dots between thousands.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.text(name).trim().replace('.', "").parse().ok()
    }
}

fn decoded(text: &[u8]) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(*rest.next()?)? << 4 | digit(*rest.next()?)?,
            byte => *byte,
        });
    }
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_writes_it() {
        let form = Form::read("name=L%C3%AA+V%C4%83n&count=1.240&go=&bad=%zz&again=a%3Db".as_bytes());
        assert_eq!((form.text("name"), form.number("count")), ("Lê Văn", Some(1240)));
        assert!(form.has("go") && !form.has("bad") && !form.has("none"));
        assert_eq!((form.text("again"), form.text("none")), ("a=b", ""));
    }
}
