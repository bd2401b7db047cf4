//! What the office reads about a cycle: from entries in a real log to the page and the sheets.

use model::case::CaseState;
use model::document::Edit;
use model::identity::{PersonId, TaskId};
use model::rating::{NotRatedReason, Rating};
use model::report::figures::AssessmentState;
use model::report::sheet::{progress_sheet, score_sheet};
use model::task::TaskLine;
use model::time::Timestamp;
use server::report::page::{ReportPage, Situation, summary};
use server::report::reading::CycleReading;
use server::report::spreadsheet::csv_of;
use server::report::{Found, ReportSource};
use server::safety::{Copies, Safety};
use tests::commune::served::ServedCommune;
use tests::commune::{Commune, FilledForm, filled, heading};

const SEED: u64 = 335;
/// 15/11/2026, the first day, 10:00 in Vietnam.
const OPENS_MS: i64 = 1_794_711_600_000;
const DAY_MS: i64 = 86_400_000;
/// 09/12/2026, one day before the last.
const IN_TIME_MS: i64 = OPENS_MS + 24 * DAY_MS;
/// 12/12/2026, two days after the last.
const LATE_MS: i64 = OPENS_MS + 27 * DAY_MS;

/// Everything a reader of the report can hold in hand.
struct Report {
    reading: CycleReading,
    html: String,
    scores: String,
    progress: String,
}

fn report(served: &ServedCommune, now_ms: i64) -> Report {
    let source = ReportSource::new(&served.database(), served.office.identity(), Safety::of_one_copy(), || {
        Timestamp::from_utc_ms(OPENS_MS)
    });
    let Ok(Found::Cycle(reading, cycles)) = source.cycle(served.commune.cycle.id) else { panic!("it can be read") };
    printed(*reading, &cycles, now_ms)
}

fn printed(reading: CycleReading, cycles: &[model::cycle::EvaluationCycle], now_ms: i64) -> Report {
    let situation = Situation { now: Timestamp::from_utc_ms(now_ms), copies: Copies::One, is_recovering: false };
    let html = ReportPage::new(&reading, cycles, situation).html();
    let figures = summary(&reading);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a sheet is UTF-8");
    let (scores, progress) = (text(csv_of(&score_sheet(&figures))), text(csv_of(&progress_sheet(&figures))));
    Report { reading, html, scores, progress }
}

fn people(commune: &Commune) -> Vec<(PersonId, bool, Rating)> {
    let person =
        |member: &tests::commune::Member| (member.held.cadre.id, member.held.assignment.is_leader, member.quality);
    commune.members.iter().map(person).collect()
}

fn everybody_submits(commune: Commune, now_ms: i64) -> ServedCommune {
    let mut served = ServedCommune::publish(commune, OPENS_MS);
    for (person, is_leader, quality) in people(&served.commune) {
        served.submits(person, &filled(SEED, person, is_leader, quality), now_ms);
    }
    served
}

/// The row of a person, tags taken out, cells between bars.
fn row_of(report: &Report, name: &str) -> String {
    let mut rows = report.html.split("<tr").filter(|row| row.contains(&format!(">{name}</th>")));
    let row = rows.next().expect("everybody has a row").split("</tr>").next().expect("a row ends");
    let text = row.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    text.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
}

fn levels(excellent: usize, good: usize) -> Vec<Rating> {
    let mut levels = vec![Rating::Good; good];
    levels.extend(vec![Rating::Excellent; excellent]);
    levels
}

#[test]
fn four_of_twenty_keep_the_quota_and_five_of_twenty_are_one_too_many() {
    let commune = Commune::of_units(SEED, &[levels(4, 20), levels(5, 20)]);
    let report = report(&everybody_submits(commune, IN_TIME_MS), IN_TIME_MS);
    let kept = row_of(&report, "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân");
    assert!(kept.ends_with("| 24 | 0 | 0 | Đủ"), "{kept}");
    for (counted, finding) in
        [("xuất sắc 4 người, tốt 20 người", "Trong mức"), ("xuất sắc 5 người, tốt 20 người", "Vượt 1 người")]
    {
        let row = report.html.split("<tr").find(|row| row.contains(counted)).expect("the quota is said");
        assert!(row.contains(finding) && row.contains("Mức cao nhất là 4 người, bằng 20 % của 20 người tốt."), "{row}");
    }
}

/// Points of the ten criteria that sum to so many whole points.
fn general_of(points: u32) -> [u32; 10] {
    let mut left = points * 100;
    [500, 500, 250, 250, 250, 250, 250, 250, 250, 250].map(|most| {
        let given = left.min(most);
        left -= given;
        given
    })
}

