//! The orders about who is in: the roll, a phone that waits in vain, a phone or a person that goes.

use std::collections::BTreeSet;

use model::identity::DeviceId;

use crate::advice::of_recovery;
use crate::command::{complain, say};
use crate::consent::{Consent, question, refuse};
use crate::counter::ask;
use crate::desk::{Asked, Told};
use crate::failure::ServerFailed;
use crate::order::{Outcome, explain};
use crate::roll::{Listed, ListedPhone, PhoneState};
use crate::roll_table::table;
use crate::settings::{Language, Settings};

/// Fewer characters of an id name no phone: they would soon be those of another one.
const TYPED_CHARS_MIN: usize = 4;

/// Who is taken out, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A phone, by its id or the beginning of it.
    Phone(String),
    /// A person, by id or name, on every phone.
    Person(String),
}

/// Prints who is in, who waits, and who is out.
pub fn show_people(settings: &Settings) -> Result<Outcome, ServerFailed> {
    let told = ask(settings, &Asked::People)?;
    let Told::People(listed) = told else { return explain(settings, told) };
    if listed.is_empty() {
        say(settings.pick(
            "Danh bạ chưa có ai và chưa có điện thoại nào hỏi vào; việc nạp danh bạ sẽ có cùng trang quản trị.",
            "Nobody is in the directory yet, and no phone has asked; filling the directory comes with the console.",
        ));
        return Ok(Outcome::Done);
    }
    table(&listed, settings.language).iter().for_each(|line| say(line));
    if let Told::Recovering(recovering) = ask(settings, &Asked::Recovery)? {
        complain(&of_recovery(settings, recovering));
    }
    if in_states(&listed, &[PhoneState::Waiting]).iter().any(|listed| !listed.phones.is_empty()) {
        let approve = settings.order("approve");
        say(&match settings.language {
            Language::Vi => format!("Có điện thoại đang chờ. Để so bốn từ và cho vào: {approve}"),
            Language::En => format!("Phones are waiting. To compare the four words and let them in: {approve}"),
        });
    }
    Ok(Outcome::Done)
}

/// Forgets a phone that waits.
pub fn dismiss(settings: &Settings, typed: &str) -> Result<Outcome, ServerFailed> {
    let Some(listed) = long_enough(settings, typed).then(|| ask(settings, &Asked::People)).transpose()? else {
        return Ok(Outcome::NotDone);
    };
    let Told::People(listed) = listed else { return explain(settings, listed) };
    if !with_id(in_states(&listed, &[PhoneState::In]), typed).is_empty() {
        let revoke = settings.order(&format!("revoke --device {}", typed.trim()));
        complain(&match settings.language {
            Language::Vi => format!("Điện thoại này đã được cho vào; chưa có gì thay đổi; muốn đưa ra: {revoke}"),
            Language::En => format!("This phone is already in; nothing was changed; to take it out: {revoke}"),
        });
        return Ok(Outcome::NotDone);
    }
    let found = with_id(in_states(&listed, &[PhoneState::Waiting]), typed);
    let Some((listed, device)) = the_one(settings, found) else { return Ok(Outcome::NotDone) };
    let told = ask(settings, &Asked::Dismiss(device))?;
    if told != Told::Done {
        return explain(settings, told);
    }
    let called = listed.called();
    say(&match settings.language {
        Language::Vi => format!("Đã bỏ điện thoại đang chờ của {called}. Muốn vào, điện thoại ấy phải có mã mới."),
        Language::En => format!("The waiting phone of {called} was sent away. To come in it needs a new code."),
    });
    Ok(Outcome::Done)
}

/// Takes a phone or a person out, after consent.
pub fn revoke(settings: &Settings, whom: &Whom, consent: Consent) -> Result<Outcome, ServerFailed> {
    if consent == Consent::Unobtainable {
        refuse(settings);
        return Ok(Outcome::NotDone);
    }
    let (listed, order) = match whom {
        Whom::Phone(typed) if !long_enough(settings, typed) => return Ok(Outcome::NotDone),
        Whom::Phone(typed) => {
            let told = ask(settings, &Asked::People)?;
            let Told::People(listed) = told else { return explain(settings, told) };
            let found = with_id(in_states(&listed, &[PhoneState::Waiting, PhoneState::In]), typed);
            if found.is_empty() && is_out_already(settings, &listed, typed) {
                return Ok(Outcome::NotDone);
            }
            let Some((listed, device)) = the_one(settings, found) else { return Ok(Outcome::NotDone) };
            (listed, Asked::RevokeDevice(device))
        }
        Whom::Person(typed) => {
            let told = ask(settings, &Asked::Person(typed.clone()))?;
            let Told::Person(listed) = told else { return explain(settings, told) };
            let order = Asked::RevokePerson(listed.person.to_string());
            (listed, order)
        }
    };
    if !consent.is_had(settings, || ask_about(settings, whom, &listed)) {
        return Ok(Outcome::NotDone);
    }
    match ask(settings, &order)? {
        Told::Done => {
            say(&taken_out(settings, whom, &listed));
            Ok(Outcome::Done)
        }
        Told::Nothing => {
            let called = listed.called();
            complain(&match settings.language {
                Language::Vi => format!("{called} đã được đưa ra từ trước; chưa có gì thay đổi."),
                Language::En => format!("{called} was taken out before; nothing was changed."),
            });
            Ok(Outcome::NotDone)
        }
        told => explain(settings, told),
    }
}

