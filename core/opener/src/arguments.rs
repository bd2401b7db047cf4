//! The command line of `langnghe-open`. Without a command it shows its pages in the browser of this machine.

use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};

const ABOUT: &str =
    "Lắng Nghe, hòm phiếu: chương trình của ba người giữ khóa một đợt lấy ý kiến, chạy khi máy đã tắt mạng.";

const AFTER: &str = "\
Không ghi lệnh thì mở các trang trên trình duyệt của chính máy này.

Mã kết thúc:
  0  xong
  1  chưa xong, hãy đọc câu vừa in
  2  dòng lệnh không dùng được";

const HEADING: &str = "Thiết lập";

const TEMPLATE: &str = "{about}\n\nCách dùng: {usage}\n\n{all-args}\n\n{after-help}";

/// What was typed.
#[derive(Parser)]
#[command(name = "langnghe-open", version, about = ABOUT, after_help = AFTER, help_template = TEMPLATE)]
#[command(disable_help_subcommand = true, disable_help_flag = true, disable_version_flag = true)]
#[command(override_usage = "langnghe-open [LỆNH]", subcommand_help_heading = "Lệnh", subcommand_value_name = "LỆNH", next_help_heading = HEADING)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[arg(short, long, global = true, action = ArgAction::Help, help = "Xem hướng dẫn.")]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version, help = "Xem phiên bản.")]
    version: Option<bool>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    #[command(about = "In mẫu kế hoạch đợt để văn phòng sửa, hoặc xem một kế hoạch có dùng được không.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open plan --example\n           langnghe-open plan --check TỆP")]
    Plan(Plan),
    #[command(about = "Lập khóa của đợt, in lá thăm, chia khóa cho ba người.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open ceremony --plan TỆP --out THƯ_MỤC [--sheets TỆP]")]
    Ceremony(Ceremony),
    #[command(about = "Hoàn tất buổi lập khóa bị ngắt khi đang in: xóa tờ lá thăm, ghi bản công bố.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open printed --sheets TỆP --out THƯ_MỤC")]
    Printed(Printed),
    #[command(about = "Hai người giữ khóa mở hòm phiếu và đếm.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open open --input TỆP --share TỆP --share TỆP --out THƯ_MỤC [thiết lập khác]")]
    Open(Open),
    #[command(about = "Cặp giữ khóa khác đếm lại trên máy khác, so với kết quả lần đầu.", help_template = TEMPLATE)]
    #[command(
        override_usage = "langnghe-open recount --input TỆP --share TỆP --share TỆP --out THƯ_MỤC --against TỆP [thiết lập khác]"
    )]
    Recount(Recount),
    #[command(about = "Viết biên bản kiểm phiếu để in.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open minutes --round TỆP --outcome TỆP [--recount TỆP] --out TỆP")]
    Minutes(Minutes),
    #[command(about = "Hai người sàng lọc đọc ý kiến viết; không ghi gì ra.", help_template = TEMPLATE)]
    #[command(override_usage = "langnghe-open screen --packet TỆP...")]
    Screen(Screen),
    #[command(about = "Đọc góp ý của người dân, từng đợt năm tờ trở lên, sàng lọc rồi ghi gói cho văn phòng.", help_template = TEMPLATE)]
    #[command(
        override_usage = "langnghe-open read --input TỆP --intake TỆP --folder THƯ_MỤC\n           langnghe-open read --input TỆP --share TỆP --share TỆP --folder THƯ_MỤC"
    )]
    Read(Read),
    #[command(about = "Niêm phong câu trả lời của văn phòng theo mã của từng người hỏi.", help_template = TEMPLATE)]
    #[command(
        override_usage = "langnghe-open reply --input TỆP --answers TỆP --intake TỆP --folder THƯ_MỤC\n           langnghe-open reply --input TỆP --answers TỆP --share TỆP --share TỆP --folder THƯ_MỤC"
    )]
    Reply(Reply),
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
#[group(required = true, multiple = false)]
pub(crate) struct Plan {
    #[arg(long, help = "In mẫu kế hoạch ra màn hình; mỗi mục có lời giải thích ở dòng trên nó.")]
    pub(crate) example: bool,
    #[arg(long, value_name = "TỆP", help = "Xem kế hoạch này có lập được đợt không; không ghi gì.")]
    pub(crate) check: Option<PathBuf>,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Ceremony {
    #[arg(long, value_name = "TỆP", help = "Kế hoạch đợt của văn phòng (JSON).")]
    pub(crate) plan: PathBuf,
    #[arg(long, value_name = "THƯ MỤC", help = "Nơi ghi ba phần khóa và bản công bố.")]
    pub(crate) out: PathBuf,
    #[arg(
        long,
        value_name = "TỆP",
        help = "Tờ lá thăm để in (HTML); in xong thì bị xóa. Không ghi thì in từ trình duyệt."
    )]
    pub(crate) sheets: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) script: Script,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Printed {
    #[arg(long, value_name = "TỆP", help = "Tờ lá thăm còn lại, đã in và đếm đủ; bị xóa.")]
    pub(crate) sheets: PathBuf,
    #[arg(long, value_name = "THƯ MỤC", help = "Thư mục của buổi lập khóa.")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Open {
    #[arg(long, value_name = "TỆP", help = "Tệp hòm phiếu do máy chủ ghi ra.")]
    pub(crate) input: PathBuf,
    #[arg(long, value_name = "TỆP", required = true, help = "Phần khóa của một người; ghi hai lần.")]
    pub(crate) share: Vec<PathBuf>,
    #[arg(long, value_name = "THƯ MỤC", help = "Nơi ghi kết quả đã ký.")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) paper: Paper,
    #[arg(
        long,
        value_name = "LÝ DO",
        help = "Lý do đếm tiếp khi có điều không khớp, theo thứ tự máy nêu; in trong biên bản."
    )]
    pub(crate) reason: Vec<String>,
    #[arg(long, value_name = "HỌ TÊN", help = "Người sàng lọc ý kiến viết; ghi hai lần.")]
    pub(crate) screener: Vec<String>,
    #[arg(long, conflicts_with = "screener", help = "Chưa lấy ý kiến viết ra.")]
    pub(crate) without_texts: bool,
    #[command(flatten)]
    pub(crate) script: Script,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Recount {
    #[command(flatten)]
    pub(crate) open: Open,
    #[arg(long, value_name = "TỆP", help = "Kết quả của cặp đếm lần đầu.")]
    pub(crate) against: PathBuf,
}

