//! What an operator reads: one sentence that says what happened, what is not lost, and what to do.
//!
//! Exhaustive: a new failure is a compile error here until somebody has thought about its words.

use std::path::Path;

use crate::advice::{of_copy_ahead, of_damaged, of_no_server, of_port, of_superseded, of_unreadable};
use crate::disk::Nearness;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, FileFault};
use crate::settings::{Language, Settings, SettingsRefused};

/// A failure in words, with the orders that mend it as they can be typed.
pub fn of_failure(failed: &ServerFailed, settings: &Settings) -> String {
    let language = settings.language;
    let (vi, en) = match failed {
        ServerFailed::DiskFull => (
            "Ổ đĩa đã đầy nên không lưu thêm được; mọi thứ đã báo nhận vẫn còn nguyên; hãy giải phóng dung lượng rồi chạy lại.",
            "The disk is full, so nothing more can be stored; everything acknowledged is safe; free some space and start again.",
        ),
        ServerFailed::ReadOnly => (
            "Không ghi được vào thư mục dữ liệu; dữ liệu cũ không bị động đến; hãy cấp quyền ghi cho thư mục rồi chạy lại.",
            "The data folder cannot be written; nothing in it was touched; give this user the right to write and start again.",
        ),
        ServerFailed::Damaged => return of_damaged(settings),
        ServerFailed::Busy => (
            "Một chương trình khác đang giữ cơ sở dữ liệu; không có gì bị mất; hãy đợi một lát rồi thử lại.",
            "Another program holds the database; nothing is lost; wait a moment and try again.",
        ),
        ServerFailed::Interrupted => (
            "Công việc bị ngắt trước khi lưu; không có gì bị lưu dở; hãy thử lại.",
            "The work was interrupted before it was stored; nothing is half done; try again.",
        ),
        ServerFailed::Unreadable => return of_unreadable(settings),
        ServerFailed::UnfitEngine => (
            "Bản cài đặt này có bộ máy cơ sở dữ liệu không đủ an toàn; dữ liệu không bị động đến; hãy cài lại bản phát hành chính thức.",
            "This build has a database engine that is not safe enough; no data was touched; install an official release.",
        ),
        ServerFailed::NewerVersion { found, known } => return of_version(*found, *known, language),
        ServerFailed::FolderInUse => (
            "Thư mục dữ liệu đang được một máy chủ khác dùng; không có gì bị mất; hãy dừng máy chủ đó trước.",
            "Another server is using the data folder; nothing is lost; stop that server first.",
        ),
        ServerFailed::AddressInUse { port } => return of_port(*port, settings),
        ServerFailed::AddressRefused => (
            "Máy này không mở được địa chỉ hoặc cổng đã chọn; không có gì bị mất; hãy sửa --address hoặc chọn cổng trên 1023.",
            "This machine cannot open the address or port; nothing is lost; change --address or choose a port above 1023.",
        ),
        ServerFailed::Superseded => return of_superseded(settings),
        ServerFailed::WentBack => (
            "Cả thư mục dữ liệu đã lùi về một thời điểm cũ; điện thoại sẽ gửi lại phần đã mất; máy chủ chạy lại từ đầu và chờ các điện thoại.",
            "The whole data folder went back to an earlier time; phones bring back what is lost; the server starts anew and waits for them.",
        ),
        ServerFailed::IdentityLost => (
            "Thiếu tệp identity.key nên điện thoại sẽ không nhận ra máy chủ; dữ liệu vẫn còn nguyên; hãy chép lại tệp này vào thư mục dữ liệu, từ bản sao thứ hai hoặc nơi cất giữ.",
            "The file identity.key is missing, and phones would not know the server; the data is untouched; put the file back into the data folder, from the second copy or from where it is kept.",
        ),
        ServerFailed::IdentityForeign => (
            "Tệp identity.key là của một máy chủ khác nên điện thoại sẽ không tin máy này; dữ liệu vẫn còn nguyên; hãy đặt lại đúng tệp, từ bản sao thứ hai hoặc nơi cất giữ.",
            "The file identity.key is another server's, and phones would not believe this one; the data is untouched; put the right file back, from the second copy or from where it is kept.",
        ),
        ServerFailed::CopyForeign => (
            "Thư mục bản sao thứ hai là của một máy chủ khác nên được giữ nguyên; hãy ghi đúng --second-copy hoặc chọn một thư mục trống.",
            "The folder of the second copy is another server's and was left as it is; correct --second-copy or choose an empty folder.",
        ),
        ServerFailed::IdentityMalformed => (
            "Tệp identity.key bị hỏng; dữ liệu vẫn còn nguyên; hãy chép lại tệp này vào thư mục dữ liệu, từ bản sao thứ hai hoặc nơi cất giữ.",
            "The file identity.key is damaged; the data is untouched; put the file back into the data folder, from the second copy or from where it is kept.",
        ),
        ServerFailed::ClockWrong => (
            "Đồng hồ của máy này sai nhiều năm nên hạn nộp sẽ bị tính sai; chưa có gì bị ghi; hãy chỉnh lại ngày giờ rồi chạy lại.",
            "This machine's clock is years off, and deadlines would be judged wrongly; nothing was written; set date and time and start again.",
        ),
        ServerFailed::CopyAhead { rows } => return of_copy_ahead(*rows, settings),
        ServerFailed::NoServer => return of_no_server(settings),
        ServerFailed::MembershipForeign { path } => return of_membership(path, language),
        ServerFailed::ForeignBackup => (
            "Bản sao lưu này là của một máy chủ khác; dữ liệu hiện có không bị động đến; hãy chọn bản sao lưu của chính máy chủ này.",
            "This backup is of another server; the present data was not touched; choose a backup of this server.",
        ),
        ServerFailed::File(fault) => return of_file(fault, language),
        ServerFailed::CopyRefused(fault) => return of_copy(fault, language),
        ServerFailed::Defect => (
            "Chương trình gặp lỗi nội bộ; những gì đã báo nhận vẫn còn; hãy chạy lại và gửi nhật ký cho người bảo trì.",
            "The program met a defect of its own; everything acknowledged is safe; start again and send the log to the maintainers.",
        ),
    };
    pick(language, vi, en).to_owned()
}

