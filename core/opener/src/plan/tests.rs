use super::*;
use crate::rehearsal_tests::{PLAN, satisfaction_plan};
use crate::words::{of_plan, of_today};

fn refused(change: impl Fn(&mut RoundPlan)) -> String {
    let mut plan = RoundPlan::read(PLAN.as_bytes()).unwrap();
    change(&mut plan);
    plan.check().map_err(|refused| of_plan(&refused)).unwrap_err()
}

/// A6.
#[test]
fn small_neighbourhoods_are_joined_before_anything_is_printed() {
    let definition = RoundPlan::read(PLAN.as_bytes()).unwrap().check().unwrap();
    let areas: Vec<(&str, u32)> = definition.areas.iter().map(|area| (area.name.as_str(), area.eligible)).collect();
    assert_eq!(areas, [("Tổ dân phố 1", 60), ("Tổ dân phố 2 và Tổ dân phố 3", 75)]);
    assert_eq!((definition.group_min, definition.side_min), (20, 5));
}

#[test]
fn a_round_about_a_unit_has_the_usual_smallest_group() {
    let definition = RoundPlan::read(satisfaction_plan().as_bytes()).unwrap().check().unwrap();
    assert_eq!((definition.group_min, definition.areas.len()), (10, 3));
}

#[test]
fn a_plan_that_is_no_round_is_refused_with_a_sentence() {
    for (sentence, what) in [
        (refused(|plan| plan.title.clear()), "Mục “tên”: chưa ghi gì"),
        (refused(|plan| plan.organiser = "x".into()), "“đơn vị tổ chức”"),
        (refused(|plan| plan.template = PlannedTemplate::Shipped("SATT".into())), "Không có mẫu phiếu “SATT”"),
        (refused(|plan| plan.template = PlannedTemplate::Shipped("SAT".into())), "không khớp"),
        (refused(|plan| plan.closes = "2026-02-30".into()), "“ngày đóng” không có trong lịch"),
        (refused(|plan| plan.grace = "2026-01-01".into()), "theo thứ tự"),
        (refused(|plan| plan.group_min = Some(4)), "nhóm từ 5 đến 50"),
        (refused(|plan| plan.neighbourhoods.clear()), "Có 0 khu vực"),
        (refused(|plan| plan.neighbourhoods = plan.neighbourhoods[1..2].to_vec()), "cần từ 40 trở lên"),
        (refused(|plan| drop(plan.holders.pop())), "2 người giữ khóa; cần đúng 3"),
        (refused(|plan| plan.holders[1].name = plan.holders[0].name.clone()), "thứ 2: trùng với người khác"),
        (
            refused(|plan| plan.holders[2].person = Some("03030303030303030303030303030303".into())),
            "thứ 3: là người được lấy ý kiến",
        ),
    ] {
        assert!(sentence.contains(what) && sentence.ends_with('.'), "{sentence}");
    }
    let unreadable = RoundPlan::read(b"{\n\"title\": 3\n}").unwrap_err();
    assert_eq!(unreadable, PlanRefused::Unreadable { line: 2 });
    assert!(RoundPlan::read(PLAN.replace("\"opens\"", "\"open\"").as_bytes()).is_err(), "a word that nobody knows");
}

#[test]
fn a_plan_that_closed_before_today_is_refused_and_one_that_opened_is_warned_of() {
    let plan = RoundPlan::read(PLAN.as_bytes()).unwrap();
    let day = |text: &str| model::time::Day::parse(text).unwrap();
    let told = |text: &str| plan.check_on(day(text)).map(|round| of_today(&round, day(text)));
    assert_eq!(told("2026-01-05").unwrap(), "Hôm nay, theo đồng hồ máy này, là ngày 05/01/2026.");
    assert!(told("2026-01-06").unwrap().contains("Đợt đã mở từ ngày 05/01/2026"));
    assert!(told("2026-01-15").is_ok());
    let over = told("2026-01-16").map_err(|refused| of_plan(&refused)).unwrap_err();
    assert!(over.contains("đã đóng ngày 15/01/2026") && over.contains("là ngày 16/01/2026"), "{over}");
}

#[test]
fn a_missing_or_unknown_field_of_a_plan_is_named() {
    let told = |plan: String| of_plan(&RoundPlan::read(plan.as_bytes()).unwrap_err());
    let missing = told(PLAN.replace("  \"denominator\": \"collected\",\n", ""));
    assert!(missing.contains("thiếu mục “denominator” (tỷ lệ tính trên)"), "{missing}");
    let unknown = told(PLAN.replace("\"opens\"", "\"open\""));
    assert!(unknown.contains("Dòng 16") && unknown.contains("“open”"), "{unknown}");
}

#[test]
fn the_example_of_a_plan_is_a_round_and_explains_every_field() {
    let round = RoundPlan::read(PLAN_EXAMPLE.as_bytes()).unwrap().check().unwrap();
    assert_eq!(round.areas.len(), 2, "one small neighbourhood is joined");
    let mut explained = false;
    for line in PLAN_EXAMPLE.lines().map(str::trim).filter(|line| line.starts_with("//") || line.starts_with('"')) {
        assert!(line.starts_with("//") || explained, "{line}");
        explained = line.starts_with("//");
    }
}
