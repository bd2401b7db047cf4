//! The command line of `langnghe`: what may be typed, and what is said of what cannot be understood.
//!
//! Help is in both languages at once, for whoever needs it may not know yet how to choose one.

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, ArgGroup, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use model::membership::Role;
use server::settings::{Language, Settings};

use crate::feedback_arguments::FeedbackOrder;
use crate::round_arguments::RoundOrder;

const ABOUT: &str = "Máy chủ đồng bộ của Lắng Nghe.\nThe sync server of Lắng Nghe.";

const COMMANDS: &str = "Lệnh / Commands";
const OPTIONS: &str = "Thiết lập / Options";
const HELP: &str = "Xem hướng dẫn.\nShows this help.";

pub(crate) const YES: &str = "Không hỏi lại; dùng khi chạy tự động.\nDoes not ask; for scripts.";

const PERSON: &str = "Người nào: họ tên như trong danh bạ, hoặc mã.\nWho: name as in the directory, or id.";

/// Orders that listen, or write the address into a code.
const LISTENING_ORDERS: [&str; 2] = ["serve", "enrol"];

/// Settings of those alone; every order takes them, because all read one environment.
const LISTENING_SETTINGS: [&str; 3] = ["address", "port", "public_address"];

/// What the parser writes into every help by itself, and how it is called in Vietnamese.
const PARSER_WORDS: [(&str, &str); 3] =
    [("[OPTIONS]", "[TÙY CHỌN]"), ("[env: ", "[biến môi trường: "), ("[default: ", "[mặc định: ")];

const TEMPLATE: &str = "{about}\n\nCách dùng / Usage: {usage}\n\n{all-args}{after-help}";

const ROLES: &str = "\
Vai trò của người ấy trên điện thoại này / What the person is on this phone:
subject     = can-bo      cán bộ, chủ của phiếu / the cadre whose papers these are
head        = truong      trưởng đơn vị / the head of the unit
personnel   = to-chuc     tổ chức cán bộ / the personnel office
supervisor  = giam-sat    giám sát, chỉ đọc / reads only";

/// Source of the codes: `main::exit_code`.
const AFTER: &str = "\
Mã kết thúc / Exit codes:
  0  xong / done
  1  chưa làm được, cần người xem / not done, somebody must look
  2  thiết lập không dùng được / settings that cannot be used
  3  ổ đĩa đầy hoặc không ghi được / the disk is full or cannot be written
  4  thư mục hoặc cổng đang được dùng, thử lại sau / folder or port in use, try again later
  5  dữ liệu hỏng hoặc thiếu, cần phục hồi / data damaged or missing, restore
  6  máy chủ mới hơn đã thay máy này, đừng chạy lại / a newer server has replaced this one, do not start it again

Biến môi trường / Environment:
  LANGNGHE_LOG  mức nhật ký: error, warn, info (mặc định), debug
                how much is logged: error, warn, info (default), debug

Trang quản lý người và điện thoại trên trình duyệt sẽ có sau; hiện nay dùng các lệnh people, approve, dismiss, revoke.
Pages for people and phones in the browser come later; until then use people, approve, dismiss, revoke.";