fn of_version(found: u32, known: u32, language: Language) -> String {
    match language {
        Language::Vi => format!(
            "Dữ liệu thuộc phiên bản {found}, chương trình này chỉ biết đến {known}; dữ liệu không bị động đến; hãy cài bản mới hơn."
        ),
        Language::En => format!(
            "The data has version {found}, this program knows {known}; no data was touched; install a newer release."
        ),
    }
}

fn of_membership(path: &str, language: Language) -> String {
    match language {
        Language::Vi => format!(
            "Tệp thành viên «{path}» không phải của Lắng Nghe; tệp vẫn giữ nguyên và chưa có gì được chạy; hãy chỉ đúng tệp bằng --membership-file, hoặc --membership khi phục hồi."
        ),
        Language::En => format!(
            "The membership file \"{path}\" is not one of Lắng Nghe; it was left as it is and nothing was run; name the right file with --membership-file, or with --membership in a restore."
        ),
    }
}

fn of_file(fault: &FileFault, language: Language) -> String {
    let (path, cause, advice) = (&fault.path, of_cause(fault.cause, language), advice(fault.cause, language));
    match language {
        Language::Vi => format!("Không dùng được «{path}»: {cause}; không có gì bị mất; {advice}."),
        Language::En => format!("\"{path}\" cannot be used: {cause}; nothing is lost; {advice}."),
    }
}

fn of_copy(fault: &FileFault, language: Language) -> String {
    let (path, cause, advice) = (&fault.path, of_cause(fault.cause, language), advice(fault.cause, language));
    match language {
        Language::Vi => format!(
            "Bản sao thứ hai không ghi được vào «{path}»: {cause}; máy chủ chưa chạy và không có gì bị mất; {advice}, hoặc đặt --second-copy vào thư mục khác."
        ),
        Language::En => format!(
            "The second copy cannot be written to \"{path}\": {cause}; the server was not started and nothing is lost; {advice}, or set --second-copy to another folder."
        ),
    }
}

