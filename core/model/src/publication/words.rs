//! Words and numbers of a publication as they are printed, the same on paper, on pages and in files.

use super::outcome::ConfidenceBand;
use crate::ratio::{Ratio, Rounded, Rounding};
use crate::round::Denominator;
use crate::round::template::{OpinionOption, Side};
use crate::tally::CountBlocked;

/// Decimals of a share.
pub const PERCENT_DECIMALS: u8 = 2;

/// How a share is rounded, in words.
pub const ROUNDED_IN_WORDS: &str = "làm tròn hai chữ số thập phân, nửa thì lên";

/// "Phiếu có giá trị tham khảo": stands wherever a result of such a round does.
pub const CONSULTATIVE: &str = "Phiếu có giá trị tham khảo";

/// A number as a Vietnamese reader writes it: `1.240`.
pub fn number(count: u32) -> String {
    Rounded::whole(count.into()).vietnamese()
}

/// `81,26 %`, never torn apart at the end of a line.
pub fn percent(ratio: Ratio) -> String {
    ratio.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp).replace(' ', "\u{a0}")
}

/// What a share of low confidence is.
pub fn of_band(band: ConfidenceBand) -> &'static str {
    match band {
        ConfidenceBand::NotMoreThanHalf => "thấp: không quá nửa",
        ConfidenceBand::MoreThanHalf => "thấp: quá nửa",
        ConfidenceBand::TwoThirds => "thấp: từ 2/3 trở lên",
    }
}

/// Of what a band is a share.
pub fn of_whole(denominator: Denominator) -> &'static str {
    match denominator {
        Denominator::Answers => "số ý kiến đã ghi cho người ấy",
        Denominator::ValidBallots => "số phiếu hợp lệ",
        Denominator::Collected => "số phiếu thu về",
    }
}

/// Something that speaks against a count.
pub fn of_blocked(blocked: CountBlocked) -> String {
    match blocked {
        CountBlocked::ListedMissing { missing } => {
            format!("Thiếu {missing} phong bì mà máy chủ đã ký nhận.")
        }
        CountBlocked::SealsDiffer { sealed, in_box } => {
            format!("Các điện thoại đã niêm phong {sealed} phong bì, trong hòm có {in_box} phong bì của đợt này.")
        }
        CountBlocked::SlipsDiffer { printed, found } => {
            format!("Đã in {printed} lá thăm, nhưng phát ra cộng chưa phát cộng hỏng là {found} lá.")
        }
        CountBlocked::StubsDiffer { stubs, sealed } => {
            format!("Trong túi có {stubs} cuống, trong hòm có phong bì của {sealed} lá thăm.")
        }
        CountBlocked::TooFew { valid, least } => format!("Chỉ có {valid} phiếu hợp lệ, cần ít nhất {least} phiếu."),
    }
}

/// What the two cells of an area hold: "Hài lòng trở lên" and "Còn lại"; where a side has one option, its own words.
pub fn of_sides(options: &[OpinionOption]) -> [String; 2] {
    let of_side = |wanted: Side| options.iter().filter(move |option| option.side == wanted).map(|option| &option.label);
    let (milder, rest) = (of_side(Side::For).next_back(), of_side(Side::Rest).next());
    let with_more = |label: &String| match of_side(Side::For).count() {
        1 => label.clone(),
        _ => format!("{label} trở lên"),
    };
    let alone = |label: &String| match of_side(Side::Rest).count() {
        1 => label.clone(),
        _ => "Còn lại".to_owned(),
    };
    [milder.map(with_more).unwrap_or_default(), rest.map(alone).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round::built_in;

    #[test]
    fn sides_are_called_by_their_own_options() {
        for (template, expected) in [
            (built_in::satisfaction(), ["Hài lòng trở lên", "Còn lại"]),
            (built_in::satisfaction_new_countryside(), ["Hài lòng", "Chưa hài lòng"]),
            (built_in::confidence(), ["Tín nhiệm trở lên", "Tín nhiệm thấp"]),
        ] {
            assert_eq!(of_sides(template.questions[0].options()), expected, "{}", template.code);
        }
    }
}
