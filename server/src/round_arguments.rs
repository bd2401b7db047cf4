//! The orders about rounds, as they are typed.

use std::path::PathBuf;

use clap::Subcommand;

use crate::arguments::YES;

pub(crate) const ROUND: &str =
    "Đợt nào: tên, hoặc từ 4 ký tự đầu của mã trở lên.\nWhich: its title, or 4 or more of its id's first characters.";

#[derive(Subcommand)]
pub(crate) enum RoundOrder {
    #[command(about = "Công bố đợt mà lễ tạo khóa đã làm ra.\nAnnounces the round that a key ceremony made.")]
    Announce {
        #[arg(
            long,
            value_name = "TỆP",
            help = "Tệp công bố mà langnghe-open đã ghi.\nThe file that langnghe-open wrote."
        )]
        file: PathBuf,
        #[arg(
            long,
            value_name = "NGƯỜI",
            required = true,
            help = "Ai vận hành máy chủ này; người ấy không được giữ khóa. Ghi nhiều lần được.\nWho runs this server and so may hold no share. May be given again."
        )]
        operator: Vec<String>,
    },
    #[command(about = "Xem các đợt đang đến đâu.\nShows how far rounds are.")]
    List,
    #[command(
        about = "Ghi dấu niêm mà một điện thoại đọc qua máy nói.\nNotes a seal that was read over the telephone."
    )]
    Seal {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, value_name = "16 KÝ TỰ", help = "Bốn nhóm bốn ký tự.\nFour groups of four.")]
        symbols: String,
    },
    #[command(
        about = "Khoá hòm phiếu và ghi tệp để mở; có hỏi lại.\nFreezes the box and writes the file for its opening; asks first."
    )]
    OpenFile {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, value_name = "TỆP", help = "Tệp để ghi.\nThe file to write.")]
        to: PathBuf,
        #[arg(long, help = YES)]
        yes: bool,
    },
    #[command(about = "Nhận kết quả mở hòm, hoặc kiểm lại.\nTakes the result of an opening, or of a recount.")]
    Result {
        #[arg(
            long,
            value_name = "TỆP",
            help = "Tệp kết quả mà langnghe-open đã ghi.\nThe result that langnghe-open wrote."
        )]
        file: PathBuf,
    },
    #[command(about = "Công bố kết quả, một lần duy nhất; có hỏi lại.\nPublishes a result, once; asks first.")]
    Publish {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, help = YES)]
        yes: bool,
    },
    #[command(
        about = "Ghi rằng có người khiếu nại kết quả; phiếu được giữ lâu hơn.\nNotes an objection to a result; its ballots are kept longer."
    )]
    Object {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
    },
    #[command(about = "Tiêu huỷ phiếu của một đợt; có hỏi lại.\nDestroys the ballots of a round; asks first.")]
    Destroy {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, help = YES)]
        yes: bool,
    },
}
