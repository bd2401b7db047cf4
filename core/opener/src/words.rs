//! What the people at the table read: what happened, and what to do. Every refusal is one sentence or two.
//!
//! Exhaustive: a new refusal is a compile error here until somebody has thought about its words.

mod round;

use std::path::Path;

use model::feedback::CONTENT_CHARS_MAX;
use model::feedback::case::PARAPHRASE_CHARS_MAX;
use model::opening::InputRefused;
use model::outcome::{OutcomeRefused, REASON_CHARS_MAX};
use model::time::Day;

use crate::count::CountRefused;
use crate::desk::CONFIRMED;
use crate::failure::OpenerFailed;
use crate::files::{FileCause, FileFault};
use crate::intake::IntakeRefused;
use crate::packet::PacketRefused;
use crate::passphrase::{PASSPHRASE_CHARS_MAX, PASSPHRASE_CHARS_MIN, PassphraseRefused};
use crate::share::ShareRefused;

pub use model::publication::words::of_blocked;
pub use round::{of_plan, of_today};

/// A failure in words.
pub fn of_failure(failed: &OpenerFailed) -> String {
    match failed {
        OpenerFailed::File(fault) => of_file(fault),
        OpenerFailed::Plan(refused) => of_plan(refused),
        OpenerFailed::Passphrase(refused) => of_passphrase(*refused),
        OpenerFailed::Share(refused) => of_share(*refused),
        OpenerFailed::Input(refused) => of_input(*refused).to_owned(),
        OpenerFailed::TooEarly { grace, today } => of_too_early(*grace, *today),
        OpenerFailed::Count(refused) => of_count(*refused),
        OpenerFailed::Packet(refused) => of_packet(*refused).to_owned(),
        OpenerFailed::Intake(refused) => of_intake(*refused),
        OpenerFailed::Outcome(refused) => of_outcome(*refused).to_owned(),
        OpenerFailed::NotSigned(_) => {
            "Tệp này không phải bản công bố đợt mà ba người giữ khóa đã ký; hãy chọn tệp cong-bo.lnr của buổi lập khóa."
                .to_owned()
        }
        OpenerFailed::NoScreeners => {
            "Đợt này có ý kiến viết, cần hai người sàng lọc; hãy ghi --screener hai lần, hoặc --without-texts để chưa lấy ý kiến viết ra."
                .to_owned()
        }
        OpenerFailed::NobodyThere => {
            "Cần có người trả lời ở cửa sổ dòng lệnh; hãy chạy lại trong cửa sổ dòng lệnh, hoặc ghi đủ các thiết lập."
                .to_owned()
        }
        OpenerFailed::Stopped => "Đã dừng theo ý người ngồi máy; không có gì được ghi ra.".to_owned(),
        OpenerFailed::SamePair => {
            "Hai người này đã đếm lần đầu; cặp đếm lại phải có ít nhất một người khác, hãy mời người giữ khóa thứ ba.".to_owned()
        }
        OpenerFailed::ReasonsMissing { needed } => format!(
            "Có {needed} điều không khớp như vừa nêu. Muốn đếm tiếp thì ghi đủ {needed} lần --reason theo thứ tự đó; lý do được in trong biên bản."
        ),
        OpenerFailed::NotPrinted { sheets, folder } => of_sheets_left(sheets, folder),
        OpenerFailed::NotTheSheets { file } => format!(
            "Tệp “{}” không phải tờ lá thăm của buổi lập khóa này nên không bị xóa; hãy ghi đúng tệp ở --sheets.",
            file.display()
        ),
        OpenerFailed::NotLookedAt => {
            "Chưa mở tờ lá thăm lần nào nên chưa xóa mã; hãy bấm MỞ TỜ ĐỂ IN, in và đếm đủ tờ đã.".to_owned()
        }
        OpenerFailed::NoWatch => "Máy không cho chương trình dừng có trật tự; hãy khởi động lại máy rồi chạy lại.".to_owned(),
        OpenerFailed::NoPage => {
            "Không mở được trang trên máy này; hãy tắt bớt chương trình khác rồi chạy lại, hoặc dùng dòng lệnh.".to_owned()
        }
    }
}

