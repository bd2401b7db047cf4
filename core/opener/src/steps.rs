//! The commands, each from the files that were named to the files that are left.

mod counting;
mod feedback;

use std::io::Write;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use opener::ceremony::{self, Ceremony};
use opener::desk::{CONFIRMED, Desk, NotConfirmed, complain, say};
use opener::failure::OpenerFailed;
use opener::files::{at, check_free, check_place, create_private, read_limited, wipe, write_new};
use opener::folder::{UNFINISHED_FILE, announce_finished, keep_shares, keep_unfinished, prepare_for_ceremony};
use opener::minutes::{self, MinutesOf};
use opener::packet::{PACKET_BYTES_MAX, Packet};
use opener::passphrase::Stretch;
use opener::plan::{PLAN_BYTES_MAX, PLAN_EXAMPLE, PlanRefused, RoundPlan};
use opener::unfinished::Unfinished;
use opener::{machine, page, sheets, words};

use model::outcome::SignedOutcome;
use model::round::announced::Announcement;

use crate::arguments;

pub(crate) use counting::{open, recount};
pub(crate) use feedback::{read, reply};

/// The largest announcement: the book of a round of a million slips.
const ANNOUNCEMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The largest result.
const OUTCOME_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What could not be understood of the command line, and what may have been meant.
pub(crate) fn of_arguments(refused: &clap::Error) -> String {
    let context = |wanted: &[ContextKind]| {
        let found = refused.context().find(|(kind, _)| wanted.contains(kind));
        found.and_then(|(_, value)| match value {
            ContextValue::String(name) => Some(name.clone()),
            ContextValue::Strings(names) => Some(names.join(", ")),
            _ => None,
        })
    };
    let what = match context(&[ContextKind::InvalidArg, ContextKind::InvalidSubcommand]) {
        Some(named) => format!("Không hiểu hoặc còn thiếu: {named}."),
        None => "Không hiểu dòng lệnh này.".to_owned(),
    };
    let meant = match context(&[ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg]) {
        Some(meant) => format!(" Có phải là: {meant}?"),
        None if refused.kind() == ErrorKind::InvalidSubcommand => format!(" Các lệnh: {}.", arguments::names()),
        None => String::new(),
    };
    format!("{what}{meant} Xem hướng dẫn: langnghe-open --help.")
}

/// Prints the example of a plan, or says whether a plan may become a round.
pub(crate) fn plan(asked: &arguments::Plan) -> Result<(), OpenerFailed> {
    let Some(path) = &asked.check else {
        say(PLAN_EXAMPLE.trim_end());
        return Ok(());
    };
    let today = machine::today();
    let round = RoundPlan::read(&read_limited(path, PLAN_BYTES_MAX)?)?.check_on(today)?;
    say(&words::of_today(&round, today));
    for area in &round.areas {
        let slips = if round.takes_feedback() { String::new() } else { format!(", in {} lá thăm", area.slips) };
        say(&format!("{}: {} người{slips}", area.name, area.eligible));
    }
    say(&match &round.intake {
        Some(intake) => {
            format!("Kế hoạch dùng được: đợt góp ý, không in lá thăm; tiếp nhận: {}.", intake.officers.join(", "))
        }
        None => format!("Kế hoạch dùng được: {} lá thăm.", round.slips()),
    });
    Ok(())
}

/// Holds a ceremony.
pub(crate) fn hold(asked: &arguments::Ceremony) -> Result<(), OpenerFailed> {
    warn_of_the_machine();
    let plan = RoundPlan::read(&read_limited(&asked.plan, PLAN_BYTES_MAX)?)?;
    let today = machine::today();
    let definition = match plan.check_on(today) {
        // A rehearsal opens its box on the same day, so that its round is over before it begins.
        Err(over @ PlanRefused::Over { .. }) if asked.script.file.is_some() => {
            complain(&format!("Tập dượt: {}", words::of_plan(&over)));
            plan.check()?
        }
        checked => checked?,
    };
    say(&words::of_today(&definition, today));
    prepare_for_ceremony(&asked.out)?;
    asked.sheets.as_deref().map_or(Ok(()), check_place)?;
    let mut desk = Desk::of(asked.script.file.as_deref())?;
    let names = definition.holders.each_ref().map(|holder| holder.name.as_str());
    if let Some(intake) = &definition.intake {
        let officers = intake.officers.join(", ");
        let [first, second, third, intake] = desk.new_passphrases([names[0], names[1], names[2], &officers])?;
        return feedback::hold((&plan, &asked.out), &[first, second, third], &intake);
    }
    let passphrases = desk.new_passphrases(names)?;
    say("Đang lập khóa và lá thăm, xin đợi.");
    let ceremony = ceremony::hold(&plan, &passphrases, Stretch::USUAL, &mut machine::randomness())?;
    let mut unfinished = Unfinished::default();
    for path in keep_shares(&asked.out, &ceremony, &mut unfinished)? {
        say(&format!("Đã ghi {}", path.display()));
    }
    match asked.sheets.as_deref() {
        Some(sheets) => print_sheets(ceremony, (sheets, &asked.out), unfinished, &desk),
        None => page::print(ceremony, asked.out.clone(), unfinished),
    }
}

