//! What makes a template publishable, apart from its expressions: keys, counts, texts and limits.

use std::collections::BTreeSet;

use super::kind::{ChoiceOption, QuestionKind};
use super::refusal::{Rule, TemplateRefused};
use super::{
    DECIMALS_MAX, FormTemplate, LABEL_CHARS_MAX, LONG_TEXT_CHARS_MAX, OPTIONS_MAX, QUESTIONS_MAX, Question,
    Requirement, SCORE_HUNDREDTHS_MAX, SECTIONS_MAX, SHORT_TEXT_CHARS_MAX, Section, TITLE_CHARS_MAX,
};
use crate::expression::KEY_BYTES_MAX;
use crate::expression::tree::is_word;
use crate::expression::value::decimal_from_text;
use crate::text::length_chars;

/// Checks the shape of a template; unknown kinds pass, they are for the caller to judge.
pub(super) fn check_shape(template: &FormTemplate) -> Result<(), TemplateRefused> {
    check_head(template)?;
    check_counts(template)?;
    check_keys(template.sections.iter().map(|section| &section.key))?;
    check_keys(template.questions().map(|(_, question)| &question.key))?;
    template.sections.iter().try_for_each(check_section)?;
    template.questions().try_for_each(|(_, question)| check_question(question))
}

fn check_head(template: &FormTemplate) -> Result<(), TemplateRefused> {
    let starts_with_letter = template.code.starts_with(|first: char| first.is_ascii_uppercase());
    let is_spelled = template.code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-'));
    if !starts_with_letter || !is_spelled || template.code.len() > 30 {
        return Err(TemplateRefused::BadCode);
    }
    if template.version == 0 {
        return Err(TemplateRefused::BadVersion);
    }
    check_needed("form", "title_vi", &template.title_vi, TITLE_CHARS_MAX)?;
    check_text("form", "title_en", &template.title_en, TITLE_CHARS_MAX)?;
    check_text("form", "legal_reference", &template.legal_reference, TITLE_CHARS_MAX)
}

fn check_counts(template: &FormTemplate) -> Result<(), TemplateRefused> {
    let (sections, questions) = (template.sections.len(), template.questions().count());
    if sections > SECTIONS_MAX {
        return Err(TemplateRefused::TooManySections { given: sections as u64, limit: SECTIONS_MAX as u64 });
    }
    if questions == 0 {
        return Err(TemplateRefused::NoQuestions);
    }
    if questions > QUESTIONS_MAX {
        return Err(TemplateRefused::TooManyQuestions { given: questions as u64, limit: QUESTIONS_MAX as u64 });
    }
    Ok(())
}

fn check_keys<'a>(keys: impl Iterator<Item = &'a String>) -> Result<(), TemplateRefused> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !is_word(key) {
            return Err(TemplateRefused::BadKey { key: key.chars().take(KEY_BYTES_MAX).collect() });
        }
        if !seen.insert(key) {
            return Err(TemplateRefused::RepeatedKey { key: key.clone() });
        }
    }
    Ok(())
}

fn check_section(section: &Section) -> Result<(), TemplateRefused> {
    check_needed(&section.key, "title_vi", &section.title_vi, TITLE_CHARS_MAX)?;
    check_text(&section.key, "title_en", &section.title_en, TITLE_CHARS_MAX)
}

fn check_question(question: &Question) -> Result<(), TemplateRefused> {
    let key = question.key.as_str();
    check_needed(key, "label_vi", &question.label_vi, LABEL_CHARS_MAX)?;
    check_text(key, "label_en", &question.label_en, LABEL_CHARS_MAX)?;
    check_text(key, "hint_vi", &question.hint_vi, LABEL_CHARS_MAX)?;
    check_text(key, "hint_en", &question.hint_en, LABEL_CHARS_MAX)?;
    if let Some(rule) = &question.valid_if {
        check_needed(key, "message_vi", &rule.message_vi, TITLE_CHARS_MAX)?;
        check_text(key, "message_en", &rule.message_en, TITLE_CHARS_MAX)?;
    }
    check_rules(question)?;
    check_kind(key, &question.kind)
}