/// Sheets that nobody confirmed to be printed.
fn of_sheets_left(sheets: &Path, folder: &Path) -> String {
    format!(
        "Chưa ai gõ “{CONFIRMED}” nên chưa xóa gì và chưa có bản công bố. Tệp “{}” giữ mọi mã lá thăm: hãy in ngay, đếm đủ tờ, rồi xóa tệp và hoàn tất bằng lệnh: langnghe-open printed --sheets \"{0}\" --out \"{}\"",
        sheets.display(),
        folder.display()
    )
}

/// A file that cannot be used.
pub fn of_file(fault: &FileFault) -> String {
    if fault.path.as_os_str().is_empty() {
        return "Chưa chọn gì; hãy bấm chọn một dòng rồi đi tiếp.".to_owned();
    }
    let path = fault.path.display();
    match fault.cause {
        FileCause::Missing => format!("Không thấy “{path}”; hãy xem lại tên tệp và thư mục."),
        FileCause::Exists => format!("Đã có “{path}” và không ghi đè lên; hãy chọn thư mục khác hoặc cất tệp cũ đi."),
        FileCause::Forbidden => format!("Không có quyền đọc hoặc ghi “{path}”; hãy chọn thư mục của mình."),
        FileCause::TooLarge => format!("“{path}” quá lớn so với loại tệp này; hãy chọn đúng tệp."),
        FileCause::Full => format!("Ổ đĩa đã đầy nên không ghi được “{path}”; hãy giải phóng chỗ rồi làm lại."),
        FileCause::OtherKind => format!("“{path}” là thư mục mà cần tệp, hoặc ngược lại; hãy chọn lại."),
        FileCause::Failing => format!("Ổ đĩa không đọc hoặc không ghi được “{path}”; hãy thử ổ khác."),
    }
}

/// Words that are no passphrase.
pub fn of_passphrase(refused: PassphraseRefused) -> String {
    match refused {
        PassphraseRefused::Short { given } => {
            format!("Câu khóa mới có {given} ký tự, cần ít nhất {PASSPHRASE_CHARS_MIN}; nên dùng sáu từ trở lên.")
        }
        PassphraseRefused::Long { given } => {
            format!("Câu khóa có {given} ký tự, dài nhất {PASSPHRASE_CHARS_MAX}; hãy viết ngắn hơn.")
        }
        PassphraseRefused::Differ => "Hai lần viết không giống nhau; hãy viết lại cả hai lần.".to_owned(),
        PassphraseRefused::Shared => {
            "Hai người đặt cùng một câu khóa nên nay biết câu của nhau. Làm lại từ người đầu: mỗi người một câu mới, không bàn trước với ai.".to_owned()
        }
    }
}

/// A share that does not help.
pub fn of_share(refused: ShareRefused) -> String {
    match refused {
        ShareRefused::Unreadable => {
            "Tệp này không phải phần khóa, hoặc của bản mới hơn; hãy chọn tệp phan-khoa-….lnk.".to_owned()
        }
        ShareRefused::Damaged => {
            "Tệp phần khóa đã hỏng; hãy dùng bản sao khác của tệp, hoặc mời người giữ khóa thứ ba.".to_owned()
        }
        ShareRefused::OtherRound { holder } => {
            format!("Phần khóa của người thứ {holder} thuộc đợt khác; hãy đưa đúng tệp của đợt này.")
        }
        ShareRefused::WrongPassphrase { holder } => format!(
            "Câu khóa của người thứ {holder} không đúng; hãy viết lại, chú ý dấu và chữ hoa. Thử bao nhiêu lần cũng được."
        ),
        ShareRefused::OneHolder => "Cần phần khóa của hai người khác nhau; hãy mời thêm một người giữ khóa.".to_owned(),
        ShareRefused::WrongKey => {
            "Hai phần khóa này không ghép thành khóa của đợt; hãy mời người giữ khóa thứ ba.".to_owned()
        }
    }
}