/// What was typed.
#[derive(Parser)]
#[command(name = "langnghe", version, about = ABOUT, after_help = AFTER)]
#[command(disable_help_subcommand = true, disable_help_flag = true, disable_version_flag = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[arg(short, long, global = true, action = ArgAction::Help, help = HELP)]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version, help = "Xem phiên bản.\nShows the version.")]
    version: Option<bool>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(about = "Chạy máy chủ cho điện thoại và văn phòng.\nServes phones and the office until it is stopped.")]
    Serve,
    #[command(
        about = "Làm mã dùng một lần để điện thoại của một người xin vào.\nMakes a one-time code for a person's phone."
    )]
    Enrol {
        #[arg(long, value_name = "NGƯỜI", help = PERSON)]
        person: String,
        #[arg(long, value_name = "VAI TRÒ", value_enum, hide_possible_values = true, help = ROLES)]
        role: RoleName,
        #[arg(
            long,
            value_name = "TỆP",
            help = "Ghi thêm ảnh của mã vào tệp này.\nAlso writes the code's picture into this file."
        )]
        png: Option<PathBuf>,
    },
    #[command(about = "Xem ai và điện thoại nào đã vào, đang chờ, đã đưa ra.\nShows who is in, who waits, who is out.")]
    People,
    #[command(
        about = "Cho điện thoại đang chờ vào, sau khi so bốn từ.\nLets waiting phones in after comparing their four words."
    )]
    Approve {
        #[arg(
            long,
            value_name = "BỐN TỪ",
            help = "Bốn từ hiện trên điện thoại; không ghi thì hỏi từng máy.\nThe phone's four words; without them each is asked about."
        )]
        words: Option<String>,
    },
    #[command(about = "Bỏ một điện thoại đang chờ.\nSends a waiting phone away.")]
    Dismiss {
        #[arg(
            value_name = "ĐIỆN THOẠI",
            help = "Mã điện thoại như trong lệnh people, từ 4 ký tự đầu trở lên.\nThe phone's id as people shows it, 4 or more of its first characters."
        )]
        phone: String,
    },
    #[command(about = "Đưa một điện thoại hoặc một người ra; có hỏi lại.\nTakes a phone or a person out; asks first.")]
    #[command(group = ArgGroup::new("whom").required(true).args(["device", "person"]))]
    Revoke {
        #[arg(
            long,
            value_name = "ĐIỆN THOẠI",
            help = "Mã điện thoại, hoặc từ 4 ký tự đầu trở lên.\nThe phone's id, or 4 or more of its first characters."
        )]
        device: Option<String>,
        #[arg(long, value_name = "NGƯỜI", help = PERSON)]
        person: Option<String>,
        #[arg(long, help = YES)]
        yes: bool,
    },
    #[command(
        about = "Sao lưu trong khi máy chủ chạy, và đọc thử lại.\nWrites a backup while the server works, and proves it."
    )]
    Backup {
        #[arg(
            long,
            value_name = "TỆP",
            help = "Tệp để ghi; tệp thành viên nằm cạnh.\nThe file to write; the membership file is written beside it."
        )]
        to: PathBuf,
    },
    #[command(
        about = "Thay cơ sở dữ liệu bằng một bản sao lưu; có hỏi lại, giữ lại bản đang có.\nReplaces the database by a backup; asks first, and keeps the present one."
    )]
    Restore {
        #[arg(
            long,
            value_name = "TỆP",
            help = "Bản sao lưu, hoặc langnghe.db của bản sao thứ hai.\nThe backup, or langnghe.db of the second copy."
        )]
        from: PathBuf,
        #[arg(
            long = "membership",
            value_name = "TỆP",
            help = "Tệp thành viên, nếu không nằm cạnh bản sao lưu.\nThe membership file, if not beside the backup."
        )]
        file: Option<PathBuf>,
        #[arg(long, help = YES)]
        yes: bool,
    },
    #[command(
        about = "Khám thư mục dữ liệu và nói điều thấy được.\nLooks through the data folder and says what it finds."
    )]
    Doctor,
    #[command(subcommand, about = "Về thời gian sau một lần phục hồi.\nAbout the time after a restore.")]
    Recovery(Recovery),
    #[command(subcommand, about = "Về các đợt lấy ý kiến.\nAbout rounds of opinion.")]
    Round(RoundOrder),
    #[command(subcommand, about = "Về góp ý, phản ánh của người dân.\nAbout what residents say on their own.")]
    Feedback(FeedbackOrder),
}

#[derive(Subcommand)]
pub(crate) enum Recovery {
    #[command(
        about = "Kết thúc phục hồi trước khi mọi điện thoại đã về, hoặc khi chưa biết ai đã bị đưa ra; có hỏi lại.\nEnds a recovery before every phone is back, or when nobody knows who was sent away; asks first."
    )]
    Close {
        #[arg(long, help = YES)]
        yes: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    #[value(alias = "can-bo")]
    Subject,
    #[value(alias = "truong")]
    Head,
    #[value(alias = "to-chuc")]
    Personnel,
    #[value(alias = "giam-sat")]
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

/// What the program shows before it does anything.
pub(crate) enum Shown {
    /// Help or the version, as asked for.
    Asked(String),
    /// One sentence about what cannot be understood.
    Refused(String),
}

impl Arguments {
    /// Reads the command line and the environment.
    pub(crate) fn read() -> Result<Self, Shown> {
        let mut command = bilingual(Self::command());
        // Settings reach the orders only when the command is put together.
        command.build();
        let matches = command.mut_subcommands(brief).try_get_matches();
        matches.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Shown::Asked(help(&error, language())),
            _ => Shown::Refused(sentence(&error, language())),
        })
    }
}

/// Headings in both languages, also in the help of each command.
fn bilingual(command: clap::Command) -> clap::Command {
    let command = command.help_template(TEMPLATE).subcommand_help_heading(COMMANDS).subcommand_value_name("LỆNH");
    let in_both = |argument: clap::Arg| argument.help_heading(OPTIONS).hide_env_values(true);
    command.mut_args(in_both).mut_subcommands(bilingual)
}

/// The help of an order leaves out where the server listens, which it only shares with the order that serves.
fn brief(order: clap::Command) -> clap::Command {
    if LISTENING_ORDERS.contains(&order.get_name()) {
        return order;
    }
    let hidden = |argument: clap::Arg| {
        let is_listening = LISTENING_SETTINGS.contains(&argument.get_id().as_str());
        if is_listening { argument.hide(true) } else { argument }
    };
    order.mut_args(hidden).mut_subcommands(brief)
}

