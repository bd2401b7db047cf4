//! Facts about what residents say on their own, from the running box to the public answers.

use std::sync::{Arc, Mutex};

use model::envelope::Envelope;
use model::feedback::answers::AnswerSheet;
use model::feedback::case::{FeedbackCase, IntakePacket, Screened};
use model::feedback::{FeedbackAbout, Topic};
use model::identity::RoundId;
use model::opening::container::{START_BYTES, input_bytes};
use model::opening::{BoxDigest, OpeningInput};
use model::round::RoundDefinition;
use server::ballots::boxes::DropRefused;
use server::database::open_to_read;
use server::feedback::CaseState;
use server::feedback::desk::{FeedbackAsked, FeedbackTold, ListedCase};
use server::feedback::published::texts;
use server::office::DATABASE_FILE;
use server::second_copy::SecondCopy;

use crate::feedback_round::{
    FeedbackOffice, LAND_OFFICE, REMOVED, case, code, day, definition, holders, packet, reply_file, rows_of,
};

const TABLES: [&str; 4] = ["feedback_packet", "feedback_case", "feedback_event", "reply_file"];

fn round() -> String {
    definition().id.to_string()
}

fn id(number: u8) -> String {
    case(number).id.to_string()
}

fn route(number: u8, unit: &str) -> FeedbackAsked {
    FeedbackAsked::Route { case: id(number), unit: unit.to_owned() }
}

fn answer(number: u8, text: &str) -> FeedbackAsked {
    FeedbackAsked::Answer { case: id(number)[..8].to_owned(), text: text.to_owned() }
}

fn publish(text: &str) -> FeedbackAsked {
    FeedbackAsked::Publish { round: round(), bytes: text.as_bytes().to_vec() }
}

fn listed(office: &FeedbackOffice, today: &str) -> Vec<ListedCase> {
    match office.ordered(&FeedbackAsked::List { round: None }, today) {
        FeedbackTold::Cases(cases) => cases,
        told => panic!("{told:?}"),
    }
}

/// What the file of a running box holds, checked as its readers do.
fn read_box(path: &std::path::Path) -> (OpeningInput, u32) {
    let bytes = std::fs::read(path).unwrap();
    let (start, rest) = bytes.split_first_chunk::<START_BYTES>().unwrap();
    let (input, envelopes) = rest.split_at(input_bytes(start).unwrap() as usize);
    let (input, round) = (OpeningInput::read(input).unwrap(), definition());
    let mut digest = BoxDigest::default();
    for envelope in envelopes.chunks(round.envelope_bytes()) {
        digest.take(&Envelope::read(envelope, &round).unwrap());
    }
    let so_far = digest.finish();
    assert_eq!(input.check_running(so_far), Ok(()));
    (input, so_far.unwrap().0)
}

/// A26, A48: twenty join the file, or what came in five working days, or all at the end; and phones go on dropping.
#[test]
fn two_files_of_a_box_of_feedback_differ_by_a_whole_list() {
    let office = FeedbackOffice::new();
    let wrote = |name: &str, today: &str| {
        let path = office.folder.path().join(name);
        let to = path.to_str().unwrap().to_owned();
        match office.ordered(&FeedbackAsked::Box { round: round(), to }, today) {
            FeedbackTold::Done => Some(read_box(&path)),
            told => {
                assert!(format!("{told:?}").contains("Chưa có gì để đọc") && !path.exists(), "{told:?}");
                None
            }
        }
    };
    assert!(wrote("empty.lnhp", "2026-03-03").is_none());
    office.drops(22, "2026-03-03").unwrap();
    assert!(wrote("same-day.lnhp", "2026-03-03").is_none(), "a list waits for the next day");
    let (input, envelopes) = wrote("first.lnhp", "2026-03-04").unwrap();
    assert_eq!((input.lists.len(), input.lists[0].is_last, envelopes), (1, false, 22));
    office.drops(3, "2026-03-04").unwrap();
    for (name, today) in [("again.lnhp", "2026-03-04"), ("monday.lnhp", "2026-03-09"), ("friday.lnhp", "2026-03-13")] {
        assert_eq!(wrote(name, today).unwrap().1, 22, "three are too few on {today}");
    }
    assert_eq!(wrote("week.lnhp", "2026-03-16").unwrap().1, 25, "ten days after the opening");
    office.drops(1, "2026-06-30").unwrap();
    let (input, envelopes) = wrote("end.lnhp", "2026-07-06").unwrap();
    assert!(input.lists.last().unwrap().is_last && envelopes == 26);
}

