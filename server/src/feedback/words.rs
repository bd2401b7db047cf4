//! Why an order about feedback was not carried out, in the operator's words: nothing was changed, and what to do.

use model::feedback::case::PacketRefused;
use model::feedback::replies::REPLY_CHARS_MAX;
use model::text::TextRefused;

use super::CaseState;
use super::handling::HandlingRefused;
use super::published::PublishRefused;
use super::running_box::BoxRefused;
use super::taking::TakeRefused;
use crate::rounds::KeptRound;
use crate::rounds::desk::{Obstacle, Sentence};
use crate::rounds::words::{sentence, unknown_round};
use crate::settings::Language;
use crate::words::pick;

/// What a case is called by how far it is.
pub fn state(state: CaseState, language: Language) -> &'static str {
    let (vi, en) = match state {
        CaseState::Received => ("mới nhận", "received"),
        CaseState::Routed => ("đã chuyển", "routed"),
        CaseState::Answered => ("đã trả lời", "answered"),
        CaseState::HandedOver => ("đã trả lời, đã giao bộ phận tiếp nhận", "answered, handed to the intake"),
    };
    pick(language, vi, en)
}

/// Refuses a round of ballots.
pub(crate) fn check_takes_feedback(kept: &KeptRound) -> Result<(), Obstacle> {
    if kept.definition().takes_feedback() { Ok(()) } else { Err(Obstacle::Said(takes_ballots())) }
}

fn takes_ballots() -> Sentence {
    sentence(
        "Đợt này lấy phiếu, không nhận góp ý; chưa có gì thay đổi; hãy dùng các lệnh: langnghe round --help.",
        "This round takes ballots and no feedback; nothing was changed; use the orders of: langnghe round --help.",
    )
}

/// No case of this name.
pub(crate) fn unknown_case() -> Sentence {
    sentence(
        "Không có góp ý nào mã như vậy; chưa có gì thay đổi; xem các góp ý: langnghe feedback list.",
        "There is no feedback of this id; nothing was changed; see all of it with: langnghe feedback list.",
    )
}

/// More than one.
pub(crate) fn several_cases() -> Sentence {
    sentence(
        "Có nhiều góp ý mã bắt đầu như vậy; chưa có gì thay đổi; hãy ghi thêm vài ký tự của mã.",
        "Several ids begin like this; nothing was changed; write more characters of the id.",
    )
}

/// A unit that the directory does not have.
pub(crate) fn unknown_unit(typed: &str) -> Sentence {
    sentence(
        format!("Danh bạ không có đơn vị nào tên «{typed}»; chưa chuyển gì; hãy ghi tên như trong danh bạ, hoặc mã."),
        format!(
            "No unit in the directory is called \"{typed}\"; nothing was routed; write the name as in the directory, or the id."
        ),
    )
}

/// More than one.
pub(crate) fn several_units(typed: &str) -> Sentence {
    sentence(
        format!("Có nhiều đơn vị tên «{typed}»; chưa chuyển gì; hãy ghi mã của đơn vị thay cho tên."),
        format!("Several units are called \"{typed}\"; nothing was routed; write the id instead."),
    )
}

/// A file that holds no sealed answers.
pub(crate) fn no_reply_file() -> Sentence {
    sentence(
        "Tệp này không phải tệp trả lời đã niêm; chưa công bố gì; hãy chọn tệp mà bộ phận tiếp nhận đã làm.",
        "This is no file of sealed answers; nothing was published; choose the file that the intake made.",
    )
}

fn of_packet(refused: PacketRefused) -> Sentence {
    match refused {
        PacketRefused::Unreadable => sentence(
            "Tệp này không phải gói góp ý đã lọc, hoặc đã bị sửa; chưa nhận gì; hãy chọn tệp mà bộ phận tiếp nhận đã ghi.",
            "This is no packet of screened feedback, or it was changed; nothing was taken; choose the file that the intake wrote.",
        ),
        PacketRefused::OtherRound => unknown_round(),
        PacketRefused::NotSigned => sentence(
            "Gói không có chữ ký của bộ phận tiếp nhận, hoặc của hai người giữ khóa nếu nói về người và lãnh đạo; chưa nhận gì.",
            "The packet is signed neither by the intake nor, where it speaks of people or leaders, by two holders; nothing was taken.",
        ),
        PacketRefused::Case { number } => sentence(
            format!(
                "Góp ý thứ {number} trong gói thiếu nội dung hoặc bản tóm ý; chưa nhận gì; hãy lọc lại và làm gói mới."
            ),
            format!(
                "Feedback {number} of the packet lacks its text or paraphrase; nothing was taken; screen it again and make another packet."
            ),
        ),
    }
}