/// Who is out now, and which phones with them.
fn taken_out(settings: &Settings, whom: &Whom, listed: &Listed) -> String {
    let called = listed.called();
    let went = listed.phones.iter().filter(|phone| phone.state != PhoneState::Out);
    // A phone that is in and asks again stands there twice.
    let phones = went.map(ListedPhone::short).collect::<BTreeSet<_>>();
    let phones = phones.into_iter().collect::<Vec<_>>().join(", ");
    match (whom, settings.language) {
        (Whom::Phone(_), Language::Vi) => format!("Đã đưa điện thoại {phones} của {called} ra, và đã ghi xuống đĩa."),
        (Whom::Phone(_), Language::En) => format!("The phone {phones} of {called} is out, and this is on disk."),
        (Whom::Person(_), Language::Vi) if phones.is_empty() => {
            format!("Đã đưa {called} ra, và đã ghi xuống đĩa; người này không có điện thoại nào đang dùng.")
        }
        (Whom::Person(_), Language::En) if phones.is_empty() => {
            format!("{called} is out, and this is on disk; no phone of theirs was in.")
        }
        (Whom::Person(_), Language::Vi) => {
            format!("Đã đưa {called} ra trên mọi điện thoại ({phones}), và đã ghi xuống đĩa.")
        }
        (Whom::Person(_), Language::En) => format!("{called} is out on every phone ({phones}), and this is on disk."),
    }
}

/// Whether the phone that is meant is out; a sentence says so if it is.
fn is_out_already(settings: &Settings, listed: &[Listed], typed: &str) -> bool {
    let found = with_id(in_states(listed, &[PhoneState::Out]), typed);
    let Some((listed, phone)) = found.iter().find_map(|listed| Some((listed, listed.phones.first()?))) else {
        return false;
    };
    let (short, called) = (phone.short(), listed.called());
    let since = phone.since.map(|since| since.vietnamese_day().vietnamese()).unwrap_or_default();
    complain(&match settings.language {
        Language::Vi => {
            format!("Điện thoại {short} của {called} đã được đưa ra từ ngày {since}; chưa có gì thay đổi.")
        }
        Language::En => format!("The phone {short} of {called} is out since {since}; nothing was changed."),
    });
    true
}

/// Whether enough of an id was typed; a sentence says so if not.
fn long_enough(settings: &Settings, typed: &str) -> bool {
    let is_long_enough = typed.trim().len() >= TYPED_CHARS_MIN;
    if !is_long_enough {
        let people = settings.order("people");
        complain(&match settings.language {
            Language::Vi => format!(
                "Hãy ghi ít nhất 4 ký tự đầu của mã điện thoại; chưa có gì thay đổi; xem các điện thoại: {people}"
            ),
            Language::En => {
                format!("Write at least the first 4 characters of the phone's id; nothing was changed; see: {people}")
            }
        });
    }
    is_long_enough
}

/// Everybody with their phones of these states alone.
fn in_states(listed: &[Listed], states: &[PhoneState]) -> Vec<Listed> {
    let of_states = |listed: &Listed| {
        let phones = listed.phones.iter().filter(|phone| states.contains(&phone.state)).copied().collect();
        Listed { phones, ..listed.clone() }
    };
    listed.iter().map(of_states).collect()
}

/// Those with phones whose id begins as typed.
fn with_id(listed: Vec<Listed>, typed: &str) -> Vec<Listed> {
    let typed = typed.trim().to_lowercase();
    let is_meant = |id: DeviceId| typed.len() >= TYPED_CHARS_MIN && id.to_string().starts_with(&typed);
    let with_phones = listed.into_iter().map(|mut listed| {
        listed.phones.retain(|phone| is_meant(phone.device));
        listed
    });
    with_phones.filter(|listed| !listed.phones.is_empty()).collect()
}

/// The one phone that is meant; a sentence says why there is none. Two persons may have had the same phone.
fn the_one(settings: &Settings, found: Vec<Listed>) -> Option<(Listed, DeviceId)> {
    let mut devices: Vec<DeviceId> = found.iter().flat_map(|listed| &listed.phones).map(|phone| phone.device).collect();
    devices.sort_unstable();
    devices.dedup();
    match devices.as_slice() {
        [device] => found.into_iter().next().map(|listed| (listed, *device)),
        [] => {
            let people = settings.order("people");
            complain(&match settings.language {
                Language::Vi => {
                    format!("Không tìm thấy điện thoại nào như vậy; chưa có gì thay đổi; xem các điện thoại: {people}")
                }
                Language::En => format!("There is no such phone; nothing was changed; see the phones with: {people}"),
            });
            None
        }
        _ => {
            complain(settings.pick(
                "Có nhiều điện thoại bắt đầu như vậy; chưa có gì thay đổi; hãy ghi cả mã của một máy:",
                "Several phones begin like this; nothing was changed; write the whole id of one:",
            ));
            for listed in &found {
                listed.phones.iter().for_each(|phone| complain(&format!("{}  {}", phone.device, listed.called())));
            }
            None
        }
    }
}

fn ask_about(settings: &Settings, whom: &Whom, listed: &Listed) {
    table(std::slice::from_ref(listed), settings.language).iter().for_each(|line| say(line));
    let called = listed.called();
    question(
        settings,
        &match (whom, settings.language) {
            (Whom::Phone(_), Language::Vi) => {
                format!("Đưa điện thoại trên của {called} ra? Máy này sẽ không đọc và không gửi được nữa.")
            }
            (Whom::Phone(_), Language::En) => {
                format!("Take the phone above of {called} out? It will read and send no more.")
            }
            (Whom::Person(_), Language::Vi) => {
                format!("Đưa {called} ra trên mọi điện thoại? Các máy trên sẽ không đọc và không gửi được nữa.")
            }
            (Whom::Person(_), Language::En) => {
                format!("Take {called} out on every phone? Those above will read and send no more.")
            }
        },
    );
}
