//! What everybody may read of a published round: the page, the poster and the sheet, and what none of them tells.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::outcome::{Outcome, WentOn};
use model::publication::sheet::result_sheet;
use model::publication::slices::HIDDEN_SENTENCE;
use model::round::RoundDefinition;
use model::tally::CountBlocked;
use model::time::Day;
use server::report::directory::Directory;
use server::report::spreadsheet::csv_of;
use server::results::PublishedRound;
use server::results::page::{Reader, ResultList, ResultPage};
use server::results::poster::Poster;
use tests::counted::{CountedRound, plan};

/// Five areas; of the last two neither the answers nor who took part may be shown.
const SIZES: [u32; 5] = [420, 300, 260, 64, 30];

/// The hidden areas of one world: the one of one mind, the small one.
const HIDDEN: [[u32; 6]; 2] = [[41, 20, 0, 0, 0, 0], [20, 2, 4, 0, 0, 0]];

/// Another world with the same sums.
const HIDDEN_OTHERWISE: [[u32; 6]; 2] = [[39, 20, 1, 0, 0, 0], [22, 2, 3, 0, 0, 0]];

fn satisfaction(hidden: [[u32; 6]; 2]) -> CountedRound {
    CountedRound::of(&plan("SAT", "Khảo sát hài lòng quý IV/2026", &SIZES), |area, question| {
        let question = question as u32;
        match (area, question) {
            (3 | 4, _) => hidden[area - 3].to_vec(),
            (0, 0) => vec![101, 150, 50, 2, 1, 16],
            (0, _) => vec![60 + question, 150, 50 - question, 30, 14, 16],
            (1, 0) => vec![60, 110, 40, 1, 0, 13],
            (1, _) => vec![60, 90 - question, 40, 14 + question, 7, 13],
            (_, 0) => vec![50, 100, 35, 0, 0, 9],
            (_, _) => vec![41, 80, 35 + question, 25 - question, 4, 9],
        }
    })
}

fn confidence() -> CountedRound {
    CountedRound::of(
        &plan("CONF", "Lấy phiếu tín nhiệm tổ trưởng năm 2026", &[300, 220, 120]),
        |area, subject| {
            let subject = subject as u32;
            match area {
                0 => vec![150 - 40 * subject, 60, 30 + 40 * subject],
                1 => vec![100 - 30 * subject, 40, 20 + 30 * subject],
                _ => vec![60 - 10 * subject, 20, 10 + 10 * subject],
            }
        },
    )
}

/// The page, the poster and the sheet.
fn printed(round: &PublishedRound) -> [String; 3] {
    let page = ResultPage::new(round, Reader::Anybody).html();
    let sheet = csv_of(&result_sheet(round.definition(), round.published()));
    [page, Poster::new(round).html(), String::from_utf8(sheet).unwrap()]
}

fn as_is(_: &mut Outcome) {}

/// A45: whatever is drawn, also the width of a bar, knows published cells alone.
#[test]
fn two_counts_that_differ_only_in_hidden_areas_have_one_page_one_poster_and_one_sheet() {
    let worlds = [satisfaction(HIDDEN), satisfaction(HIDDEN_OTHERWISE)];
    assert!(worlds[0].tally != worlds[1].tally, "the exact counts differ");
    let [one, other] = worlds.map(|world| world.published(as_is));
    assert_eq!(one.published(), other.published());
    assert!(one.outcome().recount != other.outcome().recount, "two counts");
    assert_eq!(printed(&one), printed(&other));
}

#[test]
fn a_hidden_area_has_its_name_and_one_sentence_and_no_number() {
    let [page, poster, sheet] = printed(&satisfaction(HIDDEN).published(as_is));
    for area in ["Tổ dân phố 4", "Tổ dân phố 5"] {
        let rows: Vec<&str> = page.split("<tr").filter(|row| row.contains(&format!(">{area}<"))).collect();
        assert_eq!(rows.len(), 9, "participation and eight questions");
        for row in rows {
            let row = row.split("</tr>").next().unwrap();
            let plain = row.replace(area, "").replace("colspan=\"4\"", "").replace("/svg", "");
            assert!(row.contains(HIDDEN_SENTENCE) && !plain.contains(|sign: char| sign.is_ascii_digit()), "{row}");
        }
        let line = poster.split("<li>").find(|line| line.contains(area)).unwrap();
        assert!(line.contains("<b>ẩn **</b>"), "{line}");
        for line in sheet.lines().filter(|line| line.contains(area)) {
            assert!(line.ends_with(&format!("\"\",\"\",\"\",\"{HIDDEN_SENTENCE}\"")), "{line}");
        }
    }
    assert!(page.contains(">Tổ dân phố 1<") && poster.contains(HIDDEN_SENTENCE));
}

