//! Facts about the end of a round: what residents said is nowhere any more, whatever happened meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::ballots::boxes::Boxes;
use server::database::{cut_journal, open_to_read};
use server::feedback::desk::{FeedbackAsked, FeedbackTold};
use server::office::DATABASE_FILE;
use server::rounds;
use server::rounds::ending::destroy;
use server::running::{open_boxes, start};
use server::second_copy::SecondCopy;

use crate::feedback_round::{FeedbackOffice, case, day, definition, holds, packet};

/// The day on which the round's end is due.
const DUE: &str = "2026-10-03";

fn office() -> FeedbackOffice {
    let office = FeedbackOffice::new();
    office.takes(&packet(vec![case(1)], "2026-03-09", [1, 1]), "2026-03-10");
    office
}

fn ends(office: &FeedbackOffice) {
    assert!(destroy(&office.office, &office.boxes, definition().id, day(DUE)).is_ok());
}

/// A52: no file of the office or of its second copy holds a text any more; what was made of it stays.
#[test]
fn screened_texts_are_destroyed_with_the_box_of_their_round() {
    let office = office();
    let copy = office.folder.path().join("copy");
    let mut second = SecondCopy::open(&copy, &office.settings.data.join(DATABASE_FILE)).unwrap();
    let answer = FeedbackAsked::Answer { case: case(1).id.to_string(), text: "Đã thay đèn.".to_owned() };
    office.ordered(&answer, "2026-03-12");
    second.follow().unwrap();
    let is_anywhere = |needle: &str| office.holds(needle) || holds(&copy, needle);
    assert!(is_anywhere(&case(1).text), "the search finds what is there");
    let ends = |today: &str| destroy(&office.office, &office.boxes, definition().id, day(today));
    assert!(ends("2026-10-02").is_err() && ends("2026-10-03").is_ok(), "90 days after the grace date");
    second.follow().unwrap();
    assert!(!is_anywhere(&case(1).text));
    let shown = office.ordered(&FeedbackAsked::Show { case: case(1).id.to_string() }, "2026-10-04");
    let FeedbackTold::Case(shown) = shown else { panic!("{shown:?}") };
    assert_eq!((shown.text.as_str(), shown.answer.as_deref()), ("", Some("Đã thay đèn.")));
    assert_eq!(
        office.takes(&packet(vec![case(1)], "2026-03-09", [1, 1]), "2026-10-04"),
        FeedbackTold::Taken { new: None }
    );
    second.follow().unwrap();
    assert!(!is_anywhere(&case(1).text), "not by the same packet either");
}

/// A52: what a reader held is cut as soon as nobody reads; the server looks for it from time to time.
#[test]
fn a_text_that_somebody_read_meanwhile_goes_with_the_next_look() {
    let office = office();
    let reader = open_to_read(&office.settings.data.join(DATABASE_FILE)).unwrap();
    reader.execute_batch("begin; select count(*) from feedback_case;").unwrap();
    ends(&office);
    assert!(office.holds(&case(1).text), "the reader's journal");
    drop(reader);
    assert_eq!(cut_journal(office.office.reader()), Ok(true));
    assert!(!office.holds(&case(1).text));
}

/// A52: the power went after the copy was told and before its journal was cut.
#[test]
fn a_second_copy_that_broke_off_lets_go_when_it_is_opened() {
    let office = office();
    let (first, copy) = (office.settings.data.join(DATABASE_FILE), office.folder.path().join("copy"));
    let mut second = SecondCopy::open(&copy, &first).unwrap();
    second.follow().unwrap();
    ends(&office);
    let reader = open_to_read(&copy.join(DATABASE_FILE)).unwrap();
    reader.execute_batch("begin; select count(*) from feedback_case;").unwrap();
    second.follow().unwrap();
    assert!(holds(&copy, &case(1).text), "the reader's journal");
    drop((reader, second));
    let _second = SecondCopy::open(&copy, &first).unwrap();
    assert!(!holds(&copy, &case(1).text));
}

/// A52: nobody writes on the named road for days, and the copy follows all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_copy_of_a_running_server_follows_what_moves_no_space() {
    let (folder, mut settings) = office().closed();
    let copy = folder.path().join("copy");
    settings.second_copy = Some(copy.clone());
    let server = start(&settings).await.unwrap();
    while !holds(&copy, &case(1).text) {
        tokio::task::yield_now().await;
    }
    let boxes = Arc::clone(&server.door().boxes);
    let end = move |office: &mut server::office::Office| {
        assert!(destroy(office, &boxes, definition().id, day(DUE)).is_ok());
        Ok(())
    };
    server.door().writer.act(end).await.unwrap();
    while holds(&copy, &case(1).text) {
        tokio::task::yield_now().await;
    }
    server.stop().await.unwrap();
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A52: a second copy was set up after the first list; the key in the old place dies, too.
#[test]
fn the_key_of_a_box_dies_wherever_this_server_put_it() {
    let office = FeedbackOffice::new();
    office.drops(22, "2026-03-03").unwrap();
    office.boxes.begin_day(day("2026-03-04")).unwrap();
    let safe = office.settings.data.join("ballots").join("safe");
    assert!(!files_below(&safe).is_empty());
    let round = rounds::find(office.office.reader(), definition().id).unwrap().unwrap().announcement.round();
    let copy = office.folder.path().join("copy");
    let boxes = Boxes::open(&office.settings.data, Some(&copy), office.boxes_key()).unwrap();
    boxes.begin(round).unwrap();
    assert!(destroy(&office.office, &boxes, definition().id, day(DUE)).is_ok());
    assert_eq!(files_below(&safe), Vec::<PathBuf>::new());
}

/// A52: restore any backup after the end.
#[test]
fn a_backup_from_before_the_end_brings_no_text_back() {
    let (folder, settings) = office().closed();
    let kept = folder.path().join("sao-luu.db");
    server::backup::back_up(&settings, &kept).unwrap();
    let texts = |is_ended: bool| {
        let held = server::folder::Folder::hold(&settings.data, &settings.membership_file()).unwrap();
        let (office, _) = held.open(server::safety::Safety::of_one_copy()).unwrap();
        let boxes = open_boxes(&settings, &office, held.key()).unwrap();
        if is_ended {
            assert!(destroy(&office, &boxes, definition().id, day(DUE)).is_ok());
        }
        let cases = server::feedback::cases(office.reader(), None).unwrap();
        cases.into_iter().map(|kept| kept.case.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(false), [case(1).text]);
    assert_eq!(texts(true), [""]);
    server::backup::restore(&settings, &kept, None).unwrap();
    assert_eq!(texts(false), [""]);
}
