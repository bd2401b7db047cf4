//! `langnghe doctor`: one line per question about a data folder, while a server runs on it or not. Changes nothing; a
//! trial file in the second copy comes and goes.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use model::handshake::public;

use crate::advice::{of_blind, of_finding};
use crate::database;
use crate::disk::{check_writable, free_bytes, is_full, is_read_only, nearness};
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{self, FRESH_DATABASE_FILE, HEADS_FILE, IDENTITY_FILE};
use crate::heads::Heads;
use crate::inspection::{self, Inspected};
use crate::limits::FREE_BYTES_MIN;
use crate::machine;
use crate::office::DATABASE_FILE;
use crate::recovery;
use crate::second_copy::try_writing;
use crate::settings::{Language, Settings};
use crate::sidecar::{self, Sidecar};
use crate::words::{of_nearness, pick, quoted};

/// How a question came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Works, but somebody should look at it.
    Warning,
    /// Does not work.
    Bad,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How it came out.
    pub verdict: Verdict,
    /// In words.
    pub line: String,
}

/// Asks everything that can be asked of this folder.
pub fn examine(settings: &Settings) -> Vec<Finding> {
    let examiner = Examiner { settings, language: settings.language };
    match folder::holds_server(&settings.data) {
        Ok(true) => examiner.server(),
        Ok(false) => [Some(examiner.versions()), Some(examiner.no_server()), examiner.copy_alone()]
            .into_iter()
            .flatten()
            .collect(),
        Err(failed) => vec![examiner.versions(), examiner.bad(&failed)],
    }
}

impl Finding {
    /// As it is printed.
    pub fn print(&self, language: Language) -> String {
        let mark = match self.verdict {
            Verdict::Good => pick(language, "TỐT", "GOOD"),
            Verdict::Warning => pick(language, "CHÚ Ý", "LOOK"),
            Verdict::Bad => pick(language, "LỖI", "BAD"),
        };
        format!("{mark}: {}", self.line)
    }
}

struct Examiner<'a> {
    settings: &'a Settings,
    language: Language,
}