const fn of_cause(cause: FileCause, language: Language) -> &'static str {
    let (vi, en) = match cause {
        FileCause::Missing => ("không có tệp hoặc thư mục này", "there is no such file or folder"),
        FileCause::Forbidden => {
            ("tài khoản chạy lệnh này không có quyền", "the account that runs this has no right to it")
        }
        FileCause::Folder => ("đây là thư mục, không phải tệp", "it is a folder, not a file"),
        FileCause::NoFolder => ("đây là tệp, không phải thư mục", "it is a file, not a folder"),
        FileCause::Damaged => ("tệp bị hỏng hoặc không phải của Lắng Nghe", "it is damaged or not of Lắng Nghe"),
        FileCause::ReadOnly => ("ổ đĩa này chỉ đọc được, không ghi được", "its disk can be read but not written"),
        FileCause::Failing => ("ổ đĩa không đọc hoặc không ghi được", "the disk cannot read or write it"),
        FileCause::Exists => ("tệp này đã có và không bị ghi đè", "it exists already and is not overwritten"),
        FileCause::Held => ("một lần sao lưu khác đang ghi tệp này", "another backup is just writing it"),
        FileCause::NoText => ("đây không phải tệp chữ", "it is not a text file"),
    };
    pick(language, vi, en)
}

const fn advice(cause: FileCause, language: Language) -> &'static str {
    let (vi, en) = match cause {
        FileCause::Missing => ("hãy kiểm tra lại đường dẫn", "check the path"),
        FileCause::Forbidden => (
            "hãy cấp quyền cho tài khoản này, hoặc dùng tài khoản chạy máy chủ",
            "give this account the right, or use the account that runs the server",
        ),
        FileCause::Folder => ("hãy ghi đường dẫn đến một tệp", "name a file"),
        FileCause::NoFolder => ("hãy ghi đường dẫn đến một thư mục", "name a folder"),
        FileCause::Damaged => (
            "hãy chọn tệp khác: một bản sao lưu khác, hoặc langnghe.db trong thư mục bản sao thứ hai",
            "choose another file: another backup, or langnghe.db in the folder of the second copy",
        ),
        FileCause::ReadOnly => {
            ("hãy cho ghi vào ổ đĩa này hoặc chọn ổ khác", "let the disk be written or choose another one")
        }
        FileCause::Failing => ("hãy kiểm tra ổ đĩa rồi thử lại", "check the disk and try again"),
        FileCause::Exists => ("hãy chọn tên khác", "choose another name"),
        FileCause::Held => {
            ("hãy đợi lần ấy xong, hoặc chọn tên khác", "wait until that one is done, or choose another name")
        }
        FileCause::NoText => (
            "hãy lưu câu trả lời thành tệp chữ (.txt, UTF-8), hoặc ghi thẳng bằng --text",
            "save the answer as a text file (.txt, UTF-8), or write it with --text",
        ),
    };
    pick(language, vi, en)
}

/// A second copy that the fault of one disk takes too, in words.
pub const fn of_nearness(nearness: Nearness, language: Language) -> Option<&'static str> {
    match nearness {
        Nearness::OtherDisk => None,
        Nearness::SameDisk => Some(pick(
            language,
            "Bản sao thứ hai nằm cùng ổ đĩa với dữ liệu: ổ đĩa hỏng thì mất cả hai; hãy đặt --second-copy vào ổ đĩa khác.",
            "The second copy is on the same disk as the data: a broken disk takes both; set --second-copy to another disk.",
        )),
        Nearness::Inside => Some(pick(
            language,
            "Bản sao thứ hai nằm trong thư mục dữ liệu: mất thư mục này là mất cả hai; hãy đặt --second-copy vào ổ đĩa khác.",
            "The second copy lies inside the data folder: who loses that loses both; set --second-copy to another disk.",
        )),
    }
}

/// Settings that cannot be used, in words.
pub fn of_settings(refused: SettingsRefused, language: Language) -> &'static str {
    match refused {
        SettingsRefused::PublicAddress => pick(
            language,
            "Địa chỉ công khai phải bắt đầu bằng http:// hoặc https://, chỉ có chữ không dấu, số và các dấu . - _ : /; hãy sửa --public-address.",
            "The public address must begin with http:// or https:// and have only plain letters, digits and . - _ : /; correct --public-address.",
        ),
        SettingsRefused::SecondCopy => pick(
            language,
            "Bản sao thứ hai phải nằm ở thư mục khác, tốt nhất trên ổ đĩa khác; hãy sửa --second-copy.",
            "The second copy must lie in another folder, best on another disk; correct --second-copy.",
        ),
        SettingsRefused::NoPortForPages => pick(
            language,
            "Không có cổng nào sau 65535 cho trang của văn phòng; hãy chọn --port nhỏ hơn.",
            "There is no port after 65535 for the office's pages; choose a lower --port.",
        ),
        SettingsRefused::LogLevel => pick(
            language,
            "Không hiểu LANGNGHE_LOG; chỉ có: error, warn, info, debug; chưa có gì được chạy.",
            "LANGNGHE_LOG is not understood; there are only: error, warn, info, debug; nothing was run.",
        ),
    }
}