#[test]
fn published_numbers_stand_beside_their_bars_and_in_the_sheet() {
    let [page, poster, sheet] = printed(&satisfaction(HIDDEN).published(as_is));
    for what in [
        "Khảo sát hài lòng quý IV/2026",
        "1.074 người được trả lời",
        "Số trong thanh là phần trăm",
        "làm tròn hai chữ số thập phân, nửa thì lên",
        "Tổng số phong bì trong hòm",
        "Trần Quang Huy và Ngô Thị Bích",
        "Chưa ghi nhận cặp khác đếm lại.",
        "* Gộp các mức liền nhau, trong đó một mức dưới 5 phiếu.",
    ] {
        assert!(page.contains(what), "{what}");
    }
    assert!(
        page.contains("data-l=\"Không hài lòng, Rất không hài lòng\"")
            || page.contains("data-l=\"Bình thường, Không hài lòng")
    );
    let mut read = csv_of_text(&sheet);
    let header = read.remove(0);
    assert!(read.iter().all(|row| row.len() == header.len()));
    let kinds = read.iter().filter(|row| row[0] == "Phong bì").count();
    assert_eq!((kinds, header[5].as_str()), (8, "Số"));
    assert!(poster.contains("Cứ 100 phiếu có ý kiến thì ") && poster.contains(" phiếu hài lòng trở lên</h1>"));
}

/// Rows of a sheet whose fields are all in quotes.
fn csv_of_text(sheet: &str) -> Vec<Vec<String>> {
    let rows = sheet.trim_start_matches('\u{feff}').trim_end().split("\r\n");
    rows.map(|row| row[1..row.len() - 1].split("\",\"").map(str::to_owned).collect()).collect()
}

#[test]
fn a_consultative_result_says_so_wherever_it_stands() {
    for round in [satisfaction(HIDDEN), confidence()] {
        let published = round.published(as_is);
        let list = ResultList::new(&[round.published(as_is)], None).html();
        for text in printed(&published).iter().chain([&list]) {
            assert!(text.contains("Phiếu có giá trị tham khảo"), "{text}");
        }
    }
}

/// A36-A38: what does not add up, and why the holders went on.
#[test]
fn what_speaks_against_a_count_is_said_above_its_numbers() {
    let counted = satisfaction(HIDDEN);
    let overfull = counted.definition().areas[1].number;
    let published = counted.published(|outcome| {
        let blocked = CountBlocked::ListedMissing { missing: 3 };
        outcome.went_on = vec![WentOn { blocked, reason: "Ổ đĩa hỏng <ngày 3>.".to_owned() }];
        outcome.published.overfull = vec![overfull];
        outcome.set_aside_matters = true;
    });
    let [page, poster, _] = printed(&published);
    for what in [
        "Thiếu 3 phong bì mà máy chủ đã ký nhận.",
        "Ổ đĩa hỏng &#60;ngày 3&#62;.",
        "Thu về nhiều hơn phát ra ở: Tổ dân phố 2.",
        "có thể làm thay đổi mức kết luận",
    ] {
        assert!(page.find(what).is_some_and(|at| at < page.find("Bảng số").unwrap()), "{what}");
    }
    assert!(poster.contains("Có 1 điều không khớp") && poster.contains("Tổ dân phố 2."));
}

/// Look 6: people stand in the order of the round, and nobody leads.
#[test]
fn a_round_about_people_ranks_nobody() {
    let published = confidence().published(as_is);
    let [page, poster, sheet] = printed(&published);
    let headline = poster.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap();
    assert_eq!(headline, "490 phiếu hợp lệ cho ý kiến về 3 người");
    for text in [&page, &poster, &sheet] {
        let places = ["Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường"].map(|name| text.find(name).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }
    let word = published.recount_word().unwrap();
    assert!(page.contains(&word) && page.contains("Trần Quang Huy và Bùi Văn Lộc đếm lại trên máy khác"));
    assert!(page.contains("thấp: không quá nửa") && page.contains("không kéo theo kết luận nào theo luật"));
}

#[test]
fn a_round_that_is_not_published_has_no_page() {
    let counted = satisfaction(HIDDEN);
    let outcome = counted.outcome([0, 1], as_is);
    let published = |outcomes, reported: Option<Day>| {
        PublishedRound::of(&counted.kept(outcomes, reported), &Directory::default()).is_some()
    };
    let day = Day::new(2026, 12, 4).ok();
    assert!(!published([Some(outcome.clone()), None], None) && !published([None, None], day));
    assert!(published([Some(outcome), None], day));
}

#[test]
fn areas_are_left_out_where_the_round_shows_none() {
    let mut counted = satisfaction(HIDDEN);
    let definition = RoundDefinition { shows_areas: false, ..counted.definition().clone() };
    counted.signed.definition = definition;
    let [page, poster, sheet] = printed(&counted.published(as_is));
    for text in [&page, &poster, &sheet] {
        assert!(!text.contains("Tổ dân phố"), "{text}");
    }
    assert!(page.contains("Đợt này không công bố theo khu vực."));
}

/// The strict policy of the pages would drop them, and a width in a style would still say a number.
#[test]
fn no_page_carries_styles_or_scripts() {
    for counted in [satisfaction(HIDDEN), confidence()] {
        let [page, poster, _] = printed(&counted.published(as_is));
        for text in [page, poster] {
            assert!(!text.contains(" style=") && !text.contains("<script") && !text.contains("<style"), "{text}");
        }
    }
}