/// A48: after a quiet fortnight a text is not read on the morning after it came; whoever spoke did so on one of five days.
#[test]
fn few_are_listed_when_a_fifth_working_day_begins_and_not_the_day_after_they_spoke() {
    let listed = |spoke: &str| {
        let office = FeedbackOffice::new();
        let days = std::iter::successors(Some(day("2026-03-02")), |today| today.plus_days(1));
        days.take(40).find(|today| {
            office.boxes.begin_day(*today).unwrap();
            if *today == day(spoke) {
                office.drops(1, spoke).unwrap();
            }
            office.boxes.list(definition().id).is_some()
        })
    };
    for spoke in ["2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20"] {
        assert_eq!(listed(spoke), Some(day("2026-03-23")), "{spoke}");
    }
}

#[test]
fn a_clock_that_ran_ahead_once_does_not_stop_the_lists() {
    let office = FeedbackOffice::new();
    office.drops(1, "2026-03-03").unwrap();
    office.boxes.begin_day(day("2031-01-01")).unwrap();
    office.drops(15, "2026-03-04").unwrap();
    for today in ["2026-03-05", "2026-03-12", "2026-03-19", "2026-03-26"] {
        office.boxes.begin_day(day(today)).unwrap();
    }
    assert_eq!(office.boxes.list(definition().id).unwrap().len(), 16);
}

