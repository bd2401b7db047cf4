//! `langnghe`: the sync server and its office tools.
//!
//! Exit codes stand in the help, see [`arguments`].

mod arguments;
mod feedback_arguments;
mod round_arguments;

use std::process::ExitCode;

use arguments::{Arguments, Command, Recovery, Shown};
use feedback_arguments::FeedbackOrder;
use round_arguments::RoundOrder;
use server::consent::Consent;
use server::failure::ServerFailed;
use server::file_fault::FileCause;
use server::order::Outcome;
use server::revoking::Whom;
use server::settings::{self, Settings};
use server::{account, advice, approving, command, feedback_orders, keeping, order, revoking, round_orders, words};

fn main() -> ExitCode {
    let Arguments { command: asked, settings, .. } = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(Shown::Asked(help)) => {
            command::say(help.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(Shown::Refused(sentence)) => {
            command::complain(&sentence);
            return ExitCode::from(2);
        }
    };
    let given = std::env::var("LANGNGHE_LOG").ok();
    let level = match settings.check().and_then(|()| settings::log_level(given.as_deref())) {
        Ok(level) => level,
        Err(refused) => {
            command::complain(words::of_settings(refused, settings.language));
            return ExitCode::from(2);
        }
    };
    if let Err(another) = account::check(&settings.data) {
        let typed: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        command::complain(&advice::of_account(&another, &typed, &settings));
        return ExitCode::from(2);
    }
    match run(asked, &settings, level) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotDone) => ExitCode::FAILURE,
        Err(failed) => {
            command::complain(&words::of_failure(&failed, &settings));
            ExitCode::from(exit_code(&failed))
        }
    }
}

fn run(asked: Command, settings: &Settings, level: tracing::Level) -> Result<Outcome, ServerFailed> {
    match asked {
        Command::Serve => command::serve(settings, level),
        Command::Enrol { person, role, png } => order::enrol(settings, (person, role.into()), png.as_deref()),
        Command::People => revoking::show_people(settings),
        Command::Approve { words } => approving::approve(settings, words.as_deref()),
        Command::Dismiss { phone } => revoking::dismiss(settings, &phone),
        Command::Revoke { device, person, yes } => {
            let whom = device.map_or_else(|| Whom::Person(person.unwrap_or_default()), Whom::Phone);
            revoking::revoke(settings, &whom, Consent::of(yes))
        }
        Command::Backup { to } => keeping::back_up(settings, &to),
        Command::Restore { from, file, yes } => keeping::restore(settings, (&from, file.as_deref()), Consent::of(yes)),
        Command::Doctor => Ok(keeping::examine(settings)),
        Command::Round(order) => of_round(order, settings),
        Command::Feedback(order) => of_feedback(order, settings),
        Command::Recovery(Recovery::Close { yes }) => order::close_recovery(settings, Consent::of(yes)),
    }
}

fn of_round(order: RoundOrder, settings: &Settings) -> Result<Outcome, ServerFailed> {
    match order {
        RoundOrder::Announce { file, operator } => round_orders::announce(settings, &file, &operator),
        RoundOrder::List => round_orders::list(settings),
        RoundOrder::Seal { round, symbols } => round_orders::note_seal(settings, &round, &symbols),
        RoundOrder::OpenFile { round, to, yes } => round_orders::write_opening(settings, &round, &to, Consent::of(yes)),
        RoundOrder::Result { file } => round_orders::take_outcome(settings, &file),
        RoundOrder::Object { round } => round_orders::object(settings, &round),
        RoundOrder::Destroy { round, yes } => round_orders::destroy(settings, &round, Consent::of(yes)),
        RoundOrder::Publish { round, yes } => round_orders::publish(settings, &round, Consent::of(yes)),
    }
}

fn of_feedback(order: FeedbackOrder, settings: &Settings) -> Result<Outcome, ServerFailed> {
    match order {
        FeedbackOrder::Box { round, to } => feedback_orders::write_box(settings, &round, &to),
        FeedbackOrder::Take { file } => feedback_orders::take(settings, &file),
        FeedbackOrder::List { round } => feedback_orders::list(settings, round.as_deref()),
        FeedbackOrder::Show { case } => feedback_orders::show(settings, &case),
        FeedbackOrder::Route { case, unit } => feedback_orders::route(settings, &case, &unit),
        FeedbackOrder::Answer { case, file, text } => {
            let text = text.map_or_else(|| feedback_orders::text_of(&file.unwrap_or_default()), Ok)?;
            feedback_orders::answer(settings, &case, &text)
        }
        FeedbackOrder::Answers { round, to, holders } => {
            feedback_orders::write_answers(settings, &round, (&to, holders))
        }
        FeedbackOrder::Publish { file, round } => feedback_orders::publish(settings, &file, &round),
        FeedbackOrder::Figures { round } => feedback_orders::figures(settings, &round),
    }
}

fn exit_code(failed: &ServerFailed) -> u8 {
    match failed {
        ServerFailed::DiskFull | ServerFailed::ReadOnly => 3,
        ServerFailed::FolderInUse | ServerFailed::AddressInUse { .. } | ServerFailed::Busy => 4,
        ServerFailed::Damaged | ServerFailed::IdentityLost | ServerFailed::IdentityMalformed => 5,
        ServerFailed::IdentityForeign | ServerFailed::CopyForeign => 5,
        ServerFailed::CopyAhead { .. } | ServerFailed::MembershipForeign { .. } => 5,
        ServerFailed::File(fault) => match fault.cause {
            FileCause::Forbidden | FileCause::ReadOnly => 3,
            FileCause::Held => 4,
            FileCause::Damaged => 5,
            FileCause::Missing | FileCause::Folder | FileCause::NoFolder => 1,
            FileCause::Failing | FileCause::Exists | FileCause::NoText => 1,
        },
        ServerFailed::Superseded | ServerFailed::WentBack => 6,
        ServerFailed::AddressRefused | ServerFailed::ClockWrong | ServerFailed::CopyRefused(_) => 2,
        ServerFailed::Interrupted
        | ServerFailed::Unreadable
        | ServerFailed::UnfitEngine
        | ServerFailed::NewerVersion { .. }
        | ServerFailed::ForeignBackup
        | ServerFailed::NoServer
        | ServerFailed::Defect => 1,
    }
}
