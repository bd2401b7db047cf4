//! The operator's orders at the terminal: a code for a phone, the four words, a lost phone, the end of a recovery.

use std::io::BufRead;
use std::path::Path;

use model::enrolment::EnrolmentCode;
use model::identity::DeviceId;
use model::membership::Role;
use model::text::folded;

use crate::code_picture;
use crate::command::{complain, say};
use crate::counter::ask;
use crate::desk::{Asked, Candidate, Told};
use crate::failure::ServerFailed;
use crate::settings::{Language, Settings};

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
    let told = ask(settings, &Asked::Code { person, role })?;
    let Told::Code { code, server } = told else { return explain(settings, told) };
    let local = || format!("http://{}:{}", settings.address, settings.port);
    let code = EnrolmentCode { address: settings.public_address.clone().unwrap_or_else(local), server, code };
    say(&code_picture::in_terminal(&code));
    say(&code.to_string());
    if let Some(path) = png {
        code_picture::write_png(&code, path)?;
    }
    say(settings.pick(
        "Mã dùng một lần trong 15 phút. Sau khi điện thoại quét, hãy chạy: langnghe approve.",
        "The code is good once, for 15 minutes. When the phone has read it, run: langnghe approve.",
    ));
    if settings.public_address.is_none() {
        complain(settings.pick(
            "Chưa đặt --public-address nên điện thoại ở máy khác có thể không tìm thấy máy chủ.",
            "--public-address is not set, so phones elsewhere may not find the server.",
        ));
    }
    Ok(Outcome::Done)
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
            "Chưa cho điện thoại nào vào: bốn từ không giống nhau.",
            "No phone was let in: the four words are not the same.",
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

/// Takes a lost phone out.
pub fn revoke_device(settings: &Settings, device: &str) -> Result<Outcome, ServerFailed> {
    let Ok(device) = DeviceId::parse(device) else { return explain(settings, Told::Unknown) };
    let told = ask(settings, &Asked::RevokeDevice(device))?;
    explain(settings, told)
}

/// Takes a person out.
pub fn revoke_person(settings: &Settings, person: String) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::RevokePerson(person))?;
    explain(settings, told)
}

/// Ends the recovery by hand.
pub fn close_recovery(settings: &Settings) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::CloseRecovery)?;
    explain(settings, told)
}

fn explain(settings: &Settings, told: Told) -> Result<Outcome, ServerFailed> {
    match told {
        Told::Done => {
            say(settings.pick("Đã xong và đã ghi xuống đĩa.", "Done, and on disk."));
            Ok(Outcome::Done)
        }
        Told::Failed(failed) => Err(failed),
        Told::Several(people) => {
            complain(settings.pick(
                "Có nhiều người trùng tên; hãy dùng một trong các mã sau thay cho tên:",
                "Several people have this name; use one of these ids instead:",
            ));
            people.iter().for_each(|person| complain(&person.to_string()));
            Ok(Outcome::NotDone)
        }
        Told::Unknown | Told::Code { .. } | Told::Waiting(_) => {
            complain(settings.pick(
                "Không tìm thấy; chưa có gì thay đổi; hãy kiểm tra lại tên hoặc mã.",
                "Not found; nothing was changed; check the name or the id.",
            ));
            Ok(Outcome::NotDone)
        }
    }
}

fn is_confirmed(settings: &Settings, candidate: &Candidate) -> bool {
    let Candidate { person, words, .. } = candidate;
    say(&match settings.language {
        Language::Vi => format!("{person}: «{words}». Điện thoại có hiện đúng bốn từ này không? (có/không)"),
        Language::En => format!("{person}: \"{words}\". Does the phone show these four words? (yes/no)"),
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
