//! Answers under their codes: the public file of a month.

use model::feedback::answers::AnswerSheet;
use model::feedback::code::ReplyCode;
use model::feedback::replies::{ReplyFile, SLOTS_MOST};
use model::round::RoundDefinition;
use model::time::Day;
use rand_core::CryptoRng;

use super::IntakeRefused;
use super::ledger::{AnswerTo, Ledger};
use super::reading::check_day;

/// What somebody reads whose words were a denunciation or a complaint. Source: Luật Tố cáo 2018, Luật Khiếu nại 2011.
const DENOUNCED: &str = "Nội dung ông/bà gửi là tố cáo hoặc khiếu nại. Theo luật, việc này phải có họ tên, địa chỉ và gửi đến cơ quan có thẩm quyền \
(Ủy ban nhân dân, Thanh tra hoặc Ủy ban kiểm tra cấp ủy), nơi danh tính của ông/bà được giữ kín. Chúng tôi không giữ lại lời ông/bà viết.";

/// What somebody reads about whose words the commune can do nothing.
const OUT_OF_SCOPE: &str = "Chúng tôi đã đọc. Việc này ngoài thẩm quyền của xã, phường hoặc chưa đủ rõ để xử lý, nên không chuyển đi. Bạn có thể gửi góp ý mới, nói rõ hơn việc gì, ở khu vực nào.";

/// Days for which an answer that was sealed stands in every file, so that one that was never published is no loss (A50).
const DEAD_AFTER_DAYS: i64 = 90;

/// Characters of `YYYY-MM`.
const MONTH_CHARS: usize = 7;

/// Seals the answers of a month: new ones, and those of the last ninety days once more. Codes that are older are gone from
/// the ledger, which keeps the file until the next. Those whose words became no case are told so. A month without any
/// answer has a file too. More answers than a file holds wait for the next; those to cases go first.
pub fn reply(
    ledger: &mut Ledger,
    (round, sheet): (&RoundDefinition, &AnswerSheet),
    today: Day,
    random: &mut impl CryptoRng,
) -> Result<ReplyFile, IntakeRefused> {
    if sheet.round != round.id {
        return Err(IntakeRefused::NoAnswers);
    }
    check_day(round, round.opens, today)?;
    let made = ledger.replies.as_ref().and_then(|text| ReplyFile::read(text).ok()).map(|file| file.day);
    if let Some(day) = made.filter(|day| month_of(*day) >= month_of(today)) {
        return Err(IntakeRefused::ThisMonth { day });
    }
    let is_dead = |day: &Day| day.plus_days(DEAD_AFTER_DAYS).is_none_or(|end| end < today);
    ledger.awaited.retain(|awaited| !awaited.sealed.as_ref().is_some_and(|(day, _)| is_dead(day)));
    // New ones before those that were sealed before, and answers to cases before the others.
    ledger.awaited.sort_by_key(|awaited| (awaited.sealed.is_some(), !matches!(awaited.about, AnswerTo::Case(_))));
    let mut replies: Vec<(ReplyCode, String)> = Vec::new();
    for awaited in &mut ledger.awaited {
        let text = match &awaited.sealed {
            Some((_, text)) => Some(text.clone()),
            None => answer_to(awaited.about, sheet),
        };
        let (Some(text), Some(code)) = (text, awaited.code()) else { continue };
        if replies.len() == SLOTS_MOST {
            break;
        }
        let day = awaited.sealed.as_ref().map_or(today, |(day, _)| *day);
        awaited.sealed = Some((day, text.clone()));
        replies.push((code, text));
    }
    let file = ReplyFile::seal(round, today, &replies, random).map_err(|_| IntakeRefused::NoAnswers)?;
    ledger.replies = Some(file.to_text());
    Ok(file)
}

fn answer_to(about: AnswerTo, sheet: &AnswerSheet) -> Option<String> {
    match about {
        AnswerTo::Denounced => Some(DENOUNCED.to_owned()),
        AnswerTo::OutOfScope => Some(OUT_OF_SCOPE.to_owned()),
        AnswerTo::Case(case) => Some(sheet.answers.iter().find(|answered| answered.case == case)?.text.clone()),
    }
}

fn month_of(day: Day) -> String {
    day.to_string()[..MONTH_CHARS].to_owned()
}