#[derive(Args)]
pub(crate) struct Paper {
    #[arg(long, value_name = "SỐ", help = "Lá thăm chưa phát; không ghi thì máy hỏi.")]
    pub(crate) unused: Option<u32>,
    #[arg(long, value_name = "SỐ", help = "Lá thăm hỏng; không ghi thì máy hỏi.")]
    pub(crate) spoiled: Option<u32>,
    #[arg(long, value_name = "SỐ", help = "Cuống trắng trong túi; không ghi thì máy hỏi.")]
    pub(crate) stubs: Option<u32>,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Minutes {
    #[arg(long, value_name = "TỆP", help = "Bản công bố của buổi lập khóa (cong-bo.lnr).")]
    pub(crate) round: PathBuf,
    #[arg(long, value_name = "TỆP", help = "Kết quả đã ký (ket-qua.lnx).")]
    pub(crate) outcome: PathBuf,
    #[arg(long, value_name = "TỆP", help = "Kết quả của cặp đếm lại, nếu có.")]
    pub(crate) recount: Option<PathBuf>,
    #[arg(long, value_name = "TỆP", help = "Nơi ghi biên bản (HTML).")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Screen {
    #[arg(long, value_name = "TỆP", required = true, help = "Gói ý kiến viết; ghi nhiều lần được.")]
    pub(crate) packet: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) script: Script,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Read {
    #[arg(long, value_name = "TỆP", help = "Tệp hòm góp ý do máy chủ ghi ra.")]
    pub(crate) input: PathBuf,
    #[arg(
        long,
        value_name = "TỆP",
        conflicts_with = "share",
        required_unless_present = "share",
        help = "Khóa của người tiếp nhận (tiep-nhan.lni)."
    )]
    pub(crate) intake: Option<PathBuf>,
    #[arg(long, value_name = "TỆP", help = "Phần khóa của một người giữ khóa; ghi hai lần.")]
    pub(crate) share: Vec<PathBuf>,
    #[arg(long, value_name = "THƯ MỤC", help = "Thư mục của sổ tiếp nhận; lần nào cũng dùng đúng thư mục này.")]
    pub(crate) folder: PathBuf,
    #[arg(long, help = "Lần đọc đầu tiên của đợt: lập sổ mới trong thư mục ấy.")]
    pub(crate) first: bool,
    #[command(flatten)]
    pub(crate) script: Script,
}

#[derive(Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct Reply {
    #[command(flatten)]
    pub(crate) read: Read,
    #[arg(long, value_name = "TỆP", help = "Câu trả lời của văn phòng (.lna) do máy chủ ghi ra.")]
    pub(crate) answers: PathBuf,
}

#[derive(Args)]
pub(crate) struct Script {
    #[arg(
        long = "passphrase-file",
        value_name = "TỆP",
        help = "Chỉ để tập dượt và thử máy: mỗi dòng một câu khóa, theo thứ tự máy hỏi."
    )]
    pub(crate) file: Option<PathBuf>,
}

/// The commands by name.
pub(crate) fn names() -> String {
    let command = Arguments::command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    names.join(", ")
}
