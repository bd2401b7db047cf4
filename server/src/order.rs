//! The operator's orders at the terminal: a code for a phone, the end of a recovery, and what any order may hear.

use std::path::Path;

use model::enrolment::EnrolmentCode;
use model::membership::Role;

use crate::advice::of_recovery;
use crate::code_picture;
use crate::command::{complain, say};
use crate::consent::{Consent, question};
use crate::counter::ask;
use crate::desk::{Asked, Told};
use crate::failure::ServerFailed;
use crate::recovery::Recovering;
use crate::roll::Listed;
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
    let Told::Code { code, server, address, whom } = told else { return explain(settings, told) };
    let code = EnrolmentCode { address, server, code };
    say(&code_picture::in_terminal(&code));
    say(&code.to_string());
    say(&for_whom(settings, &whom, role));
    if let Some(path) = png {
        code_picture::write_png(&code, path)?;
        say(&match settings.language {
            Language::Vi => format!("Ảnh của mã: {}. Điện thoại quét xong thì hãy xoá tệp này.", quoted(path)),
            Language::En => format!("The code's picture: {}. Delete it when the phone has read it.", quoted(path)),
        });
    }
    let approve = settings.order("approve");
    say(&match settings.language {
        Language::Vi => format!(
            "Mã dùng một lần trong 15 phút; mã làm trước cho người này không còn dùng được. Sau khi điện thoại quét, hãy chạy: {approve}"
        ),
        Language::En => format!(
            "The code is good once, for 15 minutes; an earlier one for this person is good no more. When the phone has read it, run: {approve}"
        ),
    });
    doubts(settings, &code.address).iter().for_each(|line| complain(line));
    if whom.name.is_empty() {
        complain(&unlisted(settings, &whom));
    }
    Ok(Outcome::Done)
}

/// Whose phone comes in by a code: a mistaken one is seen before it is used.
fn for_whom(settings: &Settings, whom: &Listed, role: Role) -> String {
    let (name, id, role) = (&whom.name, whom.person, roll_table::role(role, settings.language));
    match (settings.language, name.is_empty()) {
        (Language::Vi, false) => format!("Mã này dành cho {name} ({id}), vai trò: {role}."),
        (Language::En, false) => format!("This code is for {name} ({id}), as: {role}."),
        (Language::Vi, true) => format!("Mã này dành cho người có mã {id}, vai trò: {role}."),
        (Language::En, true) => format!("This code is for the person with the id {id}, as: {role}."),
    }
}

/// A new office has an empty directory, so this is no refusal.
fn unlisted(settings: &Settings, whom: &Listed) -> String {
    let (id, people) = (whom.person, settings.order("people"));
    match settings.language {
        Language::Vi => format!(
            "Chú ý: danh bạ chưa có ai mang mã {id}; nếu ghi nhầm thì đừng cho điện thoại nào quét mã này; xem mọi người: {people}"
        ),
        Language::En => format!(
            "Look: nobody in the directory has the id {id}; if it is a mistake, let no phone read this code; see everybody with: {people}"
        ),
    }
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

/// Ends the recovery by hand, after consent.
pub fn close_recovery(settings: &Settings, consent: Consent) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::Recovery)?;
    let Told::Recovering(recovering) = told else { return explain(settings, told) };
    if !consent.is_had(settings, || ask_about_recovery(settings, recovering)) {
        return Ok(Outcome::NotDone);
    }
    let told = ask(settings, &Asked::CloseRecovery)?;
    explain(settings, told)
}

fn ask_about_recovery(settings: &Settings, recovering: Recovering) {
    say(&of_recovery(settings, recovering));
    question(
        settings,
        settings.pick(
            "Kết thúc phục hồi bây giờ? Máy nào đang ở trong danh sách cũng gửi được trở lại, kể cả máy đã mất mà chưa đưa ra.",
            "End the recovery now? Every phone on the list can send again, also a lost one that was not taken out.",
        ),
    );
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
        Told::Unknown
        | Told::Code { .. }
        | Told::Waiting(_)
        | Told::Admitted { .. }
        | Told::People(_)
        | Told::Recovering(_)
        | Told::Round(_)
        | Told::Feedback(_)
        | Told::Person(_) => {
            let people = settings.order("people");
            complain(&match settings.language {
                Language::Vi => format!(
                    "Không tìm thấy; chưa có gì thay đổi; hãy kiểm tra lại tên hoặc mã; xem mọi người: {people}"
                ),
                Language::En => {
                    format!("Not found; nothing was changed; check the name or the id; see everybody with: {people}")
                }
            });
            Ok(Outcome::NotDone)
        }
    }
}
