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
