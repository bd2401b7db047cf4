//! Which template exactly: a draft names the template it was begun with by content, not only by number.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::FormTemplate;

/// SHA-256 over the canonical JSON of a template, fields of newer versions included; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormFingerprint([u8; 32]);

/// The template that a draft or a submission was filled with.
///
/// Two templates may carry one code and version by mistake (two offices, a restored database); the fingerprint tells
/// them apart. A draft is only ever opened with the template whose pin equals its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct FormPin {
    /// [`FormTemplate::code`].
    pub code: String,
    /// [`FormTemplate::version`].
    pub version: u32,
    /// What the template says.
    pub fingerprint: FormFingerprint,
}

impl FormTemplate {
    /// The fingerprint of everything in the template.
    pub fn fingerprint(&self) -> FormFingerprint {
        // Says what is hashed, so that no other text of the system can have this fingerprint.
        const DOMAIN: &[u8] = b"lang-nghe form template 1\0";
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(self.to_json());
        FormFingerprint(hash.finalize().into())
    }

    /// Code, version and fingerprint.
    pub fn pin(&self) -> FormPin {
        FormPin { code: self.code.clone(), version: self.version, fingerprint: self.fingerprint() }
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits")]
pub struct NotAFingerprint;

impl FormFingerprint {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From the 32 bytes of a hash that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits of either case.
    pub fn parse(text: &str) -> Result<Self, NotAFingerprint> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| NotAFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NotAFingerprint)
    }
}

impl std::fmt::Display for FormFingerprint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for FormFingerprint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "FormFingerprint({self})")
    }
}

impl Serialize for FormFingerprint {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FormFingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

uniffi::custom_type!(FormFingerprint, String, {
    lower: |fingerprint| fingerprint.to_string(),
    try_lift: |text| Ok(FormFingerprint::parse(&text)?),
});

#[cfg(test)]
mod tests {
    use super::super::kind::QuestionKind;
    use super::super::samples::{question, template};
    use super::*;

    #[test]
    fn a_fingerprint_changes_with_every_word() {
        let first = template(vec![question("a", QuestionKind::Likert5)]);
        let mut second = first.clone();
        second.sections[0].questions[0].hint_vi = "Một câu".to_owned();
        assert_ne!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.pin(), first.clone().pin());
    }

    #[test]
    fn spelling_of_the_json_does_not_change_the_fingerprint() {
        let made = template(vec![question("a", QuestionKind::Likert5)]);
        let spaced = made.to_json().replace(',', " ,\n ").replace("\"version\":1", "\"version\":1,\"title_en\":\"\"");
        assert_eq!(FormTemplate::from_json(spaced.as_bytes()).unwrap().fingerprint(), made.fingerprint());
    }

    #[test]
    fn a_fingerprint_reads_what_it_prints() {
        let fingerprint = FormFingerprint::from_bytes([0xab; 32]);
        assert_eq!(FormFingerprint::parse(&fingerprint.to_string()), Ok(fingerprint));
        assert_eq!(FormFingerprint::parse("ab"), Err(NotAFingerprint));
    }
}
