//! Filling in any form as its questions come, so that the forms of three laws need no story of their own.

use model::answer::{Answer, Reply};
use model::form::kind::{ChoiceOption, QuestionKind};
use model::identity::DocumentId;
use model::rule_set::fit::TASKS_QUESTION;
use model::task::TaskLine;
use model::time::{Day, Timestamp};
use phone::views::QuestionView;

use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};

/// Questions that one form asks at most.
const QUESTIONS_MAX: usize = 200;

/// Options that are chosen where a form offers them: nobody's case is about which.
const PREFERRED: [&str; 6] = ["hoan_thanh_tot", "rated", "annual", "good", "yes", "100"];

/// Answers what was said, then everything that is asked for and open; how many answers there were.
pub fn fill(pocket: &Pocket, paper: DocumentId, said: &[(&str, &str)]) -> Told<usize> {
    for (question, text) in said {
        let view = question_of(pocket, paper, question)?;
        pocket.answer(paper, question, read(&view.question.kind, text))?;
    }
    for count in 0..QUESTIONS_MAX {
        let view = pocket.phone.paper(paper).map_err(failed("The paper could not be read"))?;
        let Some(open) = view.first_gap else { return Ok(said.len() + count) };
        if open == TASKS_QUESTION {
            pocket.phone.record_task(paper, task(pocket)).map_err(failed("The task was not taken"))?;
            continue;
        }
        let question = question_of(pocket, paper, &open)?;
        if question.answer.is_some() {
            return Ok(said.len() + count);
        }
        pocket.answer(paper, &open, drawn(&open, &question.question.kind))?;
    }
    Err("The form asks for ever.".to_owned())
}

/// An answer in words.
pub fn typed(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

fn question_of(pocket: &Pocket, paper: DocumentId, question: &str) -> Told<QuestionView> {
    pocket.phone.question(paper, question.to_owned()).map_err(failed("The question could not be read"))
}

fn task(pocket: &Pocket) -> TaskLine {
    TaskLine {
        id: pocket.phone.new_task(),
        name: "Tiếp công dân, giải quyết hồ sơ hộ tịch".to_owned(),
        coefficient_hundredths: 100,
        assigned: 12,
        done: 12,
        exceeded: 0,
        quality_failures: 0,
        delays: 1,
        is_cause_objective: false,
        evidence: "Báo cáo tháng".to_owned(),
    }
}

/// A typed text as the answer of its kind.
fn read(kind: &QuestionKind, text: &str) -> Answer {
    match kind {
        QuestionKind::Number { .. } => Answer::Number { decimal: text.to_owned() },
        QuestionKind::Choice { .. } => Answer::Choice { option: text.to_owned() },
        QuestionKind::Date => Answer::Date { day: text.to_owned() },
        _ => typed(text),
    }
}

/// An answer that a question takes.
fn drawn(question: &str, kind: &QuestionKind) -> Answer {
    match kind {
        QuestionKind::Number { .. } => Answer::Number { decimal: "1".to_owned() },
        QuestionKind::Choice { options } => Answer::Choice { option: preferred(options) },
        QuestionKind::MultiChoice { options, .. } => Answer::Options { options: vec![preferred(options)] },
        QuestionKind::Likert5 | QuestionKind::Likert3 => Answer::Level { level: 3 },
        QuestionKind::Score { max_hundredths, .. } => Answer::Score { points_hundredths: *max_hundredths },
        QuestionKind::YesNoNotApplicable => Answer::YesNoNotApplicable { reply: Reply::Yes },
        QuestionKind::Ratio => Answer::Ratio { numerator: 1, denominator: 1 },
        QuestionKind::Date => Answer::Date { day: dated(question).to_string() },
        QuestionKind::Acknowledgement => Answer::Acknowledged,
        _ => typed(written(question)),
    }
}

/// Today, and for what comes later the days that the cadre has for an appeal.
fn dated(question: &str) -> Day {
    let today = Timestamp::from_utc_ms(server::machine::now_ms()).vietnamese_day();
    let days = if question == "appeal_until" { 10 } else { 0 };
    today.plus_days(days).unwrap_or(today)
}

/// What somebody would write there.
fn written(question: &str) -> &'static str {
    match question {
        "meeting_time" => "8:30",
        "place" => "Hội trường Ủy ban nhân dân xã",
        "chair" => "Nguyễn Quốc Vinh",
        "secretary" => "Nguyễn Văn Lộc",
        "authority" => "Chủ tịch Ủy ban nhân dân xã Bến Sậy",
        "signer" => "Lý Thị Liên",
        "legal_basis" => {
            "Căn cứ Luật Tổ chức chính quyền địa phương;\nQuy định về đánh giá, xếp loại của đợt này;\n\
             Xét đề nghị của trưởng đơn vị"
        }
        "weaknesses" => "Còn nể nang khi góp ý cho đồng nghiệp.",
        "appeal_how" => "Gửi văn bản đến bộ phận tổ chức cán bộ.",
        "text" => "Đề nghị xem xét lại vì nhiệm vụ đột xuất tháng 9 chưa được tính.",
        "reason" => "Nhiệm vụ đột xuất tháng 9 được tính thêm.",
        _ => "Hoàn thành nhiệm vụ được giao, đúng thời hạn, phối hợp tốt với các tổ dân phố.",
    }
}

fn preferred(options: &[ChoiceOption]) -> String {
    let known = options.iter().find(|option| PREFERRED.contains(&option.key.as_str()));
    known.or(options.first()).map(|option| option.key.clone()).unwrap_or_default()
}