fn check_rules(question: &Question) -> Result<(), TemplateRefused> {
    let misplaced = |rule| Err(TemplateRefused::RuleMisplaced { key: question.key.clone(), rule });
    let is_calculated = question.kind == QuestionKind::Calculated;
    let is_answered = question.kind.is_answered_by_a_person();
    if is_calculated && question.calculated.is_none() {
        return Err(TemplateRefused::CalculationMissing { key: question.key.clone() });
    }
    // A kind of a newer version may well be calculated.
    let may_calculate = is_calculated || matches!(question.kind, QuestionKind::Unknown { .. });
    if !may_calculate && question.calculated.is_some() {
        return misplaced(Rule::Calculated);
    }
    if !is_answered && question.required != Requirement::Never {
        return misplaced(Rule::Required);
    }
    if !is_answered && question.valid_if.is_some() {
        return misplaced(Rule::ValidIf);
    }
    Ok(())
}

fn check_kind(key: &str, kind: &QuestionKind) -> Result<(), TemplateRefused> {
    let are_kept = match kind {
        QuestionKind::ShortText { length_max } => (1..=SHORT_TEXT_CHARS_MAX).contains(length_max),
        QuestionKind::LongText { length_max } => (1..=LONG_TEXT_CHARS_MAX).contains(length_max),
        QuestionKind::Number { min, max, decimals } => {
            *decimals <= DECIMALS_MAX && is_range(min.as_deref(), max.as_deref())
        }
        QuestionKind::Choice { options } => check_options(key, options).map(|()| true)?,
        QuestionKind::MultiChoice { options, chosen_max } => {
            check_options(key, options)?;
            *chosen_max > 0 && *chosen_max as usize <= options.len()
        }
        QuestionKind::Score { max_hundredths, step_hundredths } => {
            let is_within = (1..=SCORE_HUNDREDTHS_MAX).contains(max_hundredths);
            is_within && *step_hundredths > 0 && max_hundredths % step_hundredths == 0
        }
        QuestionKind::Likert5 | QuestionKind::Likert3 | QuestionKind::YesNoNotApplicable | QuestionKind::Ratio => true,
        QuestionKind::Date | QuestionKind::TaskTable | QuestionKind::Acknowledgement | QuestionKind::Note => true,
        QuestionKind::Calculated | QuestionKind::Unknown { .. } => true,
    };
    if are_kept { Ok(()) } else { Err(TemplateRefused::BadLimits { key: key.to_owned() }) }
}

fn is_range(min: Option<&str>, max: Option<&str>) -> bool {
    let read = |limit: Option<&str>| limit.map(|text| decimal_from_text(text).ok_or(())).transpose();
    match (read(min), read(max)) {
        (Ok(Some(min)), Ok(Some(max))) => min <= max,
        (Ok(_), Ok(_)) => true,
        (Err(()), _) | (_, Err(())) => false,
    }
}

fn check_options(key: &str, options: &[ChoiceOption]) -> Result<(), TemplateRefused> {
    if options.is_empty() {
        return Err(TemplateRefused::NoOptions { key: key.to_owned() });
    }
    if options.len() > OPTIONS_MAX {
        let (given, limit) = (options.len() as u64, OPTIONS_MAX as u64);
        return Err(TemplateRefused::TooManyOptions { key: key.to_owned(), given, limit });
    }
    let mut seen = BTreeSet::new();
    for option in options {
        check_option(key, option)?;
        if !seen.insert(&option.key) {
            return Err(TemplateRefused::RepeatedOption { key: key.to_owned(), option: option.key.clone() });
        }
    }
    Ok(())
}

fn check_option(key: &str, option: &ChoiceOption) -> Result<(), TemplateRefused> {
    let is_spelled = option.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if !is_spelled || option.key.is_empty() || option.key.len() > KEY_BYTES_MAX {
        let shortened = option.key.chars().take(KEY_BYTES_MAX).collect();
        return Err(TemplateRefused::BadOption { key: key.to_owned(), option: shortened });
    }
    check_needed(key, "options.label_vi", &option.label_vi, LABEL_CHARS_MAX)?;
    check_text(key, "options.label_en", &option.label_en, LABEL_CHARS_MAX)
}

fn check_needed(key: &str, field: &str, text: &str, chars_max: u32) -> Result<(), TemplateRefused> {
    if text.trim().is_empty() {
        return Err(TemplateRefused::TextMissing { place: format!("{key}.{field}") });
    }
    check_text(key, field, text, chars_max)
}

fn check_text(key: &str, field: &str, text: &str, chars_max: u32) -> Result<(), TemplateRefused> {
    let place = || format!("{key}.{field}");
    if text.chars().any(|character| character != '\n' && is_forbidden(character)) {
        return Err(TemplateRefused::ForbiddenCharacter { place: place() });
    }
    let given = u64::from(length_chars(text));
    let limit = u64::from(chars_max);
    if given > limit { Err(TemplateRefused::TextTooLong { place: place(), given, limit }) } else { Ok(()) }
}

