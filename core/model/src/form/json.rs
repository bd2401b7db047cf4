//! A template as JSON: read within limits, written in one canonical way.

use serde::Serialize;
use serde_json::Value;

use super::FormTemplate;
use super::refusal::TemplateRefused;

/// The largest template, in bytes of JSON: 500 questions with two languages and 300 options take half of it.
pub const TEMPLATE_BYTES_MAX: usize = 1024 * 1024;

impl FormTemplate {
    /// Reads a template. Refuses what is too large, is not JSON, lacks a field or holds a fraction; rules about its
    /// content are for [`FormTemplate::check`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TemplateRefused> {
        if bytes.len() > TEMPLATE_BYTES_MAX {
            return Err(TemplateRefused::TooLarge { given: bytes.len() as u64, limit: TEMPLATE_BYTES_MAX as u64 });
        }
        serde_json::from_slice(bytes).map_err(|refused| TemplateRefused::NotReadable {
            line: u32::try_from(refused.line()).unwrap_or(u32::MAX),
            column: u32::try_from(refused.column()).unwrap_or(u32::MAX),
        })
    }

    /// The template as canonical JSON: names sorted, no spaces, absent fields left out. Equal templates give equal
    /// texts, and reading the text gives the template back.
    pub fn to_json(&self) -> String {
        canonical(self)
    }
}

/// Canonical JSON of anything whose numbers are whole.
pub(super) fn canonical(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("the types of a template have texts as names");
    let mut out = String::new();
    write_sorted(&value, &mut out);
    out
}

/// Names are sorted here, because `serde_json` sorts them only as long as no crate of the build turns that off.
fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            write_list(out, ['{', '}'], &names, |name, out| {
                out.push_str(&Value::String((*name).clone()).to_string());
                out.push(':');
                write_sorted(&fields[*name], out);
            });
        }
        Value::Array(items) => write_list(out, ['[', ']'], items, write_sorted),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

fn write_list<T>(out: &mut String, brackets: [char; 2], items: &[T], mut write: impl FnMut(&T, &mut String)) {
    out.push(brackets[0]);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(brackets[1]);
}

/// Whether no number in it has a fraction or an exponent; such numbers print differently on different machines.
pub(super) fn has_only_whole_numbers(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(items) => items.iter().all(has_only_whole_numbers),
        Value::Object(fields) => fields.values().all(has_only_whole_numbers),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::kind::QuestionKind;
    use super::super::samples::{question, template};
    use super::*;

    const NEWER: &str = r#"{"code":"SA-1","later_field":{"a":[2],"b":1},"sections":[{"key":"s","questions":[
        {"key":"map","kind":{"area":{"points_max":9}},"label_vi":"Khu vực","voice":"on"},
        {"key":"grade","kind":{"score":{"half_steps":true,"max_hundredths":500,"step_hundredths":25}},"label_vi":"Điểm"},
        {"key":"mood","kind":"mood","label_vi":"Tâm trạng","required":"sometimes","valid_if":{"condition":"1","level":2,"message_vi":"Sai"}}
        ],"title_vi":"Phần"}],"title_vi":"Phiếu","version":3}"#;

    #[test]
    fn a_newer_template_survives_an_older_app() {
        let read = FormTemplate::from_json(NEWER.as_bytes()).unwrap();
        let names: Vec<_> = read.questions().map(|(_, question)| question.kind.name().to_owned()).collect();
        assert_eq!(names, ["area", "score", "mood"]);
        assert!(read.questions().all(|(_, question)| matches!(question.kind, QuestionKind::Unknown { .. })));
        let compact: String = NEWER.lines().map(str::trim).collect();
        assert_eq!(read.to_json(), compact);
    }

    #[test]
    fn a_template_reads_what_it_writes() {
        let made = template(vec![question("a", QuestionKind::Likert5), question("b", QuestionKind::Note)]);
        assert_eq!(FormTemplate::from_json(made.to_json().as_bytes()), Ok(made));
    }

    #[test]
    fn what_is_not_a_template_is_refused() {
        let refuse =
            |text: &str| matches!(FormTemplate::from_json(text.as_bytes()), Err(TemplateRefused::NotReadable { .. }));
        assert!(refuse("") && refuse("[]") && refuse("{}") && refuse("\u{0}"));
        assert!(refuse(&NEWER.replace("\"version\":3", "\"version\":3,\"version\":4")), "a field given twice");
        assert!(refuse(&NEWER.replace("\"b\":1", "\"b\":1.5")), "a fraction in a later field");
        assert!(refuse(&NEWER.replace("\"points_max\":9", "\"points_max\":9e3")), "a fraction in a later kind");
        assert!(refuse(&"[".repeat(1_000)), "nesting is limited by the reader");
        let large = vec![b' '; TEMPLATE_BYTES_MAX + 1];
        let given = large.len() as u64;
        assert_eq!(FormTemplate::from_json(&large), Err(TemplateRefused::TooLarge { given, limit: given - 1 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_damaged_template_never_panics(damage in prop::collection::vec((0..20_000usize, any::<u8>()), 0..4)) {
            let mut bytes = include_bytes!("../../data/form-sa335.json").to_vec();
            let length = bytes.len();
            damage.into_iter().for_each(|(at, byte)| bytes[at % length] = byte);
            if let Ok(form) = FormTemplate::from_json(&bytes) {
                prop_assert_eq!(FormTemplate::from_json(form.to_json().as_bytes()), Ok(form.clone()));
                let (strict, tolerant) = (form.clone().check(), form.check_received());
                prop_assert!(strict.is_err() || tolerant.is_ok(), "what may be published can be opened");
            }
        }
    }
}
