//! Why an order about a round was not carried out, in the operator's words: nothing was changed, and what to do.

use model::outcome::OutcomeRefused;
use model::round::RoundRefused;
use model::round::holder::HolderRefused;
use model::round::state::{DAYS_BETWEEN_ROUNDS, RoundState, StepRefused};

use super::desk::{Obstacle, Sentence};
use super::opening::OpeningRefused;
use super::{AnnounceRefused, ResultRefused};
use crate::failure::ServerFailed;
use crate::settings::Language;
use crate::words::pick;

/// Both languages.
pub(crate) fn sentence(vi: impl Into<String>, en: impl Into<String>) -> Sentence {
    Sentence { vi: vi.into(), en: en.into() }
}

/// Sixteen symbols that are no seal.
pub(crate) fn not_a_seal() -> Sentence {
    sentence(
        "Đây không phải dấu niêm của một hòm: cần 16 ký tự, bốn nhóm bốn; chưa ghi gì; hãy nghe lại và gõ lại.",
        "These are not the symbols of a seal: sixteen, in four groups of four; nothing was noted; ask and type again.",
    )
}

/// A file that is no result.
pub(crate) fn not_an_outcome() -> Sentence {
    sentence(
        "Tệp này không phải kết quả của một lần mở hòm; chưa nhận gì; hãy chọn tệp mà chương trình mở hòm đã ghi.",
        "This file is not the result of an opening; nothing was taken; choose the file that the opener wrote.",
    )
}

/// No round of this name.
pub(crate) fn unknown_round() -> Sentence {
    sentence(
        "Không có đợt nào tên hoặc mã như vậy; chưa có gì thay đổi; xem các đợt: langnghe round list.",
        "There is no round of this name or id; nothing was changed; see them with: langnghe round list.",
    )
}

/// More than one.
pub(crate) fn several_rounds() -> Sentence {
    sentence(
        "Có nhiều đợt như vậy; chưa có gì thay đổi; hãy ghi mã của đợt thay cho tên; xem các đợt: langnghe round list.",
        "Several rounds are called like this; nothing was changed; write the id instead; see: langnghe round list.",
    )
}

/// Somebody who runs the server and whom the directory does not know.
pub(crate) fn unknown_operator(typed: &str) -> Sentence {
    sentence(
        format!("Danh bạ không có ai tên «{typed}»; đợt chưa được công bố; hãy ghi họ tên như trong danh bạ, hoặc mã."),
        format!(
            "Nobody in the directory is called \"{typed}\"; the round was not announced; write the name as in the directory, or the id."
        ),
    )
}

/// More than one.
pub(crate) fn several_operators(typed: &str) -> Sentence {
    sentence(
        format!("Có nhiều người tên «{typed}»; đợt chưa được công bố; hãy ghi mã thay cho tên."),
        format!("Several people are called \"{typed}\"; the round was not announced; write the id instead."),
    )
}

/// What is done with a round of feedback instead: `order` follows `langnghe feedback`.
fn takes_feedback(order: &str) -> Sentence {
    sentence(
        format!("Đợt này nhận góp ý, không đếm phiếu; chưa có gì thay đổi; hãy dùng: langnghe feedback {order}."),
        format!(
            "This round takes feedback, nothing is counted in it; nothing was changed; use: langnghe feedback {order}."
        ),
    )
}

/// What a round is called by how far it is.
pub fn state(state: RoundState, language: Language) -> &'static str {
    let (vi, en) = match state {
        RoundState::Planned => ("đang chuẩn bị", "planned"),
        RoundState::Announced => ("đã công bố", "announced"),
        RoundState::Open => ("đang mở", "open"),
        RoundState::Closed => ("đã đóng", "closed"),
        RoundState::Counted => ("đã kiểm phiếu", "counted"),
        RoundState::Reported => ("đã công bố kết quả", "published"),
        RoundState::Purged => ("đã tiêu huỷ phiếu", "ballots destroyed"),
    };
    pick(language, vi, en)
}