/// Control characters, and the characters that reverse the direction of writing: on paper they can make a sentence say
/// what its author did not write. Source: Unicode technical report 36, section 2.
pub(crate) fn is_forbidden(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::super::samples::{every_kind, options, question, section, template};
    use super::*;

    #[test]
    fn keys_counts_and_texts_have_rules() {
        let note = || question("a", QuestionKind::Note);
        refuse(FormTemplate { code: "sa".into(), ..template(vec![note()]) }, TemplateRefused::BadCode);
        refuse(FormTemplate { version: 0, ..template(vec![note()]) }, TemplateRefused::BadVersion);
        refuse(template(vec![]), TemplateRefused::NoQuestions);
        refuse(template(vec![note(), note()]), TemplateRefused::RepeatedKey { key: "a".into() });
        refuse(template(vec![question("A", QuestionKind::Note)]), TemplateRefused::BadKey { key: "A".into() });
        let many: Vec<_> = (0..501).map(|number| question(&format!("q{number}"), QuestionKind::Note)).collect();
        refuse(template(many), TemplateRefused::TooManyQuestions { given: 501, limit: 500 });
        let sections = (0..61).map(|number| section(&format!("s{number}"), vec![])).collect();
        let many = FormTemplate { sections, ..template(vec![]) };
        refuse(many, TemplateRefused::TooManySections { given: 61, limit: 60 });
        let empty = Question { label_vi: " ".into(), ..note() };
        refuse(template(vec![empty]), TemplateRefused::TextMissing { place: "a.label_vi".into() });
        let bent = Question { hint_vi: "\u{202e}tốt".into(), ..note() };
        refuse(template(vec![bent]), TemplateRefused::ForbiddenCharacter { place: "a.hint_vi".into() });
        let long = Question { hint_vi: "ế".repeat(2_001), ..note() };
        let place = "a.hint_vi".into();
        refuse(template(vec![long]), TemplateRefused::TextTooLong { place, given: 2_001, limit: 2_000 });
    }

    #[test]
    fn limits_can_be_kept() {
        let number = |min: &str, max: &str, decimals| QuestionKind::Number {
            min: Some(min.to_owned()),
            max: Some(max.to_owned()),
            decimals,
        };
        for kind in [
            QuestionKind::ShortText { length_max: 0 },
            QuestionKind::ShortText { length_max: 201 },
            QuestionKind::LongText { length_max: 4_001 },
            number("2", "1", 0),
            number("x", "1", 0),
            number("0", "1", 11),
            QuestionKind::MultiChoice { options: options(&["a"]), chosen_max: 2 },
            QuestionKind::Score { max_hundredths: 250, step_hundredths: 0 },
            QuestionKind::Score { max_hundredths: 250, step_hundredths: 100 },
            QuestionKind::Score { max_hundredths: 10_001, step_hundredths: 1 },
        ] {
            refuse(template(vec![question("a", kind)]), TemplateRefused::BadLimits { key: "a".into() });
        }
        for kind in every_kind() {
            assert_eq!(check_kind("a", &kind), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn options_are_few_and_different() {
        let choice = |keys: &[&str]| template(vec![question("a", QuestionKind::Choice { options: options(keys) })]);
        refuse(choice(&[]), TemplateRefused::NoOptions { key: "a".into() });
        refuse(choice(&["x y"]), TemplateRefused::BadOption { key: "a".into(), option: "x y".into() });
        refuse(choice(&["x", "x"]), TemplateRefused::RepeatedOption { key: "a".into(), option: "x".into() });
        let given = 301;
        refuse(choice(&["x"; 301]), TemplateRefused::TooManyOptions { key: "a".into(), given, limit: 300 });
    }

    #[test]
    fn rules_stand_only_where_they_mean_something() {
        let note = question("a", QuestionKind::Note);
        let misplaced = |rule| TemplateRefused::RuleMisplaced { key: "a".into(), rule };
        refuse(template(vec![note.clone().required()]), misplaced(Rule::Required));
        refuse(template(vec![note.clone().valid_if("true()")]), misplaced(Rule::ValidIf));
        refuse(template(vec![note.calculated("1")]), misplaced(Rule::Calculated));
        let calculated = question("a", QuestionKind::Calculated);
        refuse(template(vec![calculated]), TemplateRefused::CalculationMissing { key: "a".into() });
    }

    fn refuse(template: FormTemplate, refused: TemplateRefused) {
        assert_eq!(check_shape(&template), Err(refused));
    }
}
