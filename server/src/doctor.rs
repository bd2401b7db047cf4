//! `langnghe doctor`: one line per question about a data folder, while a server runs on it or not. Changes nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::database;
use crate::failure::ServerFailed;
use crate::folder::{self, HEADS_FILE, IDENTITY_FILE};
use crate::heads::Heads;
use crate::inspection::{self, Inspected};
use crate::limits::FREE_BYTES_MIN;
use crate::machine;
use crate::office::DATABASE_FILE;
use crate::settings::{Language, Settings};
use crate::sidecar::Sidecar;
use crate::words::{of_failure, pick};

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

/// Asks everything.
pub fn examine(settings: &Settings) -> Vec<Finding> {
    let examiner = Examiner { settings, language: settings.language };
    let database = settings.data.join(DATABASE_FILE);
    let inspected = inspection::inspect(&database);
    vec![
        examiner.versions(),
        examiner.database(&inspected),
        examiner.history(&inspected),
        examiner.identity(),
        examiner.membership(),
        examiner.permissions(),
        examiner.space(),
        examiner.clock(),
        examiner.second_copy(&inspected),
    ]
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
    fn good(&self, vi: String, en: String) -> Finding {
        Finding { verdict: Verdict::Good, line: self.of(vi, en) }
    }

    fn warning(&self, vi: &str, en: &str) -> Finding {
        Finding { verdict: Verdict::Warning, line: pick(self.language, vi, en).to_owned() }
    }

    fn bad(&self, failed: &ServerFailed) -> Finding {
        Finding { verdict: Verdict::Bad, line: of_failure(failed, self.language) }
    }

    fn of(&self, vi: String, en: String) -> String {
        match self.language {
            Language::Vi => vi,
            Language::En => en,
        }
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
                format!("Cơ sở dữ liệu nguyên vẹn: {} không gian, {} dòng, chuỗi băm khớp.", found.spaces, found.rows),
                format!("The database is whole: {} spaces, {} rows, chains hold.", found.spaces, found.rows),
            ),
            Err(failed) => self.bad(failed),
        }
    }

    /// Whether the database is as far as the folder remembers.
    fn history(&self, inspected: &Result<Inspected, ServerFailed>) -> Finding {
        let remembered = (folder::read_epoch(&self.settings.data), Heads::read(&self.settings.data.join(HEADS_FILE)));
        match (inspected, remembered) {
            (Ok(found), (Ok(Some(life)), Ok(rows))) if found.epoch >= life && found.rows >= rows => self.good(
                "Cơ sở dữ liệu không cũ hơn lần chạy trước.".to_owned(),
                "The database is not older than at the last run.".to_owned(),
            ),
            (_, (Err(failed), _) | (_, Err(failed))) => self.bad(&failed),
            (Ok(_) | Err(_), _) => self.warning(
                "Cơ sở dữ liệu cũ hơn lần chạy trước; lần chạy tới sẽ bắt đầu một đợt mới và điện thoại gửi lại phần thiếu.",
                "The database is older than at the last run; the next start begins a new life and phones bring back what is missing.",
            ),
        }
    }

    fn identity(&self) -> Finding {
        match folder::read_key(&self.settings.data.join(IDENTITY_FILE)) {
            Ok(Some(_)) => self.good("Khoá định danh đọc được.".to_owned(), "The identity key can be read.".to_owned()),
            Ok(None) => self.bad(&ServerFailed::IdentityLost),
            Err(failed) => self.bad(&failed),
        }
    }

    fn membership(&self) -> Finding {
        match Sidecar::read(&self.settings.membership_file()) {
            Ok(records) => self.good(
                format!("Tệp thành viên đọc được: {} lần cho vào hoặc thu hồi.", records.len()),
                format!("The membership file can be read: {} grants and revocations.", records.len()),
            ),
            Err(failed) => self.bad(&failed),
        }
    }

    fn permissions(&self) -> Finding {
        let is_open = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
        if is_open(&self.settings.data) || is_open(&self.settings.data.join(IDENTITY_FILE)) {
            return self.warning(
                "Người dùng khác của máy đọc được thư mục dữ liệu; hãy đặt quyền 0700 cho thư mục và 0600 cho identity.key.",
                "Other users of this machine can read the data folder; set mode 0700 on it and 0600 on identity.key.",
            );
        }
        self.good(
            "Chỉ chủ máy chủ đọc được dữ liệu.".to_owned(),
            "Only the server's user can read the data.".to_owned(),
        )
    }

    fn space(&self) -> Finding {
        match free_bytes(&self.settings.data) {
            None => self.bad(&ServerFailed::Unreadable),
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
                "Đồng hồ chậm hơn lúc đợt này bắt đầu; hãy kiểm tra ngày giờ của máy.",
                "The clock is behind the start of this life; check this machine's date and time.",
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
        let rows = inspected.as_ref().map_or(0, |found| found.rows);
        match inspection::count_rows(&copy.join(DATABASE_FILE)) {
            Err(failed) => self.bad(&failed),
            Ok(copied) if copied > rows => self.bad(&ServerFailed::CopyAhead { rows: copied - rows }),
            Ok(copied) => {
                let behind = rows - copied;
                self.good(
                    format!("Bản sao thứ hai chậm {behind} dòng."),
                    format!("The second copy is {behind} rows behind."),
                )
            }
        }
    }
}

/// Bytes that this user may still write on the disk of a folder.
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail * found.f_frsize)
}
