//! The operator's orders at the terminal: a code for a phone, the four words, a lost phone, the end of a recovery.

use std::io::BufRead;
use std::path::Path;

use model::enrolment::EnrolmentCode;
use model::membership::Role;
use model::text::folded;

use crate::code_picture;
use crate::command::{complain, say};
use crate::counter::ask;
use crate::desk::{Asked, Candidate, Told};
use crate::failure::ServerFailed;
use crate::roll_table::{self, choices};
use crate::settings::{Language, Settings, is_found_elsewhere};
use crate::words::quoted;

/// What came of a command that did not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// What was asked for is done.
    Done,
    /// There was nothing to do it with; a sentence has said why.
    NotDone,
}

/// Prints a one-time code as text and as a picture.
pub fn enrol(settings: &Settings, (person, role): (String, Role), png: Option<&Path>) -> Result<Outcome, ServerFailed> {
    png.map_or(Ok(()), code_picture::check_place)?;
    let told = ask(settings, &Asked::Code { person, role })?;
    let Told::Code { code, server, address } = told else { return explain(settings, told) };
    let code = EnrolmentCode { address, server, code };
    say(&code_picture::in_terminal(&code));
    say(&code.to_string());
    if let Some(path) = png {
        code_picture::write_png(&code, path)?;
        say(&match settings.language {
            Language::Vi => format!("Ảnh của mã: {}. Điện thoại quét xong thì hãy xoá tệp này.", quoted(path)),
            Language::En => format!("The code's picture: {}. Delete it when the phone has read it.", quoted(path)),
        });
    }
    let approve = settings.order("approve");
    say(&match settings.language {
        Language::Vi => format!("Mã dùng một lần trong 15 phút. Sau khi điện thoại quét, hãy chạy: {approve}"),
        Language::En => format!("The code is good once, for 15 minutes. When the phone has read it, run: {approve}"),
    });
    doubts(settings, &code.address).iter().for_each(|line| complain(line));
    Ok(Outcome::Done)
}

/// Why a phone may not find the address of a code.
fn doubts(settings: &Settings, address: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if settings.public_address.as_deref().is_some_and(|wanted| wanted != address) {
        lines.push(match settings.language {
            Language::Vi => format!("Mã mang địa chỉ {address} của máy chủ đang chạy; muốn đổi, hãy chạy lại máy chủ với --public-address."),
            Language::En => format!("The code has the address {address} of the running server; to change it, start the server again with --public-address."),
        });
    }
    if !is_found_elsewhere(address) {
        lines.push(match settings.language {
            Language::Vi => {
                format!("Điện thoại không tìm thấy máy chủ ở {address}; hãy chạy lại máy chủ với --public-address.")
            }
            Language::En => {
                format!("Phones do not find the server at {address}; start the server again with --public-address.")
            }
        });
    }
    lines
}

/// Lets in the phone that shows these words, or asks about each that waits.
pub fn approve(settings: &Settings, words: Option<&str>) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::Waiting)?;
    let Told::Waiting(waiting) = told else { return explain(settings, told) };
    if waiting.is_empty() {
        complain(settings.pick("Không có điện thoại nào đang chờ.", "No phone is waiting."));
        return Ok(Outcome::NotDone);
    }
    let chosen: Vec<Candidate> = match words {
        Some(words) => waiting.into_iter().filter(|candidate| is_same(&candidate.words, words)).collect(),
        None => waiting.into_iter().filter(|candidate| is_confirmed(settings, candidate)).collect(),
    };
    if chosen.is_empty() {
        complain(settings.pick(
            "Chưa cho điện thoại nào vào vì bốn từ không giống nhau; muốn bỏ hẳn một máy đang chờ: langnghe dismiss <điện thoại>.",
            "No phone was let in, for the four words are not the same; to send a waiting phone away: langnghe dismiss <phone>.",
        ));
        return Ok(Outcome::NotDone);
    }
    for candidate in chosen {
        let told = ask(settings, &Asked::Approve(candidate.device))?;
        if told != Told::Done {
            return explain(settings, told);
        }
        say(&match settings.language {
            Language::Vi => format!("Đã cho điện thoại của {} vào.", candidate.person),
            Language::En => format!("The phone of {} is in.", candidate.person),
        });
    }
    Ok(Outcome::Done)
}

/// Ends the recovery by hand.
pub fn close_recovery(settings: &Settings) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::CloseRecovery)?;
    explain(settings, told)
}

/// An answer that needs no more than a sentence.
pub(crate) fn explain(settings: &Settings, told: Told) -> Result<Outcome, ServerFailed> {
    match told {
        Told::Done => {
            say(settings.pick("Đã xong và đã ghi xuống đĩa.", "Done, and on disk."));
            Ok(Outcome::Done)
        }
        Told::Nothing => {
            complain(settings.pick(
                "Không có gì đang được phục hồi; không có gì thay đổi.",
                "Nothing is being recovered; nothing was changed.",
            ));
            Ok(Outcome::NotDone)
        }
        Told::Failed(failed) => Err(failed),
        Told::Several(people) => {
            complain(settings.pick(
                "Có nhiều người trùng tên; chưa có gì thay đổi; hãy ghi mã ở đầu dòng thay cho tên:",
                "Several people have this name; nothing was changed; write the id at the beginning of a line instead:",
            ));
            choices(&people, settings.language).iter().for_each(|line| complain(line));
            Ok(Outcome::NotDone)
        }
        Told::Unknown | Told::Code { .. } | Told::Waiting(_) | Told::People(_) | Told::Person(_) => {
            complain(settings.pick(
                "Không tìm thấy; chưa có gì thay đổi; hãy kiểm tra lại tên hoặc mã; xem mọi người: langnghe people.",
                "Not found; nothing was changed; check the name or the id; see everybody with: langnghe people.",
            ));
            Ok(Outcome::NotDone)
        }
    }
}

fn is_confirmed(settings: &Settings, candidate: &Candidate) -> bool {
    let Candidate { person, words, .. } = candidate;
    let role = roll_table::role(candidate.role, settings.language);
    say(&match settings.language {
        Language::Vi => format!("{person} ({role}): «{words}». Điện thoại có hiện đúng bốn từ này không? (có/không)"),
        Language::En => format!("{person} ({role}): \"{words}\". Does the phone show these four words? (yes/no)"),
    });
    let mut answer = String::new();
    let is_read = std::io::stdin().lock().read_line(&mut answer).is_ok();
    is_read && matches!(folded(answer.trim()).as_str(), "co" | "c" | "yes" | "y")
}

/// Typed without tone marks, or with other spaces, they are still the words: none is another one's tone.
fn is_same(shown: &str, typed: &str) -> bool {
    let words = |text: &str| folded(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words(shown) == words(typed)
}
