//! Sentences that hold an order: it names the data folder of these settings, so that it can be typed as it stands.

use std::path::Path;

use crate::account::AnotherAccount;
use crate::failure::ServerFailed;
use crate::office::DATABASE_FILE;
use crate::recovery::Recovering;
use crate::settings::{Language, Settings};
use crate::words::{of_failure, quoted};

/// What the doctor says instead of [`of_failure`], which may send one to the doctor.
pub fn of_finding(failed: &ServerFailed, settings: &Settings) -> String {
    if *failed != ServerFailed::Unreadable {
        return of_failure(failed, settings);
    }
    let copy = settings.order(&format!("restore --from {}", backup_file(settings)));
    match settings.language {
        Language::Vi => format!(
            "Máy tính không đọc được cơ sở dữ liệu dù ổ đĩa còn chỗ và cho ghi; tệp vẫn giữ nguyên; hãy kiểm tra ổ đĩa và quyền của các tệp langnghe.db*, nếu vẫn không được thì phục hồi: {copy}"
        ),
        Language::En => format!(
            "The computer cannot read the database, though its disk has room and can be written; the file was left as it is; check the disk and the rights of langnghe.db*, and if that does not help restore: {copy}"
        ),
    }
}

/// A damaged database, with the way to restore it.
pub(crate) fn of_damaged(settings: &Settings) -> String {
    let restore = settings.order(&format!("restore --from {}", backup_file(settings)));
    match settings.language {
        Language::Vi => format!(
            "Tệp cơ sở dữ liệu bị hỏng và không được dùng tiếp; tệp vẫn giữ nguyên; hãy phục hồi bằng lệnh: {restore}"
        ),
        Language::En => {
            format!("The database file is damaged and is not used; it was left as it is; restore with: {restore}")
        }
    }
}

/// A place in an order where the reader has to write a file's name.
fn backup_file(settings: &Settings) -> &'static str {
    settings.pick("<bản sao lưu>", "<backup>")
}

/// Data that neither can be read nor written, with the way to ask why.
pub(crate) fn of_unreadable(settings: &Settings) -> String {
    let doctor = settings.order("doctor");
    match settings.language {
        Language::Vi => format!(
            "Máy tính không đọc hoặc không ghi được dữ liệu; mọi thứ đã báo nhận vẫn còn; hãy kiểm tra ổ đĩa rồi chạy: {doctor}"
        ),
        Language::En => format!(
            "The computer cannot read or write the data; everything acknowledged is safe; check the disk, then run: {doctor}"
        ),
    }
}

/// A taken port, and what it was for.
pub(crate) fn of_port(port: u16, settings: &Settings) -> String {
    let is_of_pages = settings.port != 0 && port != settings.port;
    match (settings.language, is_of_pages) {
        (Language::Vi, false) => {
            format!("Cổng {port} đã có chương trình khác dùng; không có gì bị mất; hãy chọn cổng khác bằng --port.")
        }
        (Language::En, false) => {
            format!("The port {port} is used by another program; nothing is lost; choose another one with --port.")
        }
        (Language::Vi, true) => format!(
            "Cổng {port} đã có chương trình khác dùng, mà trang của văn phòng cần cổng ngay sau --port; không có gì bị mất; hãy chọn --port khác."
        ),
        (Language::En, true) => format!(
            "The port {port} is used by another program, and the office's pages need the one after --port; nothing is lost; choose another --port."
        ),
    }
}

/// A second copy that holds more, with the way to restore from it.
pub(crate) fn of_copy_ahead(rows: u64, settings: &Settings) -> String {
    let copy = settings.second_copy.as_deref().map(|copy| quoted(&copy.join(DATABASE_FILE)));
    let copy = copy.unwrap_or_else(|| backup_file(settings).to_owned());
    let restore = settings.order(&format!("restore --from {copy}"));
    match settings.language {
        Language::Vi => format!(
            "Bản sao thứ hai có nhiều hơn cơ sở dữ liệu {rows} bản ghi; không có gì bị ghi đè; hãy phục hồi từ đó bằng lệnh: {restore}"
        ),
        Language::En => format!(
            "The second copy holds {rows} records more than the database; nothing was overwritten; restore from there with: {restore}"
        ),
    }
}

/// A folder of an earlier life, with both ways on: the later life may run elsewhere, or this folder may have gone back
/// behind it. From here nobody can tell which.
pub fn of_superseded(settings: &Settings) -> String {
    let own = quoted(&settings.data.join(DATABASE_FILE));
    let (any, own) = (backup_file(settings), settings.order(&format!("restore --from {own}")));
    match settings.language {
        Language::Vi => format!(
            "Một điện thoại đã gặp máy chủ này ở một lần phục hồi sau dữ liệu ở đây, nên máy này dừng lại; dữ liệu vẫn còn nguyên. Nếu đã có máy mới thay máy này: đừng chạy lại máy này, điện thoại tự gửi lại cho máy mới. Nếu không có máy nào khác thì thư mục này đã lùi về một thời điểm cũ: hãy phục hồi từ bản sao lưu mới nhất bằng --from {any}; không có bản nào mới hơn thì từ chính dữ liệu này: {own}"
        ),
        Language::En => format!(
            "A phone has met this server after a restore that is later than the data here, so this one stops; the data is untouched. If a newer machine has replaced this one: do not start this one again, phones bring everything to the new one. If there is no other machine, this folder went back to an earlier time: restore from the newest backup with --from {any}; if none is newer, from this very data: {own}"
        ),
    }
}