/// A file that the holders do not open.
pub fn of_input(refused: InputRefused) -> &'static str {
    match refused {
        InputRefused::Unreadable => {
            "Tệp này không phải tệp hòm phiếu, bị cắt cụt, hoặc của bản mới hơn; hãy chép lại từ máy chủ."
        }
        InputRefused::Changed => {
            "Tệp hòm phiếu đã bị sửa sau khi máy chủ ghi ra. Chưa mở phiếu nào; hãy chép lại từ máy chủ và ghi việc này vào biên bản."
        }
        InputRefused::NotSigned => {
            "Thể lệ đợt trong tệp không phải bản ba người giữ khóa đã ký. Chưa mở phiếu nào; hãy hỏi văn phòng vì sao."
        }
        InputRefused::ListsBroken => {
            "Danh sách phong bì máy chủ đã ký nhận bị đứt đoạn hoặc chưa khóa sổ. Chưa mở phiếu nào; hãy xin văn phòng tệp khác."
        }
        InputRefused::BoxChanged => {
            "Phong bì trong tệp không đúng với hòm đã niêm phong. Chưa công bố gì; hãy chép lại từ máy chủ."
        }
        InputRefused::Feedback => {
            "Đây là đợt góp ý: góp ý được đọc chứ không đếm. Hãy chọn việc “Đọc và trả lời góp ý”, hoặc dùng lệnh read."
        }
        InputRefused::Ballots => {
            "Đây là đợt lấy phiếu: phiếu được đếm chứ không đọc. Hãy chọn việc “Mở hòm phiếu và đếm”, hoặc dùng lệnh open."
        }
        InputRefused::TooEarly => {
            "Chưa qua ngày nhận muộn nên phong bì còn có thể về; hãy mở vào ngày khác theo thể lệ."
        }
        InputRefused::PublishedAlready => {
            "Đợt này đã công bố, hoặc cùng câu hỏi đã hỏi cùng người trong 90 ngày; một đợt chỉ công bố một lần."
        }
        InputRefused::WrongKey => "Hai phần khóa này không ghép thành khóa của đợt; hãy mời người giữ khóa thứ ba.",
        InputRefused::BookChanged => {
            "Sổ lá thăm trong tệp không phải sổ của buổi lập khóa. Chưa mở phiếu nào; hãy lấy lại cong-bo.lnr gốc."
        }
        InputRefused::ReturnedBroken => {
            "Một danh sách lá thăm trả lại không đọc được; hãy xin văn phòng tệp khác, hoặc quét lại lá thăm chưa phát."
        }
    }
}

fn of_intake(refused: IntakeRefused) -> String {
    match refused {
        IntakeRefused::NoKey => {
            "Tệp này không phải khóa tiếp nhận, hoặc đã hỏng; hãy chọn tệp tiep-nhan.lni.".to_owned()
        }
        IntakeRefused::OtherRound => "Khóa này của đợt khác; hãy chọn khóa của đúng đợt này.".to_owned(),
        IntakeRefused::WrongPassphrase => "Câu khóa không đúng; hãy viết lại, để ý dấu và khoảng trắng.".to_owned(),
        IntakeRefused::TooFew { from } => format!(
            "Chưa đủ năm góp ý mới để đọc chung một lần, nên chưa mở. Hãy quay lại khi có thêm, hoặc từ ngày {}: khi đó ít hơn cũng đọc được. Đọc từng tờ một thì dễ đoán ra ai viết.",
            from.vietnamese()
        ),
        IntakeRefused::NoLedger => {
            "Sổ tiếp nhận trong thư mục này hỏng hoặc của người khác; hãy chọn đúng thư mục của lần đọc trước."
                .to_owned()
        }
        IntakeRefused::NoLedgerYet => {
            "Thư mục này chưa có sổ tiếp nhận. Nếu đã đọc đợt này ở thư mục khác thì chọn đúng thư mục ấy; nếu đây là lần đọc đầu tiên thì ghi thêm --first."
                .to_owned()
        }
        IntakeRefused::LedgerMoved => {
            "Có người khác vừa ghi sổ này; chưa ghi gì. Hãy làm lại từ đầu, mỗi lúc chỉ một máy mở sổ.".to_owned()
        }
        IntakeRefused::Clock { today } => format!(
            "Đồng hồ máy này chỉ ngày {}, không thể đúng với đợt này hoặc với lần đọc trước; hãy chỉnh đồng hồ rồi làm lại.",
            today.vietnamese()
        ),
        IntakeRefused::BoxWentBack => {
            "Hòm này thiếu phong bì mà máy chủ đã ghi là nhận, hoặc không nối tiếp hòm lần trước; đọc thì có tờ bị đọc riêng. Hãy xin văn phòng tệp hòm khác."
                .to_owned()
        }
        IntakeRefused::ThisMonth { day } => format!(
            "Câu trả lời của tháng này đã niêm phong ngày {}; mất tệp thì máy ghi lại. Câu trả lời mới nằm trong tệp tháng sau.",
            day.vietnamese()
        ),
        IntakeRefused::Words { number } => format!(
            "Góp ý thứ {number}: cần có lời đã sàng lọc (nhiều nhất {CONTENT_CHARS_MAX} ký tự) và một dòng tóm ý (nhiều nhất {PARAPHRASE_CHARS_MAX} ký tự)."
        ),
        IntakeRefused::Undecided { number } => {
            format!("Góp ý thứ {number}: hãy chọn một trong ba cách xử lý rồi bấm TIẾP.")
        }
        IntakeRefused::Decisions { given, texts } => format!("Mới xử lý {given} trong {texts} góp ý."),
        IntakeRefused::NoAnswers => {
            "Tệp này không phải tệp câu trả lời của đợt này; hãy chọn tệp .lna do máy chủ ghi ra.".to_owned()
        }
    }
}

