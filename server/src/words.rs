//! What an operator reads: one sentence that says what happened, what is not lost, and what to do.
//!
//! Exhaustive: a new failure is a compile error here until somebody has thought about its words.

use crate::failure::ServerFailed;
use crate::settings::{Language, SettingsRefused};

/// A failure in words.
pub fn of_failure(failed: &ServerFailed, language: Language) -> String {
    let (vi, en) = match failed {
        ServerFailed::DiskFull => (
            "Ổ đĩa đã đầy nên không lưu thêm được; mọi thứ đã báo nhận vẫn còn nguyên; hãy giải phóng dung lượng rồi chạy lại.",
            "The disk is full, so nothing more can be stored; everything acknowledged is safe; free some space and start again.",
        ),
        ServerFailed::ReadOnly => (
            "Không ghi được vào thư mục dữ liệu; dữ liệu cũ không bị động đến; hãy cấp quyền ghi cho thư mục rồi chạy lại.",
            "The data folder cannot be written; nothing in it was touched; give this user the right to write and start again.",
        ),
        ServerFailed::Damaged => (
            "Tệp cơ sở dữ liệu bị hỏng và không được dùng tiếp; tệp vẫn giữ nguyên; hãy phục hồi bằng lệnh: langnghe restore --from <bản sao lưu>.",
            "The database file is damaged and is not used; it was left as it is; restore with: langnghe restore --from <backup>.",
        ),
        ServerFailed::Busy => (
            "Một tiến trình khác đang giữ cơ sở dữ liệu; không có gì bị mất; hãy đợi một lát rồi thử lại.",
            "Another process holds the database; nothing is lost; wait a moment and try again.",
        ),
        ServerFailed::Interrupted => (
            "Công việc bị ngắt trước khi lưu; không có gì bị lưu dở; hãy thử lại.",
            "The work was interrupted before it was stored; nothing is half done; try again.",
        ),
        ServerFailed::Unreadable => (
            "Không đọc được một tệp của máy chủ; không có gì bị thay đổi; hãy kiểm tra ổ đĩa và đường dẫn bằng lệnh: langnghe doctor.",
            "A file of the server cannot be read; nothing was changed; check the disk and the paths with: langnghe doctor.",
        ),
        ServerFailed::UnfitEngine => (
            "Bản cài đặt này có bộ máy cơ sở dữ liệu không đủ an toàn; dữ liệu không bị động đến; hãy cài lại bản phát hành chính thức.",
            "This build has a database engine that is not safe enough; no data was touched; install an official release.",
        ),
        ServerFailed::NewerVersion { found, known } => {
            return match language {
                Language::Vi => format!(
                    "Dữ liệu thuộc phiên bản {found}, chương trình này chỉ biết đến {known}; dữ liệu không bị động đến; hãy cài bản mới hơn."
                ),
                Language::En => format!(
                    "The data has version {found}, this program knows {known}; no data was touched; install a newer release."
                ),
            };
        }
        ServerFailed::FolderInUse => (
            "Thư mục dữ liệu đang được một máy chủ khác dùng; không có gì bị mất; hãy dừng máy chủ đó trước.",
            "Another server is using the data folder; nothing is lost; stop that server first.",
        ),
        ServerFailed::AddressInUse => (
            "Cổng này đã có chương trình khác dùng; không có gì bị mất; hãy chọn cổng khác bằng --port.",
            "The port is used by another program; nothing is lost; choose another one with --port.",
        ),
        ServerFailed::AddressRefused => (
            "Máy này không mở được địa chỉ hoặc cổng đã chọn; không có gì bị mất; hãy sửa --address hoặc chọn cổng trên 1023.",
            "This machine cannot open the address or port; nothing is lost; change --address or choose a port above 1023.",
        ),
        ServerFailed::Superseded => (
            "Đã có một máy chủ mới thay máy này nên máy này dừng lại; dữ liệu vẫn còn, điện thoại tự gửi lại cho máy mới; đừng chạy lại máy này.",
            "A newer server has replaced this one, so this one stops; phones bring everything to the new one; do not start this one again.",
        ),
        ServerFailed::IdentityLost => (
            "Thiếu tệp identity.key nên điện thoại sẽ không nhận ra máy chủ; dữ liệu vẫn còn nguyên; hãy chép lại tệp này từ bản sao thứ hai hoặc nơi cất giữ.",
            "The file identity.key is missing, and phones would not know the server; the data is untouched; put the file back from the second copy or from where it is kept.",
        ),
        ServerFailed::IdentityMalformed => (
            "Tệp identity.key bị hỏng; dữ liệu vẫn còn nguyên; hãy chép lại tệp này từ bản sao thứ hai hoặc nơi cất giữ.",
            "The file identity.key is damaged; the data is untouched; put the file back from the second copy or from where it is kept.",
        ),
        ServerFailed::ClockWrong => (
            "Đồng hồ của máy này sai nhiều năm nên hạn nộp sẽ bị tính sai; chưa có gì bị ghi; hãy chỉnh lại ngày giờ rồi chạy lại.",
            "This machine's clock is years off, and deadlines would be judged wrongly; nothing was written; set date and time and start again.",
        ),
        ServerFailed::CopyAhead { rows } => {
            return match language {
                Language::Vi => format!(
                    "Bản sao thứ hai có nhiều hơn cơ sở dữ liệu {rows} dòng; không có gì bị ghi đè; hãy phục hồi từ tệp langnghe.db trong thư mục bản sao bằng lệnh: langnghe restore --from <tệp>."
                ),
                Language::En => format!(
                    "The second copy holds {rows} rows more than the database; nothing was overwritten; restore from the file langnghe.db in the copy's folder with: langnghe restore --from <file>."
                ),
            };
        }
        ServerFailed::TargetExists => (
            "Tệp đích đã có và không bị ghi đè; hãy chọn tên khác.",
            "The target file exists and was not overwritten; choose another name.",
        ),
        ServerFailed::NoServer => (
            "Không có máy chủ nào trong thư mục này; chưa có gì được tạo hay thay đổi; hãy kiểm tra lại --data.",
            "There is no server in this folder; nothing was made or changed; check --data.",
        ),
        ServerFailed::MembershipForeign => (
            "Tệp thành viên không phải của Lắng Nghe; tệp vẫn giữ nguyên và chưa có gì được chạy; hãy sửa --membership-file hoặc chép lại tệp đúng.",
            "The membership file is not one of Lắng Nghe; it was left as it is and nothing was run; correct --membership-file or put the right file back.",
        ),
        ServerFailed::ForeignBackup => (
            "Bản sao lưu này là của một máy chủ khác; dữ liệu hiện có không bị động đến; hãy chọn bản sao lưu của chính máy chủ này.",
            "This backup is of another server; the present data was not touched; choose a backup of this server.",
        ),
        ServerFailed::Defect => (
            "Chương trình gặp lỗi nội bộ; những gì đã báo nhận vẫn còn; hãy chạy lại và gửi nhật ký cho người bảo trì.",
            "The program met a defect of its own; everything acknowledged is safe; start again and send the log to the maintainers.",
        ),
    };
    pick(language, vi, en).to_owned()
}

/// Settings that cannot be used, in words.
pub fn of_settings(refused: SettingsRefused, language: Language) -> &'static str {
    match refused {
        SettingsRefused::PublicAddress => pick(
            language,
            "Địa chỉ công khai phải bắt đầu bằng http:// hoặc https:// và không có dấu cách; hãy sửa --public-address.",
            "The public address must begin with http:// or https:// and have no spaces; correct --public-address.",
        ),
        SettingsRefused::SecondCopy => pick(
            language,
            "Bản sao thứ hai phải nằm ở thư mục khác, tốt nhất trên ổ đĩa khác; hãy sửa --second-copy.",
            "The second copy must lie in another folder, best on another disk; correct --second-copy.",
        ),
    }
}

/// The sentence of a language.
pub const fn pick<'a>(language: Language, vi: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}
