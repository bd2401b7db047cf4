//! The orders about feedback, as they are typed.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};

use crate::round_arguments::ROUND;

const CASE: &str = "Mã góp ý, hoặc từ 4 ký tự đầu trở lên.\nThe feedback's id, or 4 or more of its first characters.";

const TO: &str = "Tệp để ghi.\nThe file to write.";

#[derive(Subcommand)]
pub(crate) enum FeedbackOrder {
    #[command(
        about = "Ghi những gì hòm góp ý đang có, cho người tiếp nhận; hòm vẫn nhận tiếp.\nWrites what the box holds now, for those who read it; it goes on taking."
    )]
    Box {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, value_name = "TỆP", help = TO)]
        to: PathBuf,
    },
    #[command(about = "Nhận một gói góp ý đã lọc.\nTakes a packet of screened feedback.")]
    Take {
        #[arg(value_name = "TỆP", help = "Gói mà người tiếp nhận đã ký.\nThe packet that the intake signed.")]
        file: PathBuf,
    },
    #[command(about = "Xem các góp ý theo hạn trả lời.\nShows feedback by the day on which it is due.")]
    List {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: Option<String>,
    },
    #[command(about = "Xem một góp ý, chỉ cho văn phòng.\nShows one feedback, for the office alone.")]
    Show {
        #[arg(value_name = "MÃ", help = CASE)]
        case: String,
    },
    #[command(
        about = "Chuyển bản tóm ý cho một đơn vị, không chuyển nguyên văn.\nGives the paraphrase to a unit, never the text."
    )]
    Route {
        #[arg(value_name = "MÃ", help = CASE)]
        case: String,
        #[arg(
            long,
            value_name = "ĐƠN VỊ",
            help = "Tên đơn vị như trong danh bạ, hoặc mã.\nThe unit's name as in the directory, or its id."
        )]
        unit: String,
    },
    #[command(about = "Ghi câu trả lời, một lần duy nhất.\nWrites the answer down, once.")]
    #[command(group = ArgGroup::new("what").required(true).args(["file", "text"]))]
    Answer {
        #[arg(value_name = "MÃ", help = CASE)]
        case: String,
        #[arg(long, value_name = "TỆP", help = "Tệp chữ chứa câu trả lời.\nA text file with the answer.")]
        file: Option<PathBuf>,
        #[arg(long, value_name = "CÂU TRẢ LỜI", help = "Câu trả lời.\nThe answer.")]
        text: Option<String>,
    },
    #[command(
        about = "Ghi các câu trả lời chưa công bố cho người tiếp nhận niêm lại.\nWrites answers that are not published yet, for the intake to seal."
    )]
    Answers {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
        #[arg(long, value_name = "TỆP", help = TO)]
        to: PathBuf,
        #[arg(
            long,
            help = "Cho những người giữ khóa: câu trả lời các góp ý họ đã đọc. Không ghi thì cho người tiếp nhận.\nFor the holders: answers to what they read. Without it, for the intake."
        )]
        holders: bool,
    },
    #[command(
        about = "Công bố tệp trả lời đã niêm, mỗi tháng một tệp của mỗi bên.\nPublishes a file of sealed answers, one a month of the intake and of the holders."
    )]
    Publish {
        #[arg(value_name = "TỆP", help = "Tệp mà người tiếp nhận đã niêm.\nThe file that the intake sealed.")]
        file: PathBuf,
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
    },
    #[command(
        about = "Xem số liệu xử lý góp ý; ô nào ít quá thì ẩn.\nShows how feedback was handled; small cells are hidden."
    )]
    Figures {
        #[arg(long, value_name = "ĐỢT", help = ROUND)]
        round: String,
    },
}
