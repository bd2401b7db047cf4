//! `langnghe`: the sync server and its office tools.
//!
//! Exit codes: 0 done; 1 a failure that somebody must look at; 2 settings that cannot be used; 3 the disk is full or
//! cannot be written; 4 folder or port in use, try again later; 5 data damaged, restore; 6 a newer server has replaced
//! this one, do not start it again.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, Subcommand, ValueEnum};
use model::membership::Role;
use server::failure::ServerFailed;
use server::file_fault::FileCause;
use server::order::Outcome;
use server::settings::{Language, Settings};
use server::{command, keeping, order, words};

/// The sync server of Lắng Nghe.
#[derive(Parser)]
#[command(name = "langnghe", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Serves phones and the office until it is asked to stop.
    Serve,
    /// Makes a one-time code with which a person's phone joins.
    Enrol {
        /// The person: id, or name as in the directory.
        #[arg(long)]
        person: String,
        /// What the person is on this phone.
        #[arg(long, value_enum)]
        role: RoleName,
        /// Also writes the picture into this file.
        #[arg(long)]
        png: Option<PathBuf>,
    },
    /// Lets waiting phones in after their four words were compared.
    Approve {
        /// The four words that the phone shows; without them each waiting phone is asked about.
        #[arg(long)]
        words: Option<String>,
    },
    /// Takes a phone or a person out.
    Revoke {
        /// The device's id.
        #[arg(long, conflicts_with = "person", required_unless_present = "person")]
        device: Option<String>,
        /// The person: id, or name as in the directory.
        #[arg(long)]
        person: Option<String>,
    },
    /// Writes a backup while the server works, and proves that it is whole.
    Backup {
        /// The file to write; the membership file is written beside it.
        #[arg(long)]
        to: PathBuf,
    },
    /// Replaces the database by a backup and begins a new life.
    Restore {
        /// The backup, or the database of the second copy.
        #[arg(long)]
        from: PathBuf,
        /// The membership file, if it does not lie beside the backup.
        #[arg(long = "membership")]
        file: Option<PathBuf>,
    },
    /// Looks through the data folder and says what it finds.
    Doctor,
    /// About the time after a restore.
    #[command(subcommand)]
    Recovery(Recovery),
}

#[derive(Subcommand)]
enum Recovery {
    /// Takes decisions again before every phone is back.
    Close,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// The cadre whose papers these are.
    Subject,
    /// The head of the unit.
    Head,
    /// The personnel office.
    Personnel,
    /// Reads only.
    Supervisor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Subject => Self::Subject,
            RoleName::Head => Self::Head,
            RoleName::Personnel => Self::PersonnelOffice,
            RoleName::Supervisor => Self::Supervisor,
        }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse_arguments(&error),
    };
    let settings = arguments.settings;
    if let Err(refused) = settings.check() {
        command::complain(words::of_settings(refused, settings.language));
        return ExitCode::from(2);
    }
    let done = match arguments.command {
        Command::Serve => command::serve(&settings),
        Command::Enrol { person, role, png } => order::enrol(&settings, (person, role.into()), png.as_deref()),
        Command::Approve { words } => order::approve(&settings, words.as_deref()),
        Command::Revoke { device: Some(device), .. } => order::revoke_device(&settings, &device),
        Command::Revoke { device: None, person } => order::revoke_person(&settings, person.unwrap_or_default()),
        Command::Backup { to } => keeping::back_up(&settings, &to),
        Command::Restore { from, file } => keeping::restore(&settings, &from, file.as_deref()),
        Command::Doctor => Ok(keeping::examine(&settings)),
        Command::Recovery(Recovery::Close) => order::close_recovery(&settings),
    };
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotDone) => ExitCode::FAILURE,
        Err(failed) => {
            command::complain(&words::of_failure(&failed, settings.language));
            ExitCode::from(exit_code(&failed))
        }
    }
}

/// One sentence for a malformed setting; help and version as they are.
fn refuse_arguments(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return if error.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let given: Vec<_> = std::env::args_os().collect();
    let is_english = std::env::var("LANGNGHE_LANGUAGE").is_ok_and(|language| language == "en")
        || given.windows(2).any(|pair| pair == ["--language", "en"])
        || given.iter().any(|argument| argument == "--language=en");
    let language = if is_english { Language::En } else { Language::Vi };
    let named = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidValue));
    let sentence = match language {
        Language::Vi => {
            format!("Không hiểu thiết lập {argument} «{value}»; chưa có gì được chạy; xem: langnghe --help.")
        }
        Language::En => {
            format!("The setting {argument} \"{value}\" is not understood; nothing was run; see: langnghe --help.")
        }
    };
    command::complain(&sentence);
    ExitCode::from(2)
}

fn exit_code(failed: &ServerFailed) -> u8 {
    match failed {
        ServerFailed::DiskFull | ServerFailed::ReadOnly => 3,
        ServerFailed::FolderInUse | ServerFailed::AddressInUse | ServerFailed::Busy => 4,
        ServerFailed::Damaged | ServerFailed::IdentityLost | ServerFailed::IdentityMalformed => 5,
        ServerFailed::CopyAhead { .. } | ServerFailed::MembershipForeign => 5,
        ServerFailed::File(fault) => match fault.cause {
            FileCause::Forbidden | FileCause::ReadOnly => 3,
            FileCause::Damaged => 5,
            FileCause::Missing | FileCause::Folder | FileCause::NoFolder | FileCause::Failing => 1,
        },
        ServerFailed::Superseded => 6,
        ServerFailed::AddressRefused | ServerFailed::ClockWrong | ServerFailed::CopyRefused(_) => 2,
        ServerFailed::Interrupted
        | ServerFailed::Unreadable
        | ServerFailed::UnfitEngine
        | ServerFailed::NewerVersion { .. }
        | ServerFailed::TargetExists
        | ServerFailed::ForeignBackup
        | ServerFailed::NoServer
        | ServerFailed::Defect => 1,
    }
}
