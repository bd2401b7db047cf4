//! The commands that keep the data: backup, restore, doctor, in the operator's words.

use std::path::Path;

use crate::backup;
use crate::command::{complain, say};
use crate::doctor::{self, Verdict};
use crate::failure::ServerFailed;
use crate::order::Outcome;
use crate::settings::{Language, Settings};

/// Writes a backup and says what is in it.
pub fn back_up(settings: &Settings, to: &Path) -> Result<Outcome, ServerFailed> {
    let inspected = backup::back_up(settings, to)?;
    let (spaces, rows) = (inspected.spaces, inspected.rows);
    say(&match settings.language {
        Language::Vi => format!("Đã sao lưu và thử lại: {spaces} không gian, {rows} dòng, nguyên vẹn."),
        Language::En => format!("Backed up and proved: {spaces} spaces, {rows} rows, whole."),
    });
    say(settings.pick(
        "Bản sao lưu không chứa identity.key; hãy cất giữ tệp này riêng, mất nó thì điện thoại không nhận ra máy chủ.",
        "The backup does not hold identity.key; keep that file elsewhere: without it phones do not know the server.",
    ));
    Ok(Outcome::Done)
}

/// Restores a backup and says what happens next.
pub fn restore(settings: &Settings, from: &Path, membership: Option<&Path>) -> Result<Outcome, ServerFailed> {
    let restored = backup::restore(settings, from, membership)?;
    say(&match settings.language {
        Language::Vi => format!(
            "Đã phục hồi {} dòng vào một đợt mới; cơ sở dữ liệu cũ được giữ bên cạnh; hãy chạy: langnghe serve, điện thoại sẽ tự gửi lại phần còn thiếu.",
            restored.backup.rows
        ),
        Language::En => format!(
            "Restored {} rows into a new life; the replaced database is kept beside it; run: langnghe serve, phones bring back what is missing.",
            restored.backup.rows
        ),
    });
    if restored.rows_missed > 0 {
        complain(&match settings.language {
            Language::Vi => format!(
                "Bản sao thứ hai có nhiều hơn bản sao lưu này {} dòng; nên phục hồi lại từ bản sao thứ hai.",
                restored.rows_missed
            ),
            Language::En => format!(
                "The second copy holds {} rows more than this backup; better restore again from the second copy.",
                restored.rows_missed
            ),
        });
    }
    if restored.is_membership_lost {
        complain(settings.pick(
            "Không tìm thấy tệp thành viên: mọi thứ mới đều chờ đến khi các điện thoại đã về; nếu còn tệp này, hãy phục hồi lại với --membership.",
            "No membership file was found: everything new waits until the phones are back; if the file exists, restore again with --membership.",
        ));
    }
    Ok(Outcome::Done)
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