/// A28: nothing per request, with its time.
#[test]
fn a_full_box_is_told_once_a_day_and_never_when_somebody_came() {
    let (office, lines) = (FeedbackOffice::new(), Lines::default());
    office.drops(40, "2026-03-03").unwrap();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let told = || String::from_utf8(lines.0.lock().unwrap().clone()).unwrap().lines().count();
    tracing::subscriber::with_default(log, || {
        for _ in 0..3 {
            assert_eq!(office.drops(1, "2026-03-03"), Err(DropRefused::Full));
        }
        assert_eq!(told(), 0);
        office.boxes.begin_day(day("2026-03-04")).unwrap();
        office.boxes.begin_day(day("2026-03-05")).unwrap();
        assert_eq!(told(), 1);
    });
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A30: there are no slips to count.
#[test]
fn a_box_of_feedback_takes_four_envelopes_for_every_person() {
    let office = FeedbackOffice::new();
    assert_eq!(definition().slips(), 0);
    office.drops(40, "2026-03-03").unwrap();
    assert_eq!(office.drops(1, "2026-03-03"), Err(DropRefused::Full));
}

#[test]
fn a_packet_is_taken_once_and_says_so_the_second_time() {
    let office = FeedbackOffice::new();
    let packet = packet(vec![case(1), case(2)], "2026-03-09", [5, 0]);
    assert_eq!(office.takes(&packet, "2026-03-10"), FeedbackTold::Taken { new: Some(2) });
    let before = TABLES.map(|table| office.rows(table));
    assert_eq!(office.takes(&packet, "2026-03-11"), FeedbackTold::Taken { new: None });
    assert_eq!(TABLES.map(|table| office.rows(table)), before, "counters are counted once");
    let [first, second] = &listed(&office, "2026-03-10")[..] else { panic!("two cases") };
    assert_eq!((first.case, second.case), (case(1).id, case(2).id));
    assert_eq!((first.due, first.days_left, first.state), (day("2026-03-23"), 9, CaseState::Received));
    assert_eq!(listed(&office, "2026-03-25")[0].days_left, -2);
}

/// A48: what came first is nowhere.
#[test]
fn cases_lie_alike_in_whatever_order_they_came() {
    let mut many: Vec<FeedbackCase> = (1..=9).map(case).collect();
    let worlds = [false, true].map(|is_turned| {
        if is_turned {
            many.reverse();
        }
        let office = FeedbackOffice::new();
        let mut packets = [
            packet(many.iter().filter(|case| case.id.as_bytes()[0] < 5).cloned().collect(), "2026-03-09", [1, 2]),
            packet(many.iter().filter(|case| case.id.as_bytes()[0] >= 5).cloned().collect(), "2026-03-09", [0, 3]),
        ];
        if is_turned {
            packets.reverse();
        }
        packets.iter().for_each(|packet| drop(office.takes(packet, "2026-03-10")));
        (TABLES.map(|table| office.rows(table)), listed(&office, "2026-03-10"))
    });
    assert_eq!(worlds[0].0[1].len(), 9);
    assert_eq!(worlds[0], worlds[1]);
}

#[test]
fn a_packet_that_contradicts_what_was_taken_leaves_nothing() {
    let office = FeedbackOffice::new();
    office.takes(&packet(vec![case(1)], "2026-03-09", [0, 0]), "2026-03-10");
    let before = TABLES.map(|table| office.rows(table));
    let other = FeedbackCase { text: "Khác hẳn.".to_owned(), ..case(1) };
    let take = |packet: &IntakePacket| FeedbackAsked::Take { bytes: packet.to_bytes() };
    let of = |keys: &[&ed25519_dalek::SigningKey], round, about| {
        let cases = vec![FeedbackCase { about, ..case(3) }];
        IntakePacket::signed(round, day("2026-03-09"), Screened { cases, ..Screened::default() }, keys)
    };
    let ([first, _, _], elsewhere) = (holders(), RoundId::from_bytes([6; 16]));
    for (asked, part) in [
        (take(&packet(vec![case(2), other], "2026-03-09", [3, 3])), "nội dung khác"),
        (take(&packet(vec![case(2)], "2026-03-11", [0, 0])), "ngày chưa đến"),
        (take(&of(&[&first], definition().id, FeedbackAbout::Street)), "không có chữ ký"),
        (take(&of(&[&crate::feedback_round::intake()], definition().id, FeedbackAbout::Leaders)), "không có chữ ký"),
        (take(&of(&[&first], elsewhere, FeedbackAbout::Street)), "Không có đợt nào"),
        (FeedbackAsked::Take { bytes: vec![7; 40] }, "không phải gói góp ý"),
    ] {
        let said = office.refused(&asked, "2026-03-10");
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(TABLES.map(|table| office.rows(table)), before);
}

/// A49: the unit spoken of never reads the text.
#[test]
fn a_unit_of_the_directory_gets_the_paraphrase_alone() {
    let office = FeedbackOffice::new();
    office.takes(&packet(vec![case(1), case(2)], "2026-03-09", [0, 0]), "2026-03-10");
    let FeedbackTold::Handled(told) = office.ordered(&route(1, "bo phan dia chinh"), "2026-03-10") else {
        panic!("the unit is known")
    };
    assert_eq!((told.state, told.unit.as_deref()), (CaseState::Routed, Some(LAND_OFFICE)));
    let sent = minicbor::to_vec(&told).unwrap();
    assert!(told.paraphrase == case(1).paraphrase && !String::from_utf8_lossy(&sent).contains(&case(1).text));
    office.ordered(&route(1, LAND_OFFICE), "2026-03-11");
    assert_eq!(office.rows("feedback_event").len(), 1, "to the same unit again changes nothing");
    assert!(office.refused(&route(1, "Sở Y tế"), "2026-03-10").contains("không có đơn vị nào"));
    assert!(office.refused(&route(7, LAND_OFFICE), "2026-03-10").contains("Không có góp ý nào"));
    let short = FeedbackAsked::Show { case: id(1)[..3].to_owned() };
    assert!(office.refused(&short, "2026-03-10").contains("Không có góp ý nào"));
}

#[test]
fn a_case_is_answered_once_and_within_bounds() {
    let office = FeedbackOffice::new();
    office.takes(&packet(vec![case(1)], "2026-03-09", [0, 0]), "2026-03-10");
    for (text, part) in [(" \n", "còn trống"), (&*"a".repeat(801), "801"), ("a\u{202e}", "không nhìn thấy")] {
        let said = office.refused(&answer(1, text), "2026-03-11");
        assert!(said.contains(part), "{said}");
    }
    assert!(matches!(office.ordered(&answer(1, "Đã thay đèn.\n"), "2026-03-12"), FeedbackTold::Handled(_)));
    assert!(office.refused(&answer(1, "Chưa thay."), "2026-03-13").contains("chỉ trả lời một lần"));
    assert!(office.refused(&route(1, LAND_OFFICE), "2026-03-13").contains("đã được trả lời"));
    let shown = office.ordered(&FeedbackAsked::Show { case: id(1)[..4].to_owned() }, "2026-03-13");
    let FeedbackTold::Case(shown) = shown else { panic!("{shown:?}") };
    assert_eq!((&*shown.text, shown.answer.as_deref()), (&*case(1).text, Some("Đã thay đèn.")));
    assert_eq!((shown.listed.answered, shown.listed.state), (Some(day("2026-03-12")), CaseState::Answered));
}

/// A50: the server knows which answers left, and never which are in a file.
#[test]
fn the_sheet_holds_a_year_of_answers_for_which_somebody_waits() {
    let office = FeedbackOffice::new();
    let unawaited = FeedbackCase { awaits_reply: false, ..case(3) };
    office.takes(&packet(vec![case(1), case(2), unawaited], "2026-03-09", [0, 0]), "2026-03-10");
    let sheet = |name: &str, today: &str| {
        let path = office.folder.path().join(name);
        let to = path.to_str().unwrap().to_owned();
        let told = office.ordered(&FeedbackAsked::Answers { round: round(), to, is_protected: false }, today);
        let read = AnswerSheet::read(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(told, FeedbackTold::Answers { count: read.answers.len() as u32 });
        read.answers.iter().map(|answered| answered.case.as_bytes()[0]).collect::<Vec<_>>()
    };
    assert_eq!(sheet("none", "2026-03-10"), [0_u8; 0]);
    office.ordered(&answer(1, "Đã thay đèn."), "2026-03-12");
    office.ordered(&answer(3, "Đã biết."), "2026-03-12");
    assert_eq!(sheet("first", "2026-03-27"), [1]);
    assert_eq!(listed(&office, "2026-03-27")[0].state, CaseState::HandedOver);
    office.ordered(&answer(2, "Đã dọn."), "2026-03-28");
    let file = reply_file(day("2026-03-28"), &[(code(1), "Đã thay đèn.".to_owned())]);
    assert_eq!(office.ordered(&publish(&file.to_text()), "2026-03-29"), FeedbackTold::Done);
    assert_eq!(sheet("second", "2026-03-30"), [1, 2], "the holders may not have sealed theirs");
    assert_eq!(sheet("third", "2027-03-20"), [2], "nobody looks for an answer after a year");
}

#[test]
fn two_files_of_answers_a_month_are_public_for_twelve_months() {
    let office = FeedbackOffice::new();
    let of = |of: &str| reply_file(day(of), &[]).to_text();
    for made in ["2026-03-28", "2026-04-27", "2026-04-28"] {
        assert_eq!(office.ordered(&publish(&of(made)), made), FeedbackTold::Done);
    }
    let foreign = RoundDefinition { title: "Khác".to_owned(), ..definition() };
    let random = &mut server::machine::randomness();
    let foreign = model::feedback::replies::ReplyFile::seal(&foreign, day("2026-05-28"), &[], random).unwrap();
    for (text, part) in [
        (of("2026-04-30"), "mỗi tháng một tệp của người tiếp nhận"),
        (of("2026-05-30"), "ngày chưa đến"),
        (of("2025-04-30"), "quá 12 tháng"),
        (foreign.to_text(), "đợt khác"),
        ("{}".to_owned(), "không phải tệp trả lời"),
    ] {
        let said = office.refused(&publish(&text), "2026-05-29");
        assert!(said.contains(part), "{said}");
    }
    let published = |office: &FeedbackOffice| texts(office.office.reader()).unwrap();
    assert!(published(&office)[0].contains("2026-04-27") && published(&office).len() == 3, "the newest first");
    office.ordered(&publish(&of("2027-04-05")), "2027-04-05");
    let days: Vec<bool> = published(&office).iter().map(|text| text.contains("2026-03-28")).collect();
    assert_eq!(days, [false; 3], "the one of March is a year old");
}

/// A51, R14.
#[test]
fn figures_say_nothing_of_a_few() {
    let office = FeedbackOffice::new();
    let figures = |today: &str| match office.ordered(&FeedbackAsked::Figures { round: round() }, today) {
        FeedbackTold::Figures(figures) => figures,
        told => panic!("{told:?}"),
    };
    assert_eq!((figures("2026-03-10").tables, figures("2026-03-10").denounced), (None, Some(0)));
    let land = (10..15).map(|number| FeedbackCase { topic: Topic::Land, ..case(number) });
    office.takes(&packet((1..=5).map(case).chain(land).collect(), "2026-03-09", [4, 5]), "2026-03-10");
    for number in 1..=5 {
        office.ordered(&route(number, LAND_OFFICE), "2026-03-10");
        office.ordered(&answer(number, "Đã thay đèn."), "2026-03-11");
    }
    let seen = figures("2026-03-12");
    assert_eq!((seen.denounced, seen.out_of_scope), (None, Some(5)));
    let tables = seen.tables.unwrap();
    let handling = tables.total.handling.unwrap();
    assert_eq!((handling.answered, handling.on_time, handling.median_days), (5, 5, Some(2)));
    let named = |rows: &[server::feedback::figures::FigureRow]| {
        rows.iter().map(|row| (row.name.clone(), row.received)).collect::<Vec<_>>()
    };
    let [works, land] = [Topic::Works, Topic::Land].map(|topic| (Some(topic.label().to_owned()), 5));
    assert_eq!(named(&tables.by_topic), [land, works]);
    assert_eq!(named(&tables.by_unit), [(Some(LAND_OFFICE.to_owned()), 5), (None, 5)]);
    office.ordered(&answer(10, "Đã xem."), "2026-03-12");
    assert_eq!(figures("2026-03-12").tables.unwrap().total.handling, None);
}

#[test]
fn the_second_copy_follows_and_lets_go_of_old_answers() {
    let office = FeedbackOffice::new();
    let copy = office.folder.path().join("copy");
    let mut second = SecondCopy::open(&copy, &office.settings.data.join(DATABASE_FILE)).unwrap();
    let mut followed = || {
        second.follow().unwrap();
        let path = copy.join(DATABASE_FILE);
        TABLES
            .iter()
            .chain(&["objection"])
            .all(|table| rows_of(&open_to_read(&path).unwrap(), table) == office.rows(table))
    };
    office.takes(&packet(vec![case(1)], "2026-03-09", [1, 1]), "2026-03-10");
    office.ordered(&answer(1, "Đã thay đèn."), "2026-03-12");
    office.ordered(&publish(&reply_file(day("2026-03-28"), &[]).to_text()), "2026-03-28");
    let objection = "insert into objection (round, day) values (?1, '2026-03-28')";
    office.office.reader().execute(objection, [definition().id.as_bytes()]).unwrap();
    assert!(followed() && office.rows("reply_file").len() == 1);
    server::feedback::published::forget_old(office.office.reader(), day("2027-04-01")).unwrap();
    assert!(office.rows("reply_file").is_empty() && followed());
}

/// A29, A49: words that were removed, codes and envelopes are in no file of the office but the encrypted box.
#[test]
fn nothing_unscreened_and_no_code_is_ever_in_the_office() {
    let office = FeedbackOffice::new();
    office.drops(6, "2026-03-03").unwrap();
    office.takes(&packet(vec![case(1)], "2026-03-09", [1, 1]), "2026-03-10");
    office.ordered(&answer(1, "Đã thay đèn đường ấy."), "2026-03-12");
    let to = office.folder.path().join("sheet").to_str().unwrap().to_owned();
    office.ordered(&FeedbackAsked::Answers { round: round(), to, is_protected: false }, "2026-03-12");
    let file = reply_file(day("2026-03-12"), &[(code(1), "Đã thay đèn đường ấy.".to_owned())]).to_text();
    office.ordered(&publish(&file), "2026-03-13");
    assert!(office.holds(&case(1).text) && office.holds("Đã thay đèn đường ấy."), "the search finds what is there");
    assert!(office.holds(&file[..300]), "the public file, too");
    let groups = code(1).groups(&definition().fingerprint());
    for canary in [REMOVED, &groups.concat(), &groups.join(" ")] {
        assert!(!office.holds(canary), "{canary}");
    }
    let bits = code(1).to_bytes();
    assert!(!TABLES.iter().flat_map(|table| office.rows(table)).any(|row| row.contains(&format!("{bits:?}"))));
}