fn of_text(refused: TextRefused) -> Sentence {
    match refused {
        TextRefused::Blank => sentence(
            "Trả lời còn trống; chưa ghi gì; hãy viết điều bà con sẽ đọc.",
            "The answer is empty; nothing was written down; write what the resident will read.",
        ),
        TextRefused::TooLong { given, limit } => sentence(
            format!("Trả lời dài {given} ký tự, chỉ được {limit}; chưa ghi gì; hãy viết ngắn lại."),
            format!("The answer has {given} characters and may have {limit}; nothing was written down; shorten it."),
        ),
        TextRefused::Invisible => sentence(
            format!(
                "Trả lời có ký tự không nhìn thấy được; chưa ghi gì; hãy gõ lại dưới dạng chữ thường, nhiều nhất {REPLY_CHARS_MAX} ký tự."
            ),
            "The answer has a character that cannot be seen; nothing was written down; type it again as plain text.",
        ),
    }
}

impl From<BoxRefused> for Obstacle {
    fn from(refused: BoxRefused) -> Self {
        Self::Said(match refused {
            BoxRefused::Failed(failed) => return Self::Failed(failed),
            BoxRefused::TakesBallots => sentence(
                "Đợt này lấy phiếu: hòm chỉ mở sau ngày nhận muộn; chưa ghi gì; hãy dùng: langnghe round open-file.",
                "This round takes ballots: its box opens after the grace date; nothing was written; use: langnghe round open-file.",
            ),
            BoxRefused::NothingListed => sentence(
                "Chưa có gì để đọc: góp ý được đưa ra đọc khi có thêm từ 20 phong bì, hoặc theo kỳ 5 ngày làm việc; chưa ghi gì.",
                "There is nothing to read yet: feedback is given to its readers once 20 more envelopes have come, or every 5 working days; nothing was written.",
            ),
            BoxRefused::Gone => sentence(
                "Hòm của đợt này đã được tiêu huỷ; chưa ghi gì.",
                "The box of this round is destroyed; nothing was written.",
            ),
        })
    }
}

impl From<TakeRefused> for Obstacle {
    fn from(refused: TakeRefused) -> Self {
        Self::Said(match refused {
            TakeRefused::Failed(failed) => return Self::Failed(failed),
            TakeRefused::UnknownRound => unknown_round(),
            TakeRefused::TakesBallots => takes_ballots(),
            TakeRefused::Packet(refused) => of_packet(refused),
            TakeRefused::Future => sentence(
                "Gói ghi một ngày chưa đến, nên hạn trả lời sẽ sai; chưa nhận gì; hãy chỉnh ngày giờ của máy đã lọc rồi làm gói mới.",
                "The packet has a day that has not come, and answers would be due too late; nothing was taken; set the date of the machine that screened and make another packet.",
            ),
            TakeRefused::OtherContents => sentence(
                "Trong gói có góp ý mang mã đã nhận trước đây với nội dung khác; điều đã nhận không bao giờ đổi; chưa nhận gì của gói này.",
                "The packet has a feedback whose id was taken before with other contents; what was taken never changes; nothing of this packet was taken.",
            ),
        })
    }
}

impl From<HandlingRefused> for Obstacle {
    fn from(refused: HandlingRefused) -> Self {
        Self::Said(match refused {
            HandlingRefused::Failed(failed) => return Self::Failed(failed),
            HandlingRefused::Text(refused) => of_text(refused),
            HandlingRefused::Answered => sentence(
                "Góp ý này đã được trả lời; mỗi góp ý chỉ trả lời một lần; chưa có gì thay đổi; xem lại: langnghe feedback show.",
                "This feedback was answered; each is answered once; nothing was changed; see it with: langnghe feedback show.",
            ),
        })
    }
}

impl From<PublishRefused> for Obstacle {
    fn from(refused: PublishRefused) -> Self {
        Self::Said(match refused {
            PublishRefused::Failed(failed) => return Self::Failed(failed),
            PublishRefused::File(_) => no_reply_file(),
            PublishRefused::OtherRound => sentence(
                "Tệp trả lời này là của đợt khác, hoặc làm theo thể lệ khác; chưa công bố gì; hãy kiểm tra lại --round và tệp.",
                "This file of answers is of another round or another definition; nothing was published; check --round and the file.",
            ),
            PublishRefused::Day => sentence(
                "Tệp trả lời ghi một ngày chưa đến hoặc đã quá 12 tháng; chưa công bố gì; hãy làm lại tệp với ngày đúng.",
                "The file of answers has a day that has not come or is more than 12 months old; nothing was published; make it again with the right date.",
            ),
            PublishRefused::TooMuch => sentence(
                "Các tệp trả lời đang công bố đã quá lớn để điện thoại tải về; chưa công bố tệp này; hãy đợi tệp cũ hết 12 tháng, hoặc niêm ít câu trả lời hơn.",
                "The public files of answers are too large for phones to fetch; this one was not published; wait until an old one is 12 months old, or seal fewer answers.",
            ),
            PublishRefused::PublishedBefore => sentence(
                "Tháng ấy đợt này đã công bố đủ tệp trả lời: mỗi tháng một tệp của người tiếp nhận và một tệp của người giữ khóa, mỗi tệp một lần; chưa có gì thay đổi; câu trả lời còn lại nằm trong tệp tháng sau.",
                "The files of answers of this month were published for this round: one of the intake and one of the holders, each once; nothing was changed; other answers go into next month's files.",
            ),
        })
    }
}
