//! Reports on cases as rows of text, ready for a spreadsheet.

use super::compliance::{PublicationCompliance, PublicationCount};
use super::gap::{GapCell, GapColumn, RatingGap};
use super::group_min::GroupMin;
use super::residence::{ResidenceFinding, ResidenceReport, ResidenceRow};
use super::sheet::{PERCENT_DECIMALS, Sheet, harmless, sheet};
use crate::ratio::{Ratio, Rounded, Rounding};

/// Residence opinions, one row each, in the order of the report, which was made with the same `group_min`.
pub fn residence_sheet(report: &ResidenceReport, group_min: GroupMin) -> Sheet {
    let header = [
        "TT",
        "Họ và tên",
        "Đơn vị",
        "Tổng số cử tri",
        "Dự họp",
        "Số dự họp tối thiểu",
        "Nhất trí",
        "Không nhất trí",
        "Không có ý kiến",
        "Tỷ lệ nhất trí",
        "Ghi chú",
    ];
    let rows = (1..).zip(&report.rows);
    sheet(&header, rows.map(|(number, row)| residence_cells(number, row, group_min)).collect())
}

/// Chosen against decided levels: one row per cell, and one for a column whose cells are hidden.
pub fn rating_gap_sheet(gap: &RatingGap, group_min: GroupMin) -> Sheet {
    let header = ["Mức được quyết định", "Số người", "Mức tự xếp loại", "Số người tự xếp loại", "Tỷ lệ", "Ghi chú"];
    sheet(&header, gap.columns.iter().flat_map(|column| gap_rows(column, group_min)).collect())
}

/// The publications of each unit, and of all together in the last row.
pub fn publication_sheet(compliance: &PublicationCompliance) -> Sheet {
    let header = ["Đơn vị", "Đã quyết định", "Đã công khai", "Tỷ lệ công khai", "Không xếp loại", "Chưa quyết định"];
    let units = compliance.units.iter().map(|unit| publication_cells(&unit.unit_name, &unit.count));
    sheet(&header, units.chain([publication_cells("Tổng số", &compliance.total)]).collect())
}

fn residence_cells(number: u32, row: &ResidenceRow, group_min: GroupMin) -> Vec<String> {
    let too_few = group_min.words();
    let [mut agree, mut disagree, mut no_opinion, mut share] = [const { String::new() }; 4];
    let note = match row.finding {
        ResidenceFinding::Contradictory => "Số liệu không khớp",
        ResidenceFinding::WithoutQuorum => "Chưa đủ số cử tri dự họp",
        ResidenceFinding::Hidden => {
            [agree, disagree, no_opinion] = std::array::from_fn(|_| too_few.clone());
            "Ít người dự họp: không hiển thị số liệu"
        }
        ResidenceFinding::Ranged { is_more_than_half } => {
            share = if is_more_than_half { "Quá nửa" } else { "Không quá nửa" }.to_owned();
            "Ít người dự họp: chỉ hiển thị khoảng"
        }
        ResidenceFinding::Counted { counts, agreed } => {
            [agree, disagree, no_opinion] = [counts.agree, counts.disagree, counts.no_opinion].map(whole);
            share = percent(agreed);
            ""
        }
    };
    vec![
        number.to_string(),
        harmless(&row.name),
        harmless(&row.unit_name),
        whole(row.voters_total),
        row.voters_present.map_or(too_few, whole),
        whole(row.fewest_present),
        agree,
        disagree,
        no_opinion,
        share,
        note.to_owned(),
    ]
}

fn gap_rows(column: &GapColumn, group_min: GroupMin) -> Vec<Vec<String>> {
    let row = |chosen: String, people: String, share: String, note: String| {
        vec![column.decided.label_vi().to_owned(), whole(column.people), chosen, people, share, note]
    };
    if column.cells.is_empty() {
        let (people, note) = if column.people == 0 {
            (whole(0), String::new())
        } else {
            (group_min.words(), "Ít người: không hiển thị mức tự xếp loại".to_owned())
        };
        return vec![row(String::new(), people, String::new(), note)];
    }
    let cell_row = |cell: &GapCell| {
        let chosen: Vec<&str> = cell.self_ratings.iter().map(|rating| rating.label_vi()).collect();
        let note = if chosen.len() > 1 {
            format!("Gộp vì có mức {} người", group_min.words())
        } else {
            String::new()
        };
        row(chosen.join("; "), whole(cell.people), cell.share.map(percent).unwrap_or_default(), note)
    };
    column.cells.iter().map(cell_row).collect()
}

