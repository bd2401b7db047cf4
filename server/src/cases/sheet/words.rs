//! Answers as a paper says them.

use model::answer::{Answer, Reply};
use model::form::kind::{ChoiceOption, QuestionKind};
use model::time::Day;

/// An answer in Vietnamese words and figures: `3,50`, the label of an option, the text itself.
pub fn answered(answer: &Answer, kind: &QuestionKind) -> String {
    match answer {
        Answer::Text { text } => text.clone(),
        Answer::Number { decimal } => decimal.replace('.', ","),
        Answer::Choice { option } => label(option, kind),
        Answer::Options { options } => options.iter().map(|option| label(option, kind)).collect::<Vec<_>>().join("; "),
        Answer::Level { level } => format!("mức {level} trên {}", if *kind == QuestionKind::Likert3 { 3 } else { 5 }),
        Answer::Score { points_hundredths } => crate::report::page::points(*points_hundredths),
        Answer::YesNoNotApplicable { reply } => reply_words(*reply).to_owned(),
        Answer::Ratio { numerator, denominator } => format!("{numerator}/{denominator}"),
        Answer::Date { day } => Day::parse(day).map_or_else(|_| day.clone(), Day::vietnamese),
        Answer::Acknowledged => "Đã xác nhận".to_owned(),
    }
}

/// A calculated value: forms calculate yes and no more often than numbers.
pub fn calculated(value: &str, expression: Option<&str>) -> String {
    // An expression that is the figure one states something of whoever sees the question at all.
    let states = expression.is_some_and(|expression| expression.trim() == "1");
    match value {
        "yes" | "true" => "Có".to_owned(),
        "no" | "false" => "Không".to_owned(),
        _ if states => "Có".to_owned(),
        other => other.replace('.', ","),
    }
}

/// The options of a choice; none of another kind.
pub fn options(kind: &QuestionKind) -> &[ChoiceOption] {
    match kind {
        QuestionKind::Choice { options } | QuestionKind::MultiChoice { options, .. } => options,
        _ => &[],
    }
}

fn label(option: &str, kind: &QuestionKind) -> String {
    let known = options(kind).iter().find(|known| known.key == option);
    known.map_or_else(|| option.to_owned(), |known| known.label_vi.clone())
}

const fn reply_words(reply: Reply) -> &'static str {
    match reply {
        Reply::Yes => "Có",
        Reply::No => "Không",
        Reply::NotApplicable => "Không áp dụng",
    }
}
