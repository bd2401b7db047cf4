//! Answers under their codes: the public file of a month.

use model::feedback::answers::AnswerSheet;
use model::feedback::code::ReplyCode;
use model::feedback::replies::{RepliesRefused, ReplyFile};
use model::round::RoundDefinition;
use model::time::Day;
use rand_core::CryptoRng;

use super::IntakeRefused;
use super::ledger::{AnswerTo, Awaited, Ledger};

/// What somebody reads whose words were a denunciation or a complaint. Source: Luật Tố cáo 2018, Luật Khiếu nại 2011.
const DENOUNCED: &str = "Nội dung bạn gửi là tố cáo hoặc khiếu nại. Theo luật, việc này phải có họ tên, địa chỉ và gửi đến cơ quan có thẩm quyền \
(Ủy ban nhân dân, Thanh tra hoặc Ủy ban kiểm tra cấp ủy), nơi danh tính của bạn được giữ kín. Chúng tôi không giữ lại lời bạn viết.";

/// What somebody reads about whose words the commune can do nothing.
const OUT_OF_SCOPE: &str = "Chúng tôi đã đọc. Việc này ngoài thẩm quyền của xã, phường hoặc chưa đủ rõ để xử lý, nên không chuyển đi. Bạn có thể gửi góp ý mới, nói rõ hơn việc gì, ở khu vực nào.";

/// Seals every answer for which a code waits; the codes are gone from the ledger, which keeps the file until the next.
/// Those whose words became no case are told so once.
pub fn reply(
    ledger: &mut Ledger,
    (round, sheet): (&RoundDefinition, &AnswerSheet),
    today: Day,
    random: &mut impl CryptoRng,
) -> Result<ReplyFile, IntakeRefused> {
    if sheet.round != round.id {
        return Err(IntakeRefused::NoAnswers);
    }
    let answer = |awaited: &Awaited| -> Option<(ReplyCode, String)> {
        let text = match awaited.about {
            AnswerTo::Denounced => DENOUNCED.to_owned(),
            AnswerTo::OutOfScope => OUT_OF_SCOPE.to_owned(),
            AnswerTo::Case(case) => sheet.answers.iter().find(|answered| answered.case == case)?.text.clone(),
        };
        Some((awaited.code()?, text))
    };
    let replies: Vec<(ReplyCode, String)> = ledger.awaited.iter().filter_map(answer).collect();
    if replies.is_empty() {
        return Err(IntakeRefused::NobodyWaits);
    }
    let file = ReplyFile::seal(round, today, &replies, random).map_err(|refused| match refused {
        RepliesRefused::TooMany => IntakeRefused::TooMany,
        RepliesRefused::Text(_) | RepliesRefused::Unreadable => IntakeRefused::NoAnswers,
    })?;
    ledger.awaited.retain(|awaited| answer(awaited).is_none());
    ledger.replies = Some(file.to_text());
    Ok(file)
}