/// The sheets are on the disk only while they are printed; the announcement has its name only afterwards.
fn print_sheets(
    ceremony: Ceremony,
    (sheets, folder): (&Path, &Path),
    mut unfinished: Unfinished,
    desk: &Desk,
) -> Result<(), OpenerFailed> {
    check_free(sheets)?;
    let document = sheets::document(&ceremony.announcement.signed.definition, &ceremony.slips);
    unfinished.written(&[sheets.to_owned()], || {
        let mut file = create_private(sheets)?;
        file.write_all(document.as_bytes()).and_then(|()| file.sync_all()).map_err(at(sheets))
    })?;
    keep_unfinished(folder, &ceremony, &mut unfinished)?;
    drop((document, ceremony));
    finish_printed((sheets, folder), unfinished, desk)
}

/// Ends a ceremony of which the sheets were left to be printed.
pub(crate) fn finish(asked: &arguments::Printed) -> Result<(), OpenerFailed> {
    asked.sheets.metadata().map_err(at(&asked.sheets))?;
    let unfinished = read_limited(&asked.out.join(UNFINISHED_FILE), ANNOUNCEMENT_BYTES_MAX)?;
    let round = Announcement::read(&unfinished)?.signed.definition;
    if !sheets::are_of(&asked.sheets, &round)? {
        return Err(OpenerFailed::NotTheSheets { file: asked.sheets.clone() });
    }
    finish_printed((&asked.sheets, &asked.out), Unfinished::default(), &Desk::People)
}

fn finish_printed(
    (sheets, folder): (&Path, &Path),
    mut unfinished: Unfinished,
    desk: &Desk,
) -> Result<(), OpenerFailed> {
    let confirmed = desk.confirm(&format!(
        "Hãy in {} trên khổ A4, đếm đủ tờ, rồi gõ “{CONFIRMED}” và bấm Enter. Gõ rồi thì tệp bị xóa và không in lại được.",
        sheets.display()
    ));
    match confirmed {
        Ok(()) => (),
        Err(NotConfirmed::TerminalGone) => return Err(OpenerFailed::Stopped),
        Err(NotConfirmed::EndOfInput) => {
            // The files wait for the order that ends the ceremony.
            unfinished.keep();
            return Err(OpenerFailed::NotPrinted { sheets: sheets.to_owned(), folder: folder.to_owned() });
        }
    }
    wipe(sheets)?;
    say(&format!("Đã ghi {}", announce_finished(folder, &mut unfinished)?.display()));
    unfinished.keep();
    say("Đã xóa tờ lá thăm. Mỗi người cất phần khóa của mình; gửi cong-bo.lnr cho văn phòng.");
    Ok(())
}

/// Writes the minutes of a published result.
pub(crate) fn write_minutes(asked: &arguments::Minutes) -> Result<(), OpenerFailed> {
    let round = Announcement::read(&read_limited(&asked.round, ANNOUNCEMENT_BYTES_MAX)?)?.signed;
    let read = |path: &Path| -> Result<SignedOutcome, OpenerFailed> {
        Ok(SignedOutcome::read(&read_limited(path, OUTCOME_BYTES_MAX)?, &round.definition)?)
    };
    let outcome = read(&asked.outcome)?;
    let recount = asked.recount.as_deref().map(read).transpose()?;
    let page = minutes::document(&MinutesOf { round: &round, outcome: &outcome, recount: recount.as_ref() })?;
    write_new(&asked.out, page.as_bytes())?;
    say(&format!("Đã ghi {}", asked.out.display()));
    Ok(())
}

/// Shows the texts of packets to both screeners.
pub(crate) fn screen(asked: &arguments::Screen) -> Result<(), OpenerFailed> {
    let packets: Vec<Packet> = asked
        .packet
        .iter()
        .map(|path| Ok(Packet::read(&read_limited(path, PACKET_BYTES_MAX)?)?))
        .collect::<Result<_, OpenerFailed>>()?;
    let Some(names) = packets.first().map(Packet::screeners) else { return Ok(()) };
    let mut desk = Desk::of(asked.script.file.as_deref())?;
    let passphrases = [desk.passphrase(&names[0])?, desk.passphrase(&names[1])?];
    for packet in &packets {
        let texts = packet.open(&passphrases)?;
        say(&format!("\n{}: {} ý kiến", texts.question, texts.texts.len()));
        texts.texts.iter().for_each(|text| say(&format!("\n— {text}")));
    }
    Ok(())
}

/// Says what the machine does that it should not do now.
fn warn_of_the_machine() {
    if machine::is_online() {
        complain("Máy còn nối mạng: hãy rút dây, tắt Wi-Fi rồi mới làm tiếp.");
    }
    if machine::swaps() {
        complain("Máy có bộ nhớ tráo đổi ra đĩa: hãy tắt (swapoff -a) để khóa không bị chép ra đĩa.");
    }
}