/// A path as it can be typed: in quotes if the shell would take it apart.
pub fn quoted(path: &Path) -> String {
    let shown = path.display().to_string();
    let is_plain = shown.chars().all(|letter| letter.is_alphanumeric() || "/._-".contains(letter));
    if is_plain { shown } else { format!("'{}'", shown.replace('\'', "'\\''")) }
}

/// The sentence of a language.
pub const fn pick<'a>(language: Language, vi: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_fault::fault;

    fn spoken(language: Language) -> Settings {
        Settings { language, ..Settings::of_folder(Path::new("data")) }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_cause_and_what_to_do() {
        for (cause, vi, en) in [
            (FileCause::Missing, "không có tệp hoặc thư mục này", "no such file"),
            (FileCause::Forbidden, "không có quyền", "has no right"),
            (FileCause::Folder, "đây là thư mục", "is a folder"),
            (FileCause::NoFolder, "đây là tệp", "is a file"),
            (FileCause::Damaged, "bị hỏng", "is damaged"),
            (FileCause::ReadOnly, "không ghi được", "not written"),
            (FileCause::Failing, "kiểm tra ổ đĩa", "check the disk"),
            (FileCause::Exists, "hãy chọn tên khác", "choose another name"),
            (FileCause::Held, "lần sao lưu khác đang ghi", "another backup is just writing"),
            (FileCause::NoText, "không phải tệp chữ", "not a text file"),
        ] {
            let failed = fault(Path::new("/kho/cũ.db"), cause);
            for (language, part) in [(Language::Vi, vi), (Language::En, en)] {
                let sentence = of_failure(&failed, &spoken(language));
                assert!(sentence.contains("/kho/cũ.db") && sentence.contains(part), "{sentence}");
            }
        }
    }

    #[test]
    fn what_the_system_says_becomes_a_cause() {
        use std::io::ErrorKind;
        for (kind, cause) in [
            (ErrorKind::NotFound, FileCause::Missing),
            (ErrorKind::PermissionDenied, FileCause::Forbidden),
            (ErrorKind::IsADirectory, FileCause::Folder),
            (ErrorKind::NotADirectory, FileCause::NoFolder),
            (ErrorKind::ReadOnlyFilesystem, FileCause::ReadOnly),
            (ErrorKind::Other, FileCause::Failing),
        ] {
            let path = Path::new("a");
            assert_eq!(crate::file_fault::at(path)(kind.into()), fault(path, cause));
        }
    }

    #[test]
    fn a_path_is_shown_as_it_can_be_typed() {
        for (path, shown) in
            [("/kho/phường", "/kho/phường"), ("/kho cũ/a", "'/kho cũ/a'"), ("/it's", "'/it'\\''s'"), ("a;b", "'a;b'")]
        {
            assert_eq!(quoted(Path::new(path)), shown);
        }
    }

    #[test]
    fn no_sentence_uses_words_of_the_code() {
        let failures = [
            ServerFailed::Busy,
            ServerFailed::Unreadable,
            ServerFailed::CopyAhead { rows: 3 },
            ServerFailed::Superseded,
            ServerFailed::WentBack,
            ServerFailed::IdentityForeign,
            ServerFailed::CopyForeign,
            ServerFailed::Interrupted,
            fault(Path::new("a"), FileCause::Missing),
        ];
        for sentence in failures.iter().map(|failed| of_failure(failed, &spoken(Language::Vi))) {
            for word in ["đợt", "không gian", "dòng", "chuỗi", "tiến trình"] {
                assert!(!sentence.contains(word), "{sentence}");
            }
        }
    }
}
