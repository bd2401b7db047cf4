//! Values as a person reads them, for the cards that show both sides of a dispute.

use model::answer::{Answer, Reply};
use model::document::Scalar;
use model::form::kind::QuestionKind;

/// A value in words and figures: `3,50`, the label of an option, the text itself.
pub(crate) fn value(scalar: &Scalar, answer: Option<&Answer>, kind: Option<&QuestionKind>) -> String {
    match (answer, scalar) {
        (Some(Answer::Score { points_hundredths }), _) => hundredths(*points_hundredths),
        (Some(Answer::Choice { option }), _) => label(option, kind),
        (Some(Answer::YesNoNotApplicable { reply }), _) => reply_label(*reply).to_owned(),
        (Some(Answer::Date { day }), _) => {
            model::time::Day::parse(day).map_or_else(|_| day.clone(), model::time::Day::vietnamese)
        }
        (_, Scalar::Text(text)) => text.clone(),
        (_, Scalar::Integer(number)) => number.to_string(),
        (_, Scalar::Flag(true)) => "Có".to_owned(),
        (_, Scalar::Flag(false)) => "Không".to_owned(),
        (_, Scalar::Unknown) => "?".to_owned(),
    }
}

/// Hundredths of a point with the decimal comma.
pub(crate) fn hundredths(points: u32) -> String {
    format!("{},{:02}", points / 100, points % 100)
}

fn label(option: &str, kind: Option<&QuestionKind>) -> String {
    let options = match kind {
        Some(QuestionKind::Choice { options } | QuestionKind::MultiChoice { options, .. }) => options.as_slice(),
        _ => &[],
    };
    let known = options.iter().find(|known| known.key == option);
    known.map_or_else(|| option.to_owned(), |known| known.label_vi.clone())
}

const fn reply_label(reply: Reply) -> &'static str {
    match reply {
        Reply::Yes => "Có",
        Reply::No => "Không",
        Reply::NotApplicable => "Không áp dụng",
    }
}
