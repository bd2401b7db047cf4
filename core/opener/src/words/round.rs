//! Plans that cannot become a round.

use model::round::area::{AREAS_MAX, AreasRefused};
use model::round::holder::{HOLDERS, HolderRefused};
use model::round::template::{OPTIONS_MAX, QUESTIONS_MAX, TEXT_CHARS_MAX, TemplateRefused};
use model::round::{
    DAYS_MAX, GROUP_MIN_LEAST, GROUP_MIN_MOST, RoundDefinition, RoundRefused, SIDE_MIN_LEAST, SUBJECTS_MAX,
};
use model::text::TextRefused;
use model::time::Day;

use crate::plan::PlanRefused;

/// A plan that is no round.
pub fn of_plan(refused: &PlanRefused) -> String {
    match refused {
        PlanRefused::Unreadable { line } => {
            format!("Dòng {line} của tệp kế hoạch không đúng mẫu; hãy xin văn phòng tệp kế hoạch khác.")
        }
        PlanRefused::Missing { field, line } => format!(
            "Kế hoạch thiếu mục “{field}” ({}), trong phần kết thúc ở dòng {line}; mẫu kế hoạch: langnghe-open plan --example.",
            of_place(field)
        ),
        PlanRefused::Unknown { field, line } => format!(
            "Dòng {line} của kế hoạch có mục “{field}” mà chương trình không biết; mẫu kế hoạch: langnghe-open plan --example."
        ),
        PlanRefused::Identity { place } => {
            format!("Mã ở mục “{}” không đúng 32 chữ số thập lục; hãy xin văn phòng tệp khác.", of_place(place))
        }
        PlanRefused::Day { place } => {
            format!("Ngày ở mục “{}” không có trong lịch; hãy ghi kiểu 2026-12-31.", of_place(place))
        }
        PlanRefused::Template { code } => {
            format!("Không có mẫu phiếu “{code}”; hãy dùng SAT, SAT-NTM, CONF, CONF2 hoặc ghi mẫu riêng.")
        }
        PlanRefused::Question { key } => {
            format!("Câu “{key}” phải có các mức để chọn, hoặc số ký tự để viết, không phải cả hai.")
        }
        PlanRefused::Holders { given } => {
            format!("Kế hoạch ghi {given} người giữ khóa; cần đúng {HOLDERS} người.")
        }
        PlanRefused::Over { closes, today } => format!(
            "Đợt trong kế hoạch đã đóng ngày {}; hôm nay, theo đồng hồ máy này, là ngày {}. Đồng hồ sai thì chỉnh lại; kế hoạch cũ thì xin văn phòng kế hoạch mới.",
            closes.vietnamese(),
            today.vietnamese()
        ),
        PlanRefused::Round(refused) => of_round(refused),
    }
}

/// The day of the machine, and what it means for a round that may still be answered.
pub fn of_today(round: &RoundDefinition, today: Day) -> String {
    let clock = format!("Hôm nay, theo đồng hồ máy này, là ngày {}.", today.vietnamese());
    match round.opens < today {
        true => format!(
            "{clock} Đợt đã mở từ ngày {}: lá thăm in hôm nay đến tay người dân muộn hơn thể lệ.",
            round.opens.vietnamese()
        ),
        false => clock,
    }
}

fn of_round(refused: &RoundRefused) -> String {
    match refused {
        RoundRefused::Text { place, refused } => format!("Mục “{}”: {}.", of_place(place), of_text(*refused)),
        RoundRefused::Template(refused) => of_template(refused),
        RoundRefused::Subjects => format!(
            "Câu hỏi và người được hỏi không khớp: hỏi về người thì cần từ 1 đến {SUBJECTS_MAX} người, không ai hai lần; hỏi về đơn vị thì không ghi người."
        ),
        RoundRefused::BallotTooLarge { given, limit } => {
            format!("Phiếu quá dài ({given} byte, nhiều nhất {limit}); hãy bớt câu viết hoặc bớt số ký tự.")
        }
        RoundRefused::Areas(refused) => of_areas(refused),
        RoundRefused::Days => {
            format!("Ngày mở, ngày đóng, ngày nhận muộn phải theo thứ tự, cách nhau không quá {DAYS_MAX} ngày.")
        }
        RoundRefused::Thresholds { group_min, side_min } => format!(
            "Nhóm nhỏ nhất {group_min} và ô nhỏ nhất {side_min} không được; nhóm từ {GROUP_MIN_LEAST} đến {GROUP_MIN_MOST}, ô từ {SIDE_MIN_LEAST} đến bằng nhóm."
        ),
        RoundRefused::Intake => {
            "Đợt góp ý (mẫu FREE) cần từ 1 đến 5 người tiếp nhận, ghi họ tên ở mục “intake”; đợt khác thì không ghi mục ấy."
                .to_owned()
        }
        RoundRefused::Holder { number, refused } => {
            format!("Người giữ khóa thứ {number}: {}.", of_holder(*refused))
        }
    }
}