/// A life that does not know who was sent away, with the way to end it.
pub fn of_blind(settings: &Settings) -> String {
    let (people, close) = (settings.order("people"), settings.order("recovery close"));
    match settings.language {
        Language::Vi => format!(
            "Tệp thành viên bị mất hoặc có thể thiếu, nên chưa biết ai đã bị đưa ra: mọi thứ mới đều chờ đến khi có người kết thúc phục hồi; khi các điện thoại đã về, hãy xem lại mọi người: {people}; đưa ra lại những máy đã mất; rồi kết thúc: {close}"
        ),
        Language::En => format!(
            "The membership file was lost or may lack something, so nobody knows who was sent away: everything new waits until somebody ends the recovery; when the phones are back look at everybody: {people}; take lost phones out again; then end it: {close}"
        ),
    }
}

/// A recovery that is under way, and for whom it waits.
pub(crate) fn of_recovery(settings: &Settings, recovering: Recovering) -> String {
    let Recovering { is_blind, awaited } = recovering;
    if is_blind {
        return of_blind(settings);
    }
    let close = settings.order("recovery close");
    match settings.language {
        Language::Vi => format!(
            "Đang phục hồi: quyết định mới chờ đến khi mọi điện thoại đã về; số máy chưa về: {awaited}. Nếu các máy ấy không còn dùng nữa: {close}"
        ),
        Language::En => format!(
            "A recovery is under way: new decisions wait until every phone is back; not back yet: {awaited}. If those are in use no more: {close}"
        ),
    }
}

/// A folder without a server, with the way to begin.
pub(crate) fn of_no_server(settings: &Settings) -> String {
    let serve = settings.order("serve");
    match settings.language {
        Language::Vi => format!(
            "Chưa có máy chủ nào trong thư mục này; chưa có gì được tạo hay thay đổi; hãy sửa --data, hoặc chạy lần đầu bằng: {serve}"
        ),
        Language::En => format!(
            "There is no server in this folder yet; nothing was made or changed; correct --data, or begin with: {serve}"
        ),
    }
}

/// The superuser in a folder of another account, in words, with the order as that account gives it.
pub fn of_account(another: &AnotherAccount, typed: &[String], settings: &Settings) -> String {
    let owner = &another.owner;
    // `sudo` passes no environment on.
    let data = match typed.iter().any(|word| word == "--data" || word.starts_with("--data=")) {
        true => String::new(),
        false => format!(" --data {}", quoted(&settings.data)),
    };
    let typed = typed.iter().map(|word| quoted(Path::new(word))).collect::<Vec<_>>().join(" ");
    match settings.language {
        Language::Vi => format!(
            "Thư mục dữ liệu là của tài khoản {owner}, mà lệnh này chạy bằng root sẽ làm tài khoản ấy không mở được nữa; chưa có gì được chạy; hãy gõ: sudo -u {owner} langnghe {typed}{data}"
        ),
        Language::En => format!(
            "The data folder belongs to the account {owner}, and what root makes in it would lock that account out; nothing was run; type: sudo -u {owner} langnghe {typed}{data}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(language: Language) -> Settings {
        let second_copy = Some("/kho/bản sao".into());
        Settings { language, second_copy, ..Settings::of_folder(Path::new("/kho dữ liệu")) }
    }

    #[test]
    fn an_order_inside_a_sentence_names_the_data_folder() {
        let failures = [
            ServerFailed::Damaged,
            ServerFailed::Unreadable,
            ServerFailed::CopyAhead { rows: 3 },
            ServerFailed::NoServer,
            ServerFailed::Superseded,
        ];
        for language in [Language::Vi, Language::En] {
            assert_eq!(of_blind(&spoken(language)).matches(" --data '/kho dữ liệu'").count(), 2);
            for failed in &failures {
                let sentence = of_failure(failed, &spoken(language));
                assert!(sentence.contains(" --data '/kho dữ liệu'"), "{sentence}");
            }
            let ahead = of_failure(&ServerFailed::CopyAhead { rows: 3 }, &spoken(language));
            assert!(ahead.contains("restore --from '/kho/bản sao/langnghe.db'"), "{ahead}");
            let found = of_finding(&ServerFailed::Unreadable, &spoken(language));
            assert!(!found.contains("doctor"), "the doctor sends nobody to itself: {found}");
        }
    }

    #[test]
    fn a_taken_port_is_named_and_what_it_is_for() {
        let settings = Settings { port: 8480, ..spoken(Language::Vi) };
        let said = |port| of_failure(&ServerFailed::AddressInUse { port }, &settings);
        assert!(said(8480).contains("Cổng 8480 đã có") && !said(8480).contains("trang của văn phòng"));
        assert!(said(8481).contains("Cổng 8481 đã có") && said(8481).contains("trang của văn phòng"));
    }

    #[test]
    fn an_order_of_root_is_given_as_the_account_of_the_folder() {
        let (another, typed) = (AnotherAccount { owner: "langnghe".into() }, ["people".to_owned()]);
        let said = of_account(&another, &typed, &spoken(Language::Vi));
        assert!(said.ends_with("sudo -u langnghe langnghe people --data '/kho dữ liệu'"), "{said}");
        let typed = ["--data".to_owned(), "/kho dữ liệu".to_owned(), "people".to_owned()];
        let said = of_account(&another, &typed, &spoken(Language::En));
        assert!(said.ends_with("sudo -u langnghe langnghe --data '/kho dữ liệu' people"), "{said}");
    }
}
