//! Values as a person reads them: on the cards that show both sides of a dispute, and in a paper that was signed.

use model::answer::{Answer, Reply};
use model::document::Scalar;
use model::form::kind::QuestionKind;
use model::time::Day;

/// In which language a value is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Of every screen.
    Vietnamese,
    /// Of screens for staff who asked for it.
    English,
}

/// A value in words and figures: the answer that it is, or what the field holds.
pub(crate) fn value(scalar: &Scalar, answer: Option<&Answer>, kind: Option<&QuestionKind>) -> String {
    match (answer, scalar) {
        (Some(answer), _) => answered(answer, kind, Language::Vietnamese),
        (None, Scalar::Text(text)) => text.clone(),
        (None, Scalar::Integer(number)) => number.to_string(),
        (None, Scalar::Flag(true)) => "Có".to_owned(),
        (None, Scalar::Flag(false)) => "Không".to_owned(),
        (None, Scalar::Unknown) => "?".to_owned(),
    }
}

/// An answer in words and figures: `3,50`, the label of an option, the text itself.
pub(crate) fn answered(answer: &Answer, kind: Option<&QuestionKind>, language: Language) -> String {
    match answer {
        Answer::Text { text } => text.clone(),
        Answer::Number { decimal } => in_figures(decimal, language),
        Answer::Choice { option } => label(option, kind, language),
        Answer::Options { options } => {
            options.iter().map(|option| label(option, kind, language)).collect::<Vec<_>>().join("; ")
        }
        Answer::Level { level } => format!("{level}/{}", if kind == Some(&QuestionKind::Likert3) { 3 } else { 5 }),
        Answer::Score { points_hundredths } => {
            let (whole, part) = (points_hundredths / 100, points_hundredths % 100);
            in_figures(&format!("{whole}.{part:02}"), language)
        }
        Answer::YesNoNotApplicable { reply } => reply_label(*reply, language).to_owned(),
        Answer::Ratio { numerator, denominator } => format!("{numerator}/{denominator}"),
        Answer::Date { day } => Day::parse(day).map_or_else(|_| day.clone(), Day::vietnamese),
        Answer::Acknowledged => in_language(language, ("Đã xác nhận", "Confirmed")).to_owned(),
    }
}

/// With the decimal sign of the language.
fn in_figures(decimal: &str, language: Language) -> String {
    match language {
        Language::Vietnamese => decimal.replace('.', ","),
        Language::English => decimal.to_owned(),
    }
}

fn label(option: &str, kind: Option<&QuestionKind>, language: Language) -> String {
    let options = match kind {
        Some(QuestionKind::Choice { options } | QuestionKind::MultiChoice { options, .. }) => options.as_slice(),
        _ => &[],
    };
    let Some(known) = options.iter().find(|known| known.key == option) else { return option.to_owned() };
    match language {
        Language::English if !known.label_en.is_empty() => known.label_en.clone(),
        Language::Vietnamese | Language::English => known.label_vi.clone(),
    }
}

const fn reply_label(reply: Reply, language: Language) -> &'static str {
    match reply {
        Reply::Yes => in_language(language, ("Có", "Yes")),
        Reply::No => in_language(language, ("Không", "No")),
        Reply::NotApplicable => in_language(language, ("Không áp dụng", "Not applicable")),
    }
}

const fn in_language(language: Language, (vietnamese, english): (&'static str, &'static str)) -> &'static str {
    match language {
        Language::Vietnamese => vietnamese,
        Language::English => english,
    }
}

#[cfg(test)]
mod tests {
    use model::form::kind::ChoiceOption;

    use super::*;

    #[test]
    fn an_answer_is_said_in_the_language_of_its_reader() {
        let option = |key: &str, vi: &str, en: &str| ChoiceOption {
            key: key.to_owned(),
            label_vi: vi.to_owned(),
            label_en: en.to_owned(),
        };
        let options = vec![option("a", "Tốt", "Good"), option("b", "Khá", "")];
        let choice = QuestionKind::Choice { options: options.clone() };
        let several = QuestionKind::MultiChoice { options, chosen_max: 2 };
        let chosen = |keys: &[&str]| Answer::Options { options: keys.iter().map(|key| (*key).to_owned()).collect() };
        for (answer, kind, vietnamese, english) in [
            (Answer::Score { points_hundredths: 350 }, None, "3,50", "3.50"),
            (Answer::Number { decimal: "-12.5".to_owned() }, None, "-12,5", "-12.5"),
            (Answer::Choice { option: "a".to_owned() }, Some(&choice), "Tốt", "Good"),
            (Answer::Choice { option: "c".to_owned() }, Some(&choice), "c", "c"),
            (chosen(&["a", "b"]), Some(&several), "Tốt; Khá", "Good; Khá"),
            (Answer::Level { level: 2 }, Some(&QuestionKind::Likert3), "2/3", "2/3"),
            (Answer::YesNoNotApplicable { reply: Reply::No }, None, "Không", "No"),
            (Answer::Ratio { numerator: 3, denominator: 4 }, None, "3/4", "3/4"),
            (Answer::Date { day: "2026-12-02".to_owned() }, None, "02/12/2026", "02/12/2026"),
            (Answer::Acknowledged, None, "Đã xác nhận", "Confirmed"),
        ] {
            assert_eq!(answered(&answer, kind, Language::Vietnamese), vietnamese, "{answer:?}");
            assert_eq!(answered(&answer, kind, Language::English), english, "{answer:?}");
        }
    }
}