fn of_areas(refused: &AreasRefused) -> String {
    match refused {
        AreasRefused::Count { given } => format!("Có {given} khu vực; một đợt có từ 1 đến {AREAS_MAX}."),
        AreasRefused::Name { number } => {
            format!("Tên khu vực thứ {number} (sau khi gộp) trống hoặc quá dài; hãy ghi tên ngắn hơn.")
        }
        AreasRefused::Small { name, eligible, least } => {
            format!("Khu vực “{name}” có {eligible} người, cần từ {least} trở lên; hãy gộp với khu vực bên cạnh.")
        }
        AreasRefused::Slips { name, slips, needed } => {
            format!("Khu vực “{name}” có {slips} lá thăm, cần {needed}.")
        }
    }
}

fn of_template(refused: &TemplateRefused) -> String {
    match refused {
        TemplateRefused::Text { place, refused } => {
            format!("Mẫu phiếu, mục “{}”: {}.", of_place(place), of_text(*refused))
        }
        TemplateRefused::QuestionCount { given } => {
            format!("Mẫu phiếu có {given} câu; cần từ 1 đến {QUESTIONS_MAX}.")
        }
        TemplateRefused::KeyTwice { key } => format!("Mẫu phiếu có hai câu cùng tên “{key}”."),
        TemplateRefused::Options { key } => {
            format!("Câu “{key}” cần từ 2 đến {OPTIONS_MAX} mức, có mức thuận và mức còn lại.")
        }
        TemplateRefused::TextLength { key } => {
            format!("Câu viết “{key}” cần từ 1 đến {TEXT_CHARS_MAX} ký tự.")
        }
    }
}

fn of_holder(refused: HolderRefused) -> String {
    match refused {
        HolderRefused::Text(text) => format!("họ tên hoặc tổ chức, {}", of_text(text)),
        HolderRefused::Twice => "trùng với người khác; cần ba người khác nhau".to_owned(),
        HolderRefused::IsSubject => "là người được lấy ý kiến; hãy chọn người khác".to_owned(),
        HolderRefused::IsSuperior => "là cấp trên của người được lấy ý kiến; hãy chọn người khác".to_owned(),
        HolderRefused::IsSubordinate => "là cấp dưới của người được lấy ý kiến; hãy chọn người khác".to_owned(),
        HolderRefused::IsRated => "thuộc đơn vị được đánh giá; hãy chọn người khác".to_owned(),
        HolderRefused::IsOperator => "là người vận hành máy chủ; hãy chọn người khác".to_owned(),
        HolderRefused::TwoFromOffice => "là người thứ hai của văn phòng; nhiều nhất một người".to_owned(),
    }
}

fn of_text(refused: TextRefused) -> String {
    match refused {
        TextRefused::Blank => "chưa ghi gì".to_owned(),
        TextRefused::TooLong { given, limit } => format!("dài {given} ký tự, nhiều nhất {limit}"),
        TextRefused::Invisible => "có ký tự không nhìn thấy được, hãy gõ lại".to_owned(),
    }
}

/// Names of places as the office knows them.
fn of_place(place: &str) -> &str {
    match place {
        "title" => "tên",
        "electorate" => "ai được trả lời",
        "reference" => "căn cứ pháp luật",
        "subject" => "người được lấy ý kiến",
        "post" => "chức vụ",
        "organiser" => "đơn vị tổ chức",
        "person" => "mã người",
        "unit" => "mã đơn vị",
        "opens" => "ngày mở",
        "closes" => "ngày đóng",
        "grace" => "ngày nhận muộn",
        "about" => "lấy ý kiến về ai",
        "template" => "mẫu phiếu",
        "neighbourhoods" => "các tổ dân phố",
        "eligible" => "số người được trả lời",
        "standing" => "giá trị của kết quả",
        "denominator" => "tỷ lệ tính trên",
        "holders" => "người giữ khóa",
        "name" => "họ tên hoặc tên tổ",
        "body" => "tổ chức",
        "code" => "mã mẫu phiếu",
        "key" => "tên câu",
        other => other,
    }
}