/// The worked numbers of the decree: one product, done, with so many quality failures.
fn worked(person: PersonId, general_points: u32, quality_failures: u16) -> Vec<Edit> {
    let line = TaskLine {
        id: TaskId::from_bytes([1; 16]),
        name: "Đề án sắp xếp thôn".into(),
        coefficient_hundredths: 100,
        assigned: 1,
        done: 1,
        exceeded: 0,
        quality_failures,
        delays: 0,
        is_cause_objective: false,
        evidence: String::new(),
    };
    let drawn = FilledForm::drawn(SEED, person, Rating::Good);
    let self_rating = if quality_failures == 0 { Rating::Excellent } else { Rating::Good };
    let form = FilledForm { general_hundredths: general_of(general_points), lines: vec![line], self_rating, ..drawn };
    form.edits(&heading(person, false))
}

#[test]
fn the_worked_scores_of_the_decree_stand_on_the_page_and_in_the_sheet() {
    let mut commune = Commune::of_units(SEED, &[levels(0, 4)]);
    for (member, name) in commune.members.iter_mut().zip(["Trưởng", "Phó", "Hằng", "Tuấn"]) {
        member.held.cadre.full_name = name.into();
    }
    let mut served = ServedCommune::publish(commune, OPENS_MS);
    let [_, _, (first, ..), (second, ..)] = people(&served.commune)[..] else { panic!("four people") };
    served.submits(first, &worked(first, 25, 0), IN_TIME_MS);
    served.submits(second, &worked(second, 20, 1), IN_TIME_MS);
    let report = report(&served, IN_TIME_MS);
    assert!(row_of(&report, "Hằng").contains("25,00 | 70,00 | 95,00 | Xuất sắc | Xuất sắc | Đã nộp"));
    assert!(row_of(&report, "Tuấn").contains("20,00 | 64,17 | 84,17 | Tốt | Tốt | Đã nộp"));
    assert!(
        report.scores.contains("\"25,00\",\"70,00\",\"95,00\",\"Hoàn thành xuất sắc nhiệm vụ\""),
        "{}",
        report.scores
    );
    assert!(report.scores.contains("\"20,00\",\"64,17\",\"84,17\",\"Hoàn thành tốt nhiệm vụ\""), "{}", report.scores);
    assert!(
        report.progress.contains("\"Tổng số\",\"4\",\"2\",\"0\",\"2\",\"0\",\"50,00 %\",\"0\""),
        "{}",
        report.progress
    );
}

/// One unit of six: late, returned, accepted, drafting, not begun, in time.
fn mixed() -> ServedCommune {
    let mut commune = Commune::of_units(SEED, &[levels(0, 6)]);
    for (member, name) in commune.members.iter_mut().zip(["Muộn", "Trả", "Nhận", "Nháp", "Chưa", "Xong"]) {
        member.held.cadre.full_name = name.into();
    }
    let mut served = ServedCommune::publish(commune, OPENS_MS);
    let people = people(&served.commune);
    let form = |at: usize| filled(SEED, people[at].0, people[at].1, Rating::Good);
    served.submits(people[0].0, &form(0), LATE_MS);
    let returned = served.submits(people[1].0, &form(1), IN_TIME_MS);
    served.decides(returned, CaseState::Returned, IN_TIME_MS);
    let accepted = served.submits(people[2].0, &form(2), IN_TIME_MS);
    served.decides(accepted, CaseState::OpinionsOpen, IN_TIME_MS);
    served.drafts(people[3].0, &form(3), IN_TIME_MS);
    served.submits(people[5].0, &form(5), IN_TIME_MS);
    served
}

#[test]
fn every_paper_stands_with_its_own_word() {
    let report = report(&mixed(), LATE_MS + DAY_MS);
    let check = |name: &str, word: &str| {
        let row = row_of(&report, name);
        assert!(row.ends_with(word), "{row}");
    };
    check("Muộn", "Nộp muộn 2 ngày | nộp 12/12/2026");
    check("Trả", "Đã nộp | Trả lại để bổ sung | nộp 09/12/2026");
    check("Nhận", "Đã nộp | Đã tiếp nhận | nộp 09/12/2026");
    check("Nháp", "Chưa nộp | Quá hạn 3 ngày | đang làm");
    check("Chưa", "Chưa nộp | Quá hạn 3 ngày | chưa bắt đầu");
    check("Xong", "Đã nộp | nộp 09/12/2026");
    assert!(report.html.contains("đã hết hạn") && report.html.contains("Xem 2 người quá hạn"));
    assert_eq!(report.html.matches("id=\"overdue\"").count(), 1);
    assert!(report.scores.contains("\"Nộp muộn\""));
}