/// Help as text; its sentences are in both languages, the words between them in the one that was chosen.
fn help(error: &clap::Error, language: Language) -> String {
    let help = error.render().to_string();
    match language {
        Language::En => help,
        Language::Vi => PARSER_WORDS.iter().fold(help, |help, (en, vi)| help.replace(en, vi)),
    }
}

/// The settings are not read yet, so this looks for itself.
fn language() -> Language {
    let given: Vec<_> = std::env::args_os().collect();
    let is_english = std::env::var("LANGNGHE_LANGUAGE").is_ok_and(|language| language.eq_ignore_ascii_case("en"))
        || given.windows(2).any(|pair| pair[0] == "--language" && pair[1].eq_ignore_ascii_case("en"))
        || given.iter().any(|argument| argument.eq_ignore_ascii_case("--language=en"));
    if is_english { Language::En } else { Language::Vi }
}

/// A whole command that begins as was typed.
fn example() -> &'static str {
    let has_recovery = std::env::args_os().any(|argument| argument == "recovery");
    if has_recovery { "langnghe recovery close" } else { "langnghe serve" }
}

/// What cannot be understood, that nothing was done, and where to look.
fn sentence(error: &clap::Error, language: Language) -> String {
    let (vi, en) = match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => (
            format!("Chưa ghi lệnh, ví dụ: {}", example()),
            format!("No command was given, for example: {}", example()),
        ),
        ErrorKind::InvalidSubcommand => unknown("lệnh", "command", error, ContextKind::InvalidSubcommand),
        ErrorKind::UnknownArgument => unknown("thiết lập", "setting", error, ContextKind::InvalidArg),
        ErrorKind::MissingRequiredArgument => {
            let missing = named(error, ContextKind::InvalidArg);
            (format!("Còn thiếu {missing}"), format!("{missing} is missing"))
        }
        ErrorKind::ArgumentConflict => {
            let (one, other) = (named(error, ContextKind::InvalidArg), named(error, ContextKind::PriorArg));
            (format!("{one} không dùng cùng với {other}"), format!("{one} is not used together with {other}"))
        }
        _ => malformed(error),
    };
    let help = help_command();
    match language {
        Language::Vi => format!("{vi}; chưa có gì được chạy; xem: {help}."),
        Language::En => format!("{en}; nothing was run; see: {help}."),
    }
}

fn unknown(vi: &str, en: &str, error: &clap::Error, kind: ContextKind) -> (String, String) {
    let (given, meant) = (named(error, kind), suggested(error));
    let (maybe_vi, maybe_en) = match meant {
        Some(meant) => (format!(" (có phải {meant} không?)"), format!(" (is {meant} meant?)")),
        None => Default::default(),
    };
    (format!("Không có {vi} «{given}»{maybe_vi}"), format!("There is no {en} \"{given}\"{maybe_en}"))
}

fn malformed(error: &clap::Error) -> (String, String) {
    let (argument, value) = (named(error, ContextKind::InvalidArg), named(error, ContextKind::InvalidValue));
    if value.is_empty() {
        return (format!("Thiết lập {argument} còn thiếu giá trị"), format!("The setting {argument} needs a value"));
    }
    let (vi, en) = match error.get(ContextKind::ValidValue) {
        Some(valid) => (format!(", chỉ có: {valid}"), format!(", there are only: {valid}")),
        None if argument.starts_with("--port ") => (", chỉ nhận số từ 0 đến 65535".into(), ", it is 0 to 65535".into()),
        None if argument.starts_with("--address ") => (
            ", phải là địa chỉ IP, ví dụ 192.168.1.10".into(),
            ", it is an IP address, for example 192.168.1.10".into(),
        ),
        None => Default::default(),
    };
    (
        format!("Không hiểu thiết lập {argument} «{value}»{vi}"),
        format!("The setting {argument} \"{value}\" is not understood{en}"),
    )
}

fn named(error: &clap::Error, kind: ContextKind) -> String {
    error.get(kind).map(ToString::to_string).unwrap_or_default()
}

/// The first of the things that may have been meant.
fn suggested(error: &clap::Error) -> Option<String> {
    let value = error.get(ContextKind::SuggestedSubcommand).or_else(|| error.get(ContextKind::SuggestedArg))?;
    match value {
        ContextValue::String(meant) => Some(meant.clone()),
        ContextValue::Strings(meant) => meant.first().cloned(),
        _ => None,
    }
}

/// Help of the command that was typed, or of the program.
fn help_command() -> String {
    let command = Arguments::command();
    let typed = std::env::args().find(|word| command.get_subcommands().any(|known| known.get_name() == word));
    typed.map_or("langnghe --help".to_owned(), |typed| format!("langnghe {typed} --help"))
}
