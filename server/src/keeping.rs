//! The commands that keep the data: backup, restore, doctor, in the operator's words.

use std::path::Path;

use crate::advice::of_blind;
use crate::backup::{self, Restored};
use crate::command::{complain, say};
use crate::consent::{Consent, question};
use crate::doctor::{self, Verdict};
use crate::failure::ServerFailed;
use crate::folder::IDENTITY_FILE;
use crate::inspection;
use crate::office::DATABASE_FILE;
use crate::order::Outcome;
use crate::settings::{Language, Settings};
use crate::words::quoted;

/// Writes a backup and says what is in it.
pub fn back_up(settings: &Settings, to: &Path) -> Result<Outcome, ServerFailed> {
    let inspected = backup::back_up(settings, to)?;
    let (spaces, rows) = (inspected.spaces, inspected.rows);
    say(&match settings.language {
        Language::Vi => format!("Đã sao lưu và đọc thử lại: {spaces} sổ, {rows} bản ghi, nguyên vẹn."),
        Language::En => format!("Backed up and read again: {spaces} books, {rows} records, whole."),
    });
    let (backup, beside) = (quoted(to), quoted(&backup::beside(to)));
    let key = quoted(&settings.data.join(IDENTITY_FILE));
    say(&match settings.language {
        Language::Vi => format!(
            "Bản sao lưu là hai tệp, hãy chép cả hai sang ổ đĩa khác: {backup} và {beside}. Khoá {key} không nằm trong đó; hãy cất giữ riêng, mất nó thì điện thoại không nhận ra máy chủ."
        ),
        Language::En => format!(
            "The backup is two files, carry both to another disk: {backup} and {beside}. The key {key} is not in it; keep it elsewhere: without it phones do not know the server."
        ),
    });
    Ok(Outcome::Done)
}

/// Restores a backup, after consent if that replaces a database, and says what happens next.
pub fn restore(
    settings: &Settings,
    (from, membership): (&Path, Option<&Path>),
    consent: Consent,
) -> Result<Outcome, ServerFailed> {
    backup::check_restorable(settings, from)?;
    let replaces = settings.data.join(DATABASE_FILE).exists();
    if replaces && !consent.is_had(settings, || ask_about(settings, from)) {
        return Ok(Outcome::NotDone);
    }
    let restored = backup::restore(settings, from, membership)?;
    done(settings, &restored).iter().for_each(|line| say(line));
    missed(settings, &restored).iter().for_each(|line| complain(line));
    Ok(Outcome::Done)
}

/// What lies in the backup, and what it replaces.
fn ask_about(settings: &Settings, from: &Path) {
    let rows = |database: &Path| {
        let unknown = || settings.pick("không đọc được", "unreadable").to_owned();
        inspection::count_rows(database).map_or_else(|_| unknown(), |rows| rows.to_string())
    };
    let (held, present) = (rows(from), rows(&settings.data.join(DATABASE_FILE)));
    question(
        settings,
        &match settings.language {
            Language::Vi => format!(
                "Thay cơ sở dữ liệu đang có (số bản ghi: {present}) bằng bản sao lưu (số bản ghi: {held})? Bản đang có được giữ lại; quyết định mới sẽ chờ đến khi mọi điện thoại đã về."
            ),
            Language::En => format!(
                "Replace the present database (records: {present}) by the backup (records: {held})? The present one is kept; new decisions will wait until every phone is back."
            ),
        },
    );
}

/// What was done, the way on, and the way back if there is one.
fn done(settings: &Settings, restored: &Restored) -> Vec<String> {
    let (rows, serve) = (restored.backup.rows, settings.order("serve"));
    let begun = match settings.language {
        Language::Vi => format!(
            "Đã phục hồi {rows} bản ghi. Bây giờ hãy chạy: {serve}. Điện thoại sẽ tự gửi lại phần còn thiếu; quyết định mới chờ đến khi mọi máy đã về."
        ),
        Language::En => format!(
            "Restored {rows} records. Now run: {serve}. Phones bring back what is missing; new decisions wait until all are back."
        ),
    };
    let way_back = restored.replaced.as_deref().map(|replaced| {
        let (kept, back) = (quoted(replaced), settings.order(&format!("restore --from {}", quoted(replaced))));
        match settings.language {
            Language::Vi => format!("Cơ sở dữ liệu trước đó được giữ ở {kept}. Muốn quay lại bản ấy: {back}"),
            Language::En => format!("The database of before is kept in {kept}. To return to it: {back}"),
        }
    });
    [Some(begun), way_back].into_iter().flatten().collect()
}

/// What this restore did not find, and where it may be found.
fn missed(settings: &Settings, restored: &Restored) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(copy) = settings.second_copy.as_deref().filter(|_| restored.rows_missed > 0) {
        let from_copy = settings.order(&format!("restore --from {}", quoted(&copy.join(DATABASE_FILE))));
        let rows = restored.rows_missed;
        lines.push(match settings.language {
            Language::Vi => format!("Bản sao thứ hai có nhiều hơn {rows} bản ghi. Nên phục hồi từ đó: {from_copy}"),
            Language::En => {
                format!("The second copy holds {rows} records more. Better restore from there: {from_copy}")
            }
        });
    }
    if restored.is_membership_lost {
        lines.push(of_blind(settings));
    }
    lines
}

/// Prints a line per question.
pub fn examine(settings: &Settings) -> Outcome {
    let findings = doctor::examine(settings);
    for finding in &findings {
        say(&finding.print(settings.language));
    }
    let worst = findings.iter().map(|finding| finding.verdict).max();
    if worst == Some(Verdict::Bad) { Outcome::NotDone } else { Outcome::Done }
}