fn of_step(refused: StepRefused) -> Sentence {
    let StepRefused { from, to } = refused;
    let (now_vi, now_en) = (state(from, Language::Vi), state(from, Language::En));
    let (why_vi, why_en) = match (from, to) {
        (RoundState::Planned, _) => {
            ("ngày mở trong thể lệ đã qua; hãy lập kế hoạch mới", "its opening day is over; make a new plan")
        }
        (RoundState::Announced | RoundState::Open, RoundState::Counted) => (
            "hòm chỉ mở được sau hạn nhận muộn ghi trong thể lệ; hãy đợi qua ngày ấy",
            "its box is opened after its grace date; wait until it is over",
        ),
        (RoundState::Closed, RoundState::Counted) => (
            "hòm gửi muộn còn được nhận đến hết ngày ghi trong thể lệ; hãy đợi qua ngày ấy",
            "late boxes still arrive until its grace date; wait until it is over",
        ),
        (RoundState::Purged, RoundState::Purged) => ("phiếu đã được tiêu huỷ", "its ballots are destroyed"),
        (RoundState::Reported | RoundState::Purged, RoundState::Reported) => {
            ("mỗi đợt chỉ công bố kết quả một lần", "a result is published once")
        }
        (_, RoundState::Purged) => (
            "phiếu được giữ 30 ngày sau khi công bố, hoặc 12 tháng khi có người khiếu nại, hòm góp ý 90 ngày sau hạn nhận muộn; hãy đợi đến ngày ấy",
            "ballots are kept for 30 days after the result is published, or for 12 months when somebody objects, a box of feedback for 90 days after its grace date; wait until then",
        ),
        (_, RoundState::Reported) => ("đợt chưa được kiểm phiếu", "it is not counted yet"),
        (RoundState::Announced, RoundState::Closed) => ("đợt chưa mở", "it has not opened yet"),
        (_, RoundState::Closed) => (
            "dấu niêm phải được đọc trước khi đợt đóng, nếu không thì không biết hòm được niêm lúc nào",
            "a seal must be read before the round closes, or nobody knows when the box was sealed",
        ),
        _ => ("bước này không làm được vào lúc này", "this step cannot be taken now"),
    };
    sentence(
        format!("Đợt này {now_vi}: {why_vi}; chưa có gì thay đổi."),
        format!("This round is {now_en}: {why_en}; nothing was changed."),
    )
}

fn of_holder(number: usize, refused: HolderRefused) -> Sentence {
    let (vi, en) = match refused {
        HolderRefused::Text(_) => ("có họ tên hoặc tổ chức ghi sai", "has a name or body that cannot stand there"),
        HolderRefused::Twice => ("trùng với người khác", "is another of the three"),
        HolderRefused::IsSubject => ("là người được lấy ý kiến", "is asked about"),
        HolderRefused::IsSuperior => ("là cấp trên của người được lấy ý kiến", "is a superior of somebody asked about"),
        HolderRefused::IsSubordinate => {
            ("là cấp dưới của người được lấy ý kiến", "is a subordinate of somebody asked about")
        }
        HolderRefused::IsRated => ("thuộc đơn vị được đánh giá", "belongs to the unit that is rated"),
        HolderRefused::IsOperator => ("là người vận hành máy chủ", "runs the server"),
        HolderRefused::TwoFromOffice => ("là người thứ hai của văn phòng", "is the second one from the office"),
    };
    sentence(
        format!(
            "Người giữ khóa thứ {number} {vi} nên không được giữ; đợt chưa được công bố; hãy làm lại lễ tạo khóa với người khác."
        ),
        format!(
            "Holder {number} {en} and may hold no share; the round was not announced; hold the ceremony again with somebody else."
        ),
    )
}

impl From<ServerFailed> for Obstacle {
    fn from(failed: ServerFailed) -> Self {
        Self::Failed(failed)
    }
}