impl Examiner<'_> {
    fn finding(&self, verdict: Verdict, vi: String, en: String) -> Finding {
        let line = match self.language {
            Language::Vi => vi,
            Language::En => en,
        };
        Finding { verdict, line }
    }

    fn good(&self, vi: String, en: String) -> Finding {
        self.finding(Verdict::Good, vi, en)
    }

    fn warning(&self, vi: &str, en: &str) -> Finding {
        Finding { verdict: Verdict::Warning, line: pick(self.language, vi, en).to_owned() }
    }

    fn bad(&self, failed: &ServerFailed) -> Finding {
        Finding { verdict: Verdict::Bad, line: of_finding(failed, self.settings) }
    }

    fn server(&self) -> Vec<Finding> {
        let inspected = inspection::inspect(&self.settings.data.join(DATABASE_FILE));
        let asked = [
            Some(self.versions()),
            Some(self.database(&inspected)),
            self.history(&inspected),
            Some(self.identity(&inspected)),
            self.membership(&inspected),
            self.recovery(),
            Some(self.rights()),
            Some(self.room()),
            Some(self.clock()),
            Some(self.second_copy(&inspected)),
            self.nearness(),
        ];
        asked.into_iter().flatten().collect()
    }

    fn no_server(&self) -> Finding {
        let (data, serve, restore) = (quoted(&self.settings.data), self.settings.order("serve"), self.restore_order());
        self.finding(
            Verdict::Bad,
            format!("Chưa có máy chủ nào trong thư mục {data}; nếu máy chủ nằm ở thư mục khác, hãy sửa --data. Nếu là dựng lại máy chủ cũ, hãy chép tệp {IDENTITY_FILE} của nó vào thư mục này trước, rồi phục hồi: {restore}; đừng chạy máy chủ mới, vì điện thoại sẽ không nhận ra. Chỉ khi chưa từng có máy chủ: {serve}"),
            format!("There is no server in the folder {data} yet; if it lies in another folder, correct --data. If an old server is set up again, first put its file {IDENTITY_FILE} into this folder, then restore: {restore}; begin no new server, for phones would not know it. Only if there never was a server: {serve}"),
        )
    }

    fn restore_order(&self) -> String {
        self.settings.order(pick(self.language, "restore --from <bản sao lưu>", "restore --from <backup>"))
    }

    /// A second copy whose server is gone.
    fn copy_alone(&self) -> Option<Finding> {
        let copy = self.settings.second_copy.as_ref()?.join(DATABASE_FILE);
        let rows = inspection::count_rows(&copy).ok().filter(|rows| *rows > 0)?;
        Some(self.restorable(rows, &copy))
    }

    fn damaged_copy(&self, copy: &Path) -> Finding {
        let copy = quoted(copy);
        self.finding(
            Verdict::Bad,
            format!("Bản sao thứ hai bị hỏng: {copy}. Hãy chuyển tệp này đi chỗ khác; máy chủ đang chạy sẽ tự làm bản mới."),
            format!("The second copy is damaged: {copy}. Move this file elsewhere; the running server makes a new copy by itself."),
        )
    }

    fn blocked_copy(&self, failed: &ServerFailed) -> Finding {
        let why = of_finding(failed, self.settings);
        self.finding(
            Verdict::Bad,
            format!("Bản sao thứ hai không ghi được, nên \"Máy chủ đã nhận\" chỉ chịu được một sự cố. {why}"),
            format!("The second copy cannot be written, so \"received\" covers one fault only. {why}"),
        )
    }

    fn nearness(&self) -> Option<Finding> {
        let near = nearness(&self.settings.data, self.settings.second_copy.as_deref()?);
        let line = of_nearness(near, self.language)?;
        Some(Finding { verdict: Verdict::Warning, line: line.to_owned() })
    }

    fn restorable(&self, rows: u64, copy: &Path) -> Finding {
        let restore = self.settings.order(&format!("restore --from {}", quoted(copy)));
        self.finding(
            Verdict::Warning,
            format!("Bản sao thứ hai có {rows} bản ghi. Để phục hồi từ đó: {restore}"),
            format!("The second copy holds {rows} records. To restore from there: {restore}"),
        )
    }

    fn versions(&self) -> Finding {
        let (program, schema, engine) = (env!("CARGO_PKG_VERSION"), database::VERSION, rusqlite::version());
        self.good(
            format!("Chương trình {program}, dữ liệu phiên bản {schema}, SQLite {engine}."),
            format!("Program {program}, data version {schema}, SQLite {engine}."),
        )
    }

    fn database(&self, inspected: &Result<Inspected, ServerFailed>) -> Finding {
        match inspected {
            Ok(found) => self.good(
                format!("Cơ sở dữ liệu nguyên vẹn: {} sổ, {} bản ghi, dấu niêm khớp.", found.spaces, found.rows),
                format!("The database is whole: {} books, {} records, every seal holds.", found.spaces, found.rows),
            ),
            Err(ServerFailed::File(fault)) if fault.cause == FileCause::Missing => self.no_database(),
            Err(failed) => self.bad(&cause(failed, &self.settings.data)),
        }
    }

    fn no_database(&self) -> Finding {
        if self.settings.data.join(FRESH_DATABASE_FILE).exists() {
            let serve = self.settings.order("serve");
            return self.finding(
                Verdict::Warning,
                format!("Lần phục hồi trước bị ngắt giữa chừng; lần chạy tới sẽ làm nốt; hãy chạy: {serve}"),
                format!("The last restore broke off; the next start finishes it; run: {serve}"),
            );
        }
        let restore = self.restore_order();
        if let Ok(Some(_)) = folder::read_epoch(&self.settings.data) {
            return self.finding(
                Verdict::Bad,
                format!("Mất tệp {DATABASE_FILE}; hãy phục hồi trước khi chạy lại: {restore}"),
                format!("The file {DATABASE_FILE} is lost; restore it before the next start: {restore}"),
            );
        }
        let serve = self.settings.order("serve");
        self.finding(
            Verdict::Warning,
            format!("Máy chủ này chưa có dữ liệu. Để bắt đầu: {serve}. Nếu là dựng lại máy chủ cũ, hãy phục hồi trước: {restore}"),
            format!("This server has no data yet. To begin: {serve}. If an old server is set up again, restore first: {restore}"),
        )
    }

    /// Whether the database is as far as the folder remembers; nothing is said of one that cannot be read.
    fn history(&self, inspected: &Result<Inspected, ServerFailed>) -> Option<Finding> {
        let found = inspected.as_ref().ok()?;
        let remembered = (folder::read_epoch(&self.settings.data), Heads::read(&self.settings.data.join(HEADS_FILE)));
        Some(match remembered {
            _ if folder::knows_later_life(&self.settings.data) == Ok(true) => self.bad(&ServerFailed::Superseded),
            (Ok(Some(life)), Ok(rows)) if found.epoch >= life && found.rows >= rows => self.good(
                "Cơ sở dữ liệu không cũ hơn lần chạy trước.".to_owned(),
                "The database is not older than at the last run.".to_owned(),
            ),
            (Err(failed), _) | (_, Err(failed)) => self.bad(&failed),
            (Ok(_), Ok(_)) => self.warning(
                "Cơ sở dữ liệu cũ hơn lần chạy trước; lần chạy tới là một lần phục hồi: điện thoại tự gửi lại phần còn thiếu.",
                "The database is older than at the last run; the next start is a recovery: phones bring back what is missing.",
            ),
        })
    }

    fn identity(&self, inspected: &Result<Inspected, ServerFailed>) -> Finding {
        let database = self.settings.data.join(DATABASE_FILE);
        let is_foreign = |key| inspected.is_ok() && inspection::belongs_to(&database, &public(key)) == Ok(false);
        match folder::read_key(&self.settings.data.join(IDENTITY_FILE)) {
            Ok(Some(key)) if is_foreign(&key) => self.bad(&ServerFailed::IdentityForeign),
            Ok(Some(_)) => self.good(
                "Khoá của máy chủ (identity.key) đọc được.".to_owned(),
                "The server's key (identity.key) can be read.".to_owned(),
            ),
            Ok(None) => self.bad(&ServerFailed::IdentityLost),
            Err(failed) => self.bad(&failed),
        }
    }

    /// While nobody knows who was sent away, what is said of the membership file says this too.
    fn recovery(&self) -> Option<Finding> {
        let is_under_way = database::open_to_read(&self.settings.data.join(DATABASE_FILE))
            .and_then(|database| recovery::is_under_way(&database))
            .unwrap_or(false);
        let people = self.settings.order("people");
        (is_under_way && !self.is_blind()).then(|| {
            self.finding(
                Verdict::Warning,
                format!("Đang phục hồi: quyết định mới chờ đến khi mọi điện thoại đã về; xem còn máy nào: {people}"),
                format!(
                    "A recovery is under way: new decisions wait until every phone is back; see which are not: {people}"
                ),
            )
        })
    }

    /// Whether nobody knows who was sent away, be it from one space that came to light after people ended the recovery.
    fn is_blind(&self) -> bool {
        let database = self.settings.data.join(DATABASE_FILE);
        sidecar::is_doubted(&self.settings.membership_file())
            || database::open_to_read(&database).and_then(|open| recovery::has_blind_space(&open)) == Ok(true)
    }

    /// Nothing is said of a membership file that is missing together with the database.
    fn membership(&self, inspected: &Result<Inspected, ServerFailed>) -> Option<Finding> {
        let file = self.settings.membership_file();
        match Sidecar::read(&file) {
            Ok(_) if self.is_blind() => {
                Some(Finding { verdict: Verdict::Warning, line: of_blind(self.settings) })
            }
            Ok(records) => Some(self.good(
                format!("Tệp thành viên đọc được: {} lần cho vào hoặc đưa ra.", records.len()),
                format!("The membership file can be read: {} grants and revocations.", records.len()),
            )),
            Err(ServerFailed::File(fault)) if fault.cause == FileCause::Missing => inspected.is_ok().then(|| {
                self.warning(
                    "Không có tệp thành viên; lần chạy tới sẽ ghi lại từ cơ sở dữ liệu; nếu tệp nằm nơi khác, hãy đặt --membership-file.",
                    "There is no membership file; the next start writes it again from the database; if it lies elsewhere, set --membership-file.",
                )
            }),
            Err(failed) => Some(self.bad(&failed)),
        }
    }

    fn rights(&self) -> Finding {
        let open = open_to_others(self.settings);
        if open.is_empty() {
            return self.good(
                "Chỉ tài khoản của máy chủ đọc được dữ liệu.".to_owned(),
                "Only the server's account can read the data.".to_owned(),
            );
        }
        let open = open.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(" ");
        self.finding(
            Verdict::Warning,
            format!("Tài khoản khác trên máy này mở được dữ liệu; hãy chạy: chmod go-rwx {open}"),
            format!("Other accounts of this machine can open the data; run: chmod go-rwx {open}"),
        )
    }

    fn room(&self) -> Finding {
        match free_bytes(&self.settings.data) {
            Some(_) if is_read_only(&self.settings.data) => self.bad(&fault(&self.settings.data, FileCause::ReadOnly)),
            Some(_) if is_full(&self.settings.data) => self.bad(&ServerFailed::DiskFull),
            None => self.bad(&fault(&self.settings.data, FileCause::Failing)),
            Some(free) if free < FREE_BYTES_MIN => self.warning(
                "Ổ đĩa sắp đầy; hãy giải phóng dung lượng trước khi máy chủ phải dừng nhận.",
                "The disk is nearly full; free some space before the server has to stop taking anything.",
            ),
            Some(free) => {
                let megabytes = free / (1024 * 1024);
                self.good(format!("Ổ đĩa còn trống {megabytes} MB."), format!("{megabytes} MB are free on the disk."))
            }
        }
    }

    fn clock(&self) -> Finding {
        let life = folder::read_epoch(&self.settings.data).ok().flatten();
        let started_ms = life.and_then(|life| i64::try_from(life.started_ms).ok());
        let now_ms = machine::now_ms();
        match machine::check_clock(now_ms, started_ms) {
            Err(failed) => self.bad(&failed),
            Ok(()) if started_ms.is_some_and(|started| now_ms < started) => self.warning(
                "Đồng hồ của máy chậm hơn giờ ghi trong dữ liệu; hãy kiểm tra ngày giờ của máy.",
                "The clock is behind the time that the data remembers; check this machine's date and time.",
            ),
            Ok(()) => self.good("Đồng hồ hợp lý.".to_owned(), "The clock is plausible.".to_owned()),
        }
    }

    fn second_copy(&self, inspected: &Result<Inspected, ServerFailed>) -> Finding {
        let Some(copy) = &self.settings.second_copy else {
            return self.warning(
                "Chưa có bản sao thứ hai: \"Máy chủ đã nhận\" chỉ chịu được một sự cố; hãy đặt --second-copy.",
                "There is no second copy: \"received\" covers one fault only; set --second-copy.",
            );
        };
        let database = copy.join(DATABASE_FILE);
        let blocked = if database.exists() { takes_rows(copy, &database).err() } else { None };
        let (copied, found) = match (inspection::count_rows(&database), inspected, blocked) {
            (Ok(copied), Err(_), _) => return self.restorable(copied, &database),
            // What cannot be written the engine may not even read.
            (_, _, Some(failed)) => return self.blocked_copy(&failed),
            (Err(ServerFailed::Damaged), _, None) => return self.damaged_copy(&database),
            (Err(failed), _, None) => return self.bad(&failed),
            (Ok(copied), Ok(found), None) => (copied, found),
        };
        match found.rows.checked_sub(copied) {
            None => self.bad(&ServerFailed::CopyAhead { rows: copied - found.rows }),
            Some(0) => self.good("Bản sao thứ hai đầy đủ.".to_owned(), "The second copy is complete.".to_owned()),
            Some(behind) => self.good(
                format!("Bản sao thứ hai còn thiếu {behind} bản ghi."),
                format!("The second copy lacks {behind} records yet."),
            ),
        }
    }
}

/// A disk that takes nothing gives its database only to who may write beside it; the engine says neither.
fn cause(failed: &ServerFailed, folder: &Path) -> ServerFailed {
    match failed {
        ServerFailed::Unreadable | ServerFailed::ReadOnly if is_read_only(folder) => fault(folder, FileCause::ReadOnly),
        ServerFailed::Unreadable if is_full(folder) => ServerFailed::DiskFull,
        other => other.clone(),
    }
}

/// Whether a second copy could be written now.
fn takes_rows(copy: &Path, database: &Path) -> Result<(), ServerFailed> {
    if is_full(copy) {
        return Err(ServerFailed::DiskFull);
    }
    check_writable(database).map_err(at(database))?;
    try_writing(copy)
}

/// Folders and files of the server, and of its second copy, that another account of this machine may open.
fn open_to_others(settings: &Settings) -> Vec<PathBuf> {
    let folders = [Some(&settings.data), settings.second_copy.as_ref()].into_iter().flatten();
    let mut paths = vec![settings.membership_file()];
    for folder in folders {
        paths.push(folder.clone());
        paths.extend(std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()));
    }
    let is_open = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    paths.retain(is_open);
    paths.sort();
    paths.dedup();
    paths
}