#[test]
fn before_the_last_day_nobody_is_overdue() {
    let report = report(&ServedCommune::publish(Commune::generate(SEED), OPENS_MS), OPENS_MS);
    assert!(report.html.contains("Hạn nộp 10/12/2026, <b>còn 25 ngày</b>"), "{}", report.html);
    assert!(!report.html.contains("uá hạn"));
    assert!(report.html.contains("Chưa có phiếu nào được tính điểm."));
}

#[test]
fn whoever_is_not_rated_is_in_no_share() {
    let mut reading = report(&mixed(), IN_TIME_MS).reading;
    let with = printed(reading.clone(), &[], IN_TIME_MS);
    let absent = reading.papers.iter_mut().find(|paper| paper.line.name == "Chưa").expect("she is in a post");
    absent.line.state = AssessmentState::NotRated { reason: NotRatedReason::TooFewMonths };
    let without = printed(reading, &[], IN_TIME_MS);
    assert!(with.html.contains("Đã nộp 66,67 % của 6 người phải nộp."), "{}", with.html);
    assert!(without.html.contains("Đã nộp 80,00 % của 5 người phải nộp. Ngoài ra có 1 người không xếp loại"));
    assert!(without.html.contains("1 người không xếp loại, không có trong tỷ lệ."));
    assert!(row_of(&without, "Chưa").ends_with("Không có điểm | Không xếp loại"));
}

#[test]
fn a_name_with_tags_or_a_formula_stays_text() {
    let mut commune = Commune::of_units(SEED, &[levels(0, 2)]);
    commune.members[0].held.cadre.full_name = "<script>alert('1')</script>".into();
    commune.members[1].held.cadre.full_name = "=1+1".into();
    commune.cycle.title = "Đợt \"thử\" <b>&".into();
    commune.units[1].name_vi = "<img src=x>".into();
    let report = report(&ServedCommune::publish(commune, OPENS_MS), OPENS_MS);
    assert!(!report.html.contains("<script") && !report.html.contains("<img") && !report.html.contains("<b>&<"));
    assert!(report.html.contains("&#60;script&#62;"), "{}", report.html);
    assert!(report.scores.contains("\"'=1+1\""), "{}", report.scores);
}

#[test]
fn the_page_has_no_style_attribute_no_script_and_no_outside_address() {
    let html = report(&mixed(), LATE_MS).html;
    for forbidden in [" style=", "<style", "<script", "javascript:", "http://", "https://", "//", " on"] {
        let found = html.match_indices(forbidden).next().map(|(at, _)| &html[at.saturating_sub(60)..]);
        // " on" would begin a handler such as onclick; no Vietnamese or English word of the page follows it with "=".
        let is_harmless = forbidden == " on" && !html.contains(" onclick") && !html.contains(" onload");
        assert!(found.is_none() || is_harmless, "{forbidden}: {found:?}");
    }
    for needed in
        ["<html lang=\"vi\">", "<h1>", "<caption", "scope=\"col\"", "scope=\"row\"", "href=\"#main\"", "id=\"main\""]
    {
        assert!(html.contains(needed), "{needed}");
    }
    assert!(html.contains("Máy chủ chỉ có một bản dữ liệu"));
}

#[test]
fn one_damaged_submission_takes_nothing_from_the_others() {
    let served = mixed();
    let damage = rusqlite::Connection::open(served.database()).expect("the file is there");
    let sql = "update entry set bytes = substr(bytes, 1, 200) where kind = 2 and person = ?1";
    let hurt = people(&served.commune)[5].0;
    assert_eq!(damage.execute(sql, [hurt.as_bytes()]).expect("a row can be changed"), 1);
    let report = report(&served, IN_TIME_MS);
    assert!(report.html.contains("Có 1 phiếu đã nộp mà máy chủ không đọc được điểm."));
    assert!(report.html.contains("<li>Xong, "), "{}", report.html);
    assert!(row_of(&report, "Trả").contains("Đã nộp"));
    assert_eq!((report.reading.papers.len(), report.reading.unread.len()), (5, 1));
}

#[test]
fn a_paper_that_calls_itself_a_leaders_changes_no_formula() {
    let commune = Commune::of_units(SEED, &[levels(0, 3)]);
    let mut served = ServedCommune::publish(commune, OPENS_MS);
    let (person, is_leader, quality) = people(&served.commune)[2];
    assert!(!is_leader);
    served.submits(person, &filled(SEED, person, true, quality), IN_TIME_MS);
    let AssessmentState::Submitted { results, .. } = &report(&served, IN_TIME_MS)
        .reading
        .papers
        .iter()
        .find(|paper| paper.line.person == person)
        .expect("everybody is read")
        .line
        .state
        .clone()
    else {
        panic!("it was submitted")
    };
    assert_eq!(results.score.as_ref().expect("the law counts points").shares.len(), 3);
}