fn of_too_early(grace: Day, today: Day) -> String {
    format!(
        "Phong bì của đợt còn được nhận đến hết ngày {}; hôm nay, theo đồng hồ máy này, là ngày {}. Hãy mở sau ngày nhận muộn; nếu đồng hồ máy sai thì chỉnh lại.",
        grace.vietnamese(),
        today.vietnamese()
    )
}

/// Why a count does not leave.
pub fn of_count(refused: CountRefused) -> String {
    match refused {
        CountRefused::Blocked(blocked) => format!(
            "{} Ít phiếu như vậy thì không đếm, để không ai bị nhận ra; không có gì được ghi ra.",
            of_blocked(blocked)
        ),
        CountRefused::NoReason(blocked) => {
            format!("{} Muốn đếm tiếp thì phải ghi lý do; lý do được in trong biên bản.", of_blocked(blocked))
        }
        CountRefused::Paper { left, printed } => format!(
            "Chưa phát cộng hỏng là {left} lá, nhiều hơn {printed} lá đã in; không thể như vậy, hãy đếm lại giấy trên bàn."
        ),
        CountRefused::Superfluous { given, needed } => {
            format!("Ghi {given} lý do mà chỉ có {needed} điều không khớp; hãy bỏ lý do thừa.")
        }
        CountRefused::Reason => {
            format!("Lý do dài quá {REASON_CHARS_MAX} ký tự hoặc có ký tự không in được; hãy viết lại.")
        }
    }
}

/// Screeners and packets.
pub fn of_packet(refused: PacketRefused) -> &'static str {
    match refused {
        PacketRefused::Unnamed => "Chưa ghi họ tên người sàng lọc; hãy ghi đủ họ tên.",
        PacketRefused::Screeners => "Hai người sàng lọc phải là hai người khác nhau, ghi đủ họ tên.",
        PacketRefused::Unreadable => {
            "Tệp này không phải gói ý kiến viết, hoặc của bản mới hơn; hãy chọn tệp goi-y-kien-….lnt."
        }
        PacketRefused::DoesNotOpen => {
            "Một trong hai câu khóa không đúng, hoặc tệp đã hỏng; hãy viết lại cả hai theo thứ tự tên."
        }
    }
}

/// A result that cannot be used.
pub fn of_outcome(refused: OutcomeRefused) -> &'static str {
    match refused {
        OutcomeRefused::Unreadable => "Tệp này không phải kết quả kiểm phiếu; hãy chọn tệp ket-qua.lnx.",
        OutcomeRefused::NotSigned => {
            "Kết quả không thuộc đợt này hoặc không do hai người giữ khóa ký; hãy chọn đúng tệp."
        }
        OutcomeRefused::NoReason => "Kết quả được ghi khi không được đếm tiếp, hoặc thiếu lý do; không được công bố.",
        OutcomeRefused::NotRecounted => {
            "Chưa có cặp người giữ khóa khác đếm lại; hãy mời cặp khác đếm lại trên máy khác."
        }
        OutcomeRefused::RecountDiffers => {
            "Cặp thứ hai đếm ra kết quả khác. Không được công bố; hãy đếm lại trên máy thứ ba và ghi vào biên bản."
        }
    }
}