impl From<AnnounceRefused> for Obstacle {
    fn from(refused: AnnounceRefused) -> Self {
        Self::Said(match refused {
            AnnounceRefused::Failed(failed) => return Self::Failed(failed),
            AnnounceRefused::NotSigned(_) => sentence(
                "Tệp này không phải tệp công bố của một lễ tạo khóa, hoặc đã bị sửa; đợt chưa được công bố; hãy chọn tệp mà chương trình mở hòm đã ghi.",
                "This is not the file of a key ceremony, or it was changed; the round was not announced; choose the file that the opener wrote.",
            ),
            AnnounceRefused::Round(RoundRefused::Holder { number, refused }) => of_holder(number, refused),
            AnnounceRefused::Round(_) => sentence(
                "Thể lệ của đợt không hợp lệ; đợt chưa được công bố; hãy lập lại kế hoạch và kiểm tra bằng: langnghe-open plan --check.",
                "The definition of the round cannot stand; it was not announced; make the plan again and check it with: langnghe-open plan --check.",
            ),
            AnnounceRefused::AnnouncedBefore => sentence(
                "Đợt này đã được công bố với nội dung khác; điều đã công bố không bao giờ đổi; chưa có gì thay đổi.",
                "This round was announced before with other contents; what was announced never changes; nothing was changed.",
            ),
            AnnounceRefused::Units(_) => sentence(
                "Sơ đồ đơn vị trong danh bạ không đọc được nên không kiểm tra được người giữ khóa; đợt chưa được công bố; hãy sửa danh bạ trước.",
                "The units of the directory cannot be read, so the holders cannot be checked; the round was not announced; mend the directory first.",
            ),
            AnnounceRefused::Step(step) => of_step(step),
            AnnounceRefused::TooSoon => sentence(
                format!(
                    "Cùng câu hỏi đã được hỏi cùng những người ấy chưa đầy {DAYS_BETWEEN_ROUNDS} ngày trước: hiệu của hai kết quả sẽ lộ vài người; đợt chưa được công bố."
                ),
                format!(
                    "The same people were asked the same less than {DAYS_BETWEEN_ROUNDS} days before: the difference of two results would show a few of them; the round was not announced."
                ),
            ),
        })
    }
}

impl From<ResultRefused> for Obstacle {
    fn from(refused: ResultRefused) -> Self {
        Self::Said(match refused {
            ResultRefused::Failed(failed) => return Self::Failed(failed),
            ResultRefused::Unknown => unknown_round(),
            ResultRefused::Step(step) => of_step(step),
            ResultRefused::NoObjection => sentence(
                "Chỉ ghi khiếu nại sau khi kết quả được công bố và trước khi phiếu bị tiêu huỷ; chưa có gì thay đổi.",
                "An objection is noted after a result is published and before its ballots are destroyed; nothing was changed.",
            ),
            ResultRefused::TakenBefore => sentence(
                "Đợt này đã có kết quả khác; kết quả đã nhận không bao giờ đổi; chưa có gì thay đổi.",
                "Another result of this round was taken before and never changes; nothing was changed.",
            ),
            ResultRefused::Outcome(refused) => of_outcome(refused),
            ResultRefused::TakesFeedback { instead } => takes_feedback(instead),
        })
    }
}

fn of_outcome(refused: OutcomeRefused) -> Sentence {
    match refused {
        OutcomeRefused::Unreadable => not_an_outcome(),
        OutcomeRefused::NotSigned => sentence(
            "Kết quả không có chữ ký của hai người giữ khóa đợt này, hoặc đã bị sửa; chưa nhận gì.",
            "The result is not signed by two holders of this round, or it was changed; nothing was taken.",
        ),
        OutcomeRefused::NoReason => sentence(
            "Hai người mở hòm đã đi tiếp ở chỗ không được đi tiếp, hoặc không ghi lý do; chưa nhận gì.",
            "The holders went on where they may not, or without a reason; nothing was taken.",
        ),
        OutcomeRefused::NotRecounted => sentence(
            "Đợt về con người phải được một cặp khác kiểm lại trên máy khác trước khi công bố; chưa có gì thay đổi.",
            "A round about people is counted again by another pair on another machine before it is published; nothing was changed.",
        ),
        OutcomeRefused::RecountDiffers => sentence(
            "Cặp thứ hai kiểm ra kết quả khác; chưa có gì thay đổi; hai cặp phải cùng tìm nguyên nhân trước khi công bố.",
            "The second pair counted something else; nothing was changed; both pairs must find out why before anything is published.",
        ),
    }
}

impl From<OpeningRefused> for Obstacle {
    fn from(refused: OpeningRefused) -> Self {
        match refused {
            OpeningRefused::Failed(failed) => Self::Failed(failed),
            OpeningRefused::TakesFeedback => Self::Said(takes_feedback("box")),
            OpeningRefused::NotFrozen { from } => Self::Said(of_step(StepRefused { from, to: RoundState::Counted })),
        }
    }
}
