//! A decision in the words of official decisions: whose, on what grounds, and what it rules, article by article.
//!
//! The form asks for the parts; what it asks beyond the ones known here, in a version of the office's own, follows as it
//! was asked. Source: look 7 (Nghị định 30/2020/NĐ-CP, Phụ lục I and III, "Quyết định cá biệt").

use model::cadre::CadreInPost;
use model::case::paper::PaperKind;

use crate::cases::page::{held, name_of};
use crate::cases::sheet::block::{Article, Block, shown_answers};
use crate::cases::sheet::{Printing, Signed};
use crate::report::reading::UNKNOWN_UNIT;

/// Questions that have their place in the wording, in the head or at the foot.
pub const WORDED: [&str; 10] = [
    "decision_number",
    "decision_date",
    "sequence",
    "superseded_number",
    "legal_basis",
    "authority",
    "outcome",
    "rating",
    "not_rated_reason",
    "signer",
];

/// What stands above the wording.
pub const TITLE: &str = "QUYẾT ĐỊNH";

/// What it is about, as it stands under the title.
pub fn subject(cycle_title: &str) -> String {
    match cycle_title.strip_prefix("Đánh giá") {
        Some(rest) => format!("Về việc đánh giá{rest}"),
        None => format!("Về việc đánh giá, xếp loại chất lượng\n{cycle_title}"),
    }
}

/// The wording; `None` of another paper, and of a decision that decides nothing.
pub fn blocks(signed: &Signed<'_>, printing: &Printing<'_>) -> Option<Vec<Block>> {
    if printing.paper.kind != PaperKind::Decision {
        return None;
    }
    let whom = whom(printing);
    let ruled = match (signed.words("rating"), signed.words("not_rated_reason")) {
        (Some(rating), _) => format!("Xếp loại chất lượng đối với {whom}: {rating}."),
        (None, Some(reason)) => format!("Không xếp loại chất lượng đối với {whom}. Lý do: {}.", stopped(&reason)),
        (None, None) => return None,
    };
    let mut articles = vec![vec![ruled]];
    let known = |key: &str| WORDED.contains(&key);
    articles.extend(shown_answers(signed, known).into_iter().map(|line| {
        let mut paragraphs = line.paragraphs.into_iter();
        let first = format!("{} {}", line.label, paragraphs.next().unwrap_or_default());
        std::iter::once(first).chain(paragraphs).collect()
    }));
    if let Some(replaced) = signed.words("superseded_number") {
        let sequence = signed.words("sequence").unwrap_or_default();
        articles.push(vec![format!(
            "Đây là quyết định lần {sequence} trong hồ sơ đánh giá, thay thế Quyết định số {replaced}."
        )]);
    }
    let name = name_of(printing.directory, printing.person);
    articles.push(vec![format!(
        "Quyết định này có hiệu lực kể từ ngày ký. Ông (bà) {name} và các bộ phận có liên quan chịu trách nhiệm thi hành."
    )]);
    let authority = signed.words("authority").into_iter().map(|body| Block::Centre(body.to_uppercase()));
    let grounds = signed.words("legal_basis").unwrap_or_default();
    let grounds: Vec<String> = grounds.lines().map(str::trim).filter(|line| !line.is_empty()).map(ground).collect();
    let last = grounds.len().saturating_sub(1);
    let ended = |(place, ground): (usize, String)| format!("{ground}{}", if place == last { '.' } else { ';' });
    let grounds: Vec<String> = grounds.into_iter().enumerate().map(ended).collect();
    let article = |(place, paragraphs): (usize, Vec<String>)| {
        Block::Article(Article { label: format!("Điều {}.", place + 1), paragraphs })
    };
    let ruling = std::iter::once(Block::Centre(format!("{TITLE}:")));
    let articles = articles.into_iter().enumerate().map(article);
    Some(authority.chain(grounds.into_iter().map(Block::Remark)).chain(ruling).chain(articles).collect())
}

/// "ông (bà) Hồ Văn Thuận, Chuyên viên, Văn phòng Ủy ban nhân dân".
fn whom(printing: &Printing<'_>) -> String {
    let name = name_of(printing.directory, printing.person);
    match held(printing.directory, printing.person) {
        Some(CadreInPost { assignment, .. }) => {
            let unit = printing.directory.units.get(&assignment.unit);
            let unit = unit.map_or(UNKNOWN_UNIT, |unit| unit.name_vi.as_str());
            format!("ông (bà) {name}, {}, {unit}", assignment.title)
        }
        None => format!("ông (bà) {name}"),
    }
}

/// A ground begins with its word and has no stop of its own, whoever typed it.
fn ground(line: &str) -> String {
    let line = stopped(line);
    let is_worded = ["Căn cứ", "Xét", "Theo"].iter().any(|word| line.starts_with(word));
    if is_worded { line.to_owned() } else { format!("Căn cứ {line}") }
}

fn stopped(text: &str) -> &str {
    text.trim_end_matches(|sign: char| sign.is_whitespace() || ['.', ';', ','].contains(&sign)).trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_reads_as_one_whoever_typed_it() {
        for typed in ["Nghị định 335/2025/NĐ-CP", "Căn cứ Nghị định 335/2025/NĐ-CP.", "Nghị định 335/2025/NĐ-CP ;"]
        {
            assert_eq!(ground(typed), "Căn cứ Nghị định 335/2025/NĐ-CP", "{typed}");
        }
        assert_eq!(ground("Xét đề nghị của trưởng đơn vị;"), "Xét đề nghị của trưởng đơn vị");
    }
}
