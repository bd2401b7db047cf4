//! The templates that ship with the product; the office may announce its own. Source: domain 5.5, 5.6.

use crate::feedback;

use super::template::{OpinionKind, OpinionOption, OpinionQuestion, OpinionTemplate, Side};

/// Characters of what a resident may write to one question of the satisfaction form.
const REMARK_CHARS_MAX: u16 = 500;

const SATISFACTION: [(&str, Side); 6] = [
    ("Rất hài lòng", Side::For),
    ("Hài lòng", Side::For),
    ("Bình thường", Side::Rest),
    ("Không hài lòng", Side::Rest),
    ("Rất không hài lòng", Side::Rest),
    ("Không biết, không tiếp xúc", Side::Outside),
];

const YES_NO: [(&str, Side); 3] =
    [("Hài lòng", Side::For), ("Chưa hài lòng", Side::Rest), ("Không biết, không tiếp xúc", Side::Outside)];

const CONFIDENCE: [(&str, Side); 3] =
    [("Tín nhiệm cao", Side::For), ("Tín nhiệm", Side::For), ("Tín nhiệm thấp", Side::Rest)];

const CONFIDENCE_TWO: [(&str, Side); 2] = [("Tín nhiệm", Side::For), ("Không tín nhiệm", Side::Rest)];

const ASPECTS: [(&str, &str); 8] = [
    ("courtesy", "Thái độ tiếp dân"),
    ("on_time", "Giải quyết công việc đúng hẹn"),
    ("guidance", "Hướng dẫn rõ ràng, dễ hiểu"),
    ("openness", "Công khai, minh bạch"),
    ("listening", "Lắng nghe, tiếp thu góp ý"),
    ("presence", "Sâu sát địa bàn, đối thoại với dân"),
    ("effect", "Hiệu quả giải quyết vấn đề của khu dân cư"),
    ("overall", "Mức độ hài lòng chung"),
];

/// `SAT`: how satisfied residents are, in eight aspects and two texts.
pub fn satisfaction() -> OpinionTemplate {
    let mut questions: Vec<OpinionQuestion> =
        ASPECTS.iter().map(|(key, label)| choice(key, label, &SATISFACTION)).collect();
    questions.push(text("done_well", "Điều làm tốt"));
    questions.push(text("to_improve", "Điều cần khắc phục"));
    template("SAT", "Phiếu khảo sát mức độ hài lòng của người dân", questions)
}

/// `SAT-NTM`: the same aspects with yes and no, as rounds on the new countryside count them.
pub fn satisfaction_new_countryside() -> OpinionTemplate {
    let questions = ASPECTS.iter().map(|(key, label)| choice(key, label, &YES_NO)).collect();
    template("SAT-NTM", "Phiếu lấy ý kiến hài lòng về xây dựng nông thôn mới", questions)
}

/// `CONF`: confidence in each subject, three levels.
pub fn confidence() -> OpinionTemplate {
    about_subjects("CONF", &CONFIDENCE)
}

/// `CONF2`: confidence in each subject, two levels.
pub fn confidence_two() -> OpinionTemplate {
    about_subjects("CONF2", &CONFIDENCE_TWO)
}

/// `FREE`: what residents say on their own; a round with it takes feedback instead of ballots.
pub fn free() -> OpinionTemplate {
    let text = |key, label, chars_max: u32| question(key, label, OpinionKind::Text { chars_max: chars_max as u16 });
    let questions = vec![
        text("content", "Nội dung góp ý, phản ánh", feedback::CONTENT_CHARS_MAX),
        text("proposal", "Đề xuất", feedback::PROPOSAL_CHARS_MAX),
    ];
    template(feedback::TEMPLATE_CODE, "Phiếu góp ý, phản ánh của người dân", questions)
}

fn about_subjects(code: &str, options: &[(&str, Side)]) -> OpinionTemplate {
    let mut question = choice("confidence", "Mức độ tín nhiệm", options);
    question.is_per_subject = true;
    template(code, "Phiếu lấy phiếu tín nhiệm", vec![question])
}

fn template(code: &str, title: &str, questions: Vec<OpinionQuestion>) -> OpinionTemplate {
    OpinionTemplate { code: code.to_owned(), version: 1, title: title.to_owned(), questions }
}

fn choice(key: &str, label: &str, options: &[(&str, Side)]) -> OpinionQuestion {
    let option = |(label, side): &(&str, Side)| OpinionOption { label: (*label).to_owned(), side: *side };
    question(key, label, OpinionKind::Choice { options: options.iter().map(option).collect() })
}

fn text(key: &str, label: &str) -> OpinionQuestion {
    question(key, label, OpinionKind::Text { chars_max: REMARK_CHARS_MAX })
}

fn question(key: &str, label: &str, kind: OpinionKind) -> OpinionQuestion {
    OpinionQuestion { key: key.to_owned(), label: label.to_owned(), is_per_subject: false, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_template_may_be_announced() {
        for template in [satisfaction(), satisfaction_new_countryside(), confidence(), confidence_two(), free()] {
            assert_eq!(template.check(), Ok(()), "{}", template.code);
        }
    }

    #[test]
    fn only_who_knows_nothing_stands_outside_the_denominator() {
        let outside = |template: &OpinionTemplate| {
            let options = template.questions.iter().flat_map(OpinionQuestion::options);
            options.filter(|option| option.side == Side::Outside).map(|option| option.label.clone()).collect::<Vec<_>>()
        };
        assert_eq!(outside(&satisfaction()), vec!["Không biết, không tiếp xúc"; 8]);
        assert!(outside(&confidence()).is_empty() && outside(&confidence_two()).is_empty());
    }
}