fn publication_cells(unit_name: &str, count: &PublicationCount) -> Vec<String> {
    vec![
        harmless(unit_name),
        whole(count.decided),
        whole(count.published),
        count.published_share.map(percent).unwrap_or_default(),
        whole(count.not_rated),
        whole(count.undecided),
    ]
}

fn whole(number: u32) -> String {
    Rounded::whole(number.into()).vietnamese()
}

fn percent(share: Ratio) -> String {
    share.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp)
}

#[cfg(test)]
mod tests {
    use super::super::compliance::publication_compliance;
    use super::super::compliance::tests::{NOT_RATED, case, rated};
    use super::super::figures::DecidedCase;
    use super::super::gap::rating_gap;
    use super::super::residence::tests::opinion;
    use super::super::residence::{VoterQuorum, summarise_residence_opinions};
    use super::*;
    use crate::rating::Rating;

    const LEAST: GroupMin = GroupMin::LEAST;

    #[test]
    fn a_residence_table_says_what_counts_and_what_does_not() {
        let opinions = [
            opinion(3, 300, 55, Some([40, 10, 5])),
            opinion(6, 300, 54, None),
            opinion(9, 80, 81, None),
            opinion(12, 4, 4, Some([4, 0, 0])),
            opinion(15, 9, 9, Some([9, 0, 0])),
        ];
        let report = summarise_residence_opinions(&VoterQuorum::of_voter_conferences(), LEAST, &opinions);
        let Sheet { header, rows } = residence_sheet(&report, LEAST);
        assert!(rows.iter().all(|row| row.len() == header.len()));
        let counted = ["1", "Nguyễn Văn 3", "Phường 0", "300", "55", "55", "40", "10", "5", "72,73 %", ""];
        assert_eq!(rows[0], counted);
        assert_eq!(rows[1][4..], ["54", "55", "", "", "", "", "Chưa đủ số cử tri dự họp"]);
        assert_eq!(rows[2][6..], ["", "", "", "", "Số liệu không khớp"]);
        assert_eq!(rows[3][4..10], ["<5", "3", "<5", "<5", "<5", ""]);
        assert_eq!(rows[4][6..10], ["", "", "", "Quá nửa"]);
    }

    #[test]
    fn a_gap_table_has_a_row_per_cell() {
        let mut cases = vec![rated(1, Rating::Excellent, Rating::Good); 5];
        cases.extend(vec![rated(1, Rating::Good, Rating::Good); 15]);
        cases.extend(vec![rated(1, Rating::Good, Rating::Completed); 4]);
        let Sheet { header, rows } = rating_gap_sheet(&rating_gap(LEAST, &cases), LEAST);
        assert!(rows.iter().all(|row| row.len() == header.len()) && rows.len() == 5);
        let [excellent, good, completed, not_completed] = Rating::ALL.map(Rating::label_vi);
        assert_eq!(rows[0], [excellent, "0", "", "0", "", ""]);
        assert_eq!(rows[1], [good, "20", excellent, "5", "25,00 %", ""]);
        let joined = [good, completed, not_completed].join("; ");
        assert_eq!(rows[2], [good, "20", &joined, "15", "75,00 %", "Gộp vì có mức <5 người"]);
        assert_eq!(rows[3], [completed, "4", "", "<5", "", "Ít người: không hiển thị mức tự xếp loại"]);
    }

    #[test]
    fn a_publication_table_ends_with_the_total() {
        let published = DecidedCase { is_published: true, ..rated(1, Rating::Good, Rating::Good) };
        let cases =
            [published, rated(2, Rating::Good, Rating::Good), case(2, None, Some(NOT_RATED)), case(3, None, None)];
        let Sheet { header, rows } = publication_sheet(&publication_compliance(&cases));
        assert_eq!((rows.len(), header.len()), (4, rows[0].len()));
        assert_eq!(rows[0], ["Phường 1", "1", "1", "100,00 %", "0", "0"]);
        assert_eq!(rows[2], ["Phường 3", "0", "0", "", "0", "1"]);
        assert_eq!(rows[3], ["Tổng số", "2", "1", "50,00 %", "1", "1"]);
    }
}
