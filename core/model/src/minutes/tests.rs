use super::*;
use crate::document::{WorkingDocument, Written};
use crate::form::built_in::case_papers;
use crate::time::Timestamp;

const CYCLE: CycleId = CycleId::from_bytes([1; 16]);
const CADRE: PersonId = PersonId::from_bytes([2; 16]);

const fn paragraph(seed: u8) -> ParagraphId {
    ParagraphId::from_bytes([seed; 16])
}

fn form() -> CheckedForm {
    case_papers::minutes().check().unwrap()
}

fn heading() -> Heading {
    Heading { cycle: CYCLE, person: CADRE, form: case_papers::minutes().pin() }
}

/// A document in which one person has begun.
fn begun() -> WorkingDocument {
    let mut document = WorkingDocument::default();
    record(&mut document, 1, &[heading().edits(), paragraph_edits(paragraph(1), 0, "Đồng chí Lan làm tốt.")].concat());
    document
}

fn record(document: &mut WorkingDocument, actor: u8, edits: &[Edit]) -> EntryHash {
    document.record([actor; 16], Timestamp::from_utc_ms(0), edits).unwrap().hash
}

fn read(document: &WorkingDocument) -> Minutes {
    Minutes::read(&document.fields().unwrap(), &form()).unwrap()
}

fn rewrite(text: &str) -> Vec<Edit> {
    vec![Edit { field: text_field(paragraph(1)), value: Some(Scalar::Text(text.to_owned())) }]
}

/// Three phones without a network, and what all of them know afterwards.
fn together(apart: [&[Edit]; 3]) -> WorkingDocument {
    let begun = begun();
    let mut all = begun.clone();
    for (actor, edits) in (2..).zip(apart) {
        let mut own = begun.clone();
        let change = own.record([actor; 16], Timestamp::from_utc_ms(0), edits).unwrap();
        all.admit(&change.bytes).unwrap();
    }
    all
}

#[test]
fn paragraphs_that_were_added_apart_stand_in_one_order_everywhere() {
    let added = [2, 3, 4].map(|seed| paragraph_edits(paragraph(seed), ORDER_STEP, &format!("Ý kiến {seed}.")));
    let forward = together([&added[0], &added[1], &added[2]]);
    let backward = together([&added[2], &added[1], &added[0]]);
    let order = |document: &WorkingDocument| -> Vec<_> {
        read(document).paragraphs.into_iter().map(|paragraph| paragraph.id).collect()
    };
    assert_eq!(order(&forward), [1, 2, 3, 4].map(paragraph));
    assert_eq!(order(&backward), order(&forward));
}

#[test]
fn one_paragraph_rewritten_by_two_keeps_both_and_the_base_is_known() {
    let (ours, theirs) = (rewrite("Đồng chí Trần Thị Lan làm tốt."), rewrite("Đồng chí Lan làm tốt, đúng hạn."));
    let attendance = [Edit { field: attendance_field(CADRE), value: Some(Scalar::Text("present".to_owned())) }];
    let document = together([&ours, &theirs, &attendance]);
    let minutes = read(&document);
    assert_eq!(minutes.paragraphs[0].text, None, "nobody's version wins");
    assert!(!minutes.is_settled());
    let [dispute] = &minutes.disputes[..] else { panic!("one paragraph is disputed") };
    let by: Vec<EntryHash> = dispute.sides.iter().map(|side| side.by).collect();
    let base = document.base_of(&dispute.field, &by);
    assert_eq!(base, Some(Scalar::Text("Đồng chí Lan làm tốt.".to_owned())));
    assert_eq!(minutes.attendance, BTreeMap::from([(CADRE, Attendance::Present)]));
}

#[test]
fn equal_rewritings_are_silent_and_a_choice_covers_both_sides() {
    let same = rewrite("Đồng chí Lan làm rất tốt.");
    let document = together([&same, &same, &rewrite("Khác.")]);
    let mut settled = document.clone();
    assert_eq!(read(&document).disputes[0].sides.len(), 2);
    record(&mut settled, 9, &rewrite("Đồng chí Lan làm rất tốt."));
    assert_eq!(read(&settled).disputes, []);
}

#[test]
fn a_paragraph_removed_here_and_rewritten_there_comes_back() {
    let document =
        together([&removal_edits(paragraph(1)), &rewrite("Sửa lại."), &paragraph_edits(paragraph(9), 5, "x")]);
    let paragraphs = read(&document).paragraphs;
    assert!(paragraphs.iter().any(|known| known.id == paragraph(1) && known.text.as_deref() == Some("Sửa lại.")));
}

#[test]
fn a_new_paragraph_finds_its_place() {
    let mut document = begun();
    let minutes = read(&document);
    assert_eq!(minutes.order_after(Some(paragraph(1))), ORDER_STEP);
    record(&mut document, 1, &paragraph_edits(paragraph(2), ORDER_STEP, "Hai."));
    let minutes = read(&document);
    assert_eq!(minutes.order_after(Some(paragraph(1))), ORDER_STEP / 2);
    assert!(minutes.order_after(None) < 0);
}

#[test]
fn minutes_are_signed_when_something_was_said_and_counts_agree() {
    let mut document = WorkingDocument::default();
    record(&mut document, 1, &heading().edits());
    assert!(!read(&document).is_settled(), "nothing was said");
    record(&mut document, 1, &paragraph_edits(paragraph(1), 0, "Nhất trí."));
    let present = |person: u8| Edit {
        field: attendance_field(PersonId::from_bytes([person; 16])),
        value: Some(Scalar::Text("present".to_owned())),
    };
    record(&mut document, 1, &[present(1), present(2)]);
    assert!(read(&document).is_settled());
    let counted = Edit { field: "a/present".to_owned(), value: Some(Scalar::Text("1".to_owned())) };
    record(&mut document, 1, &[counted]);
    assert!(!read(&document).is_settled(), "two are marked, one is counted");
}

#[test]
fn minutes_have_their_limits() {
    let fields = |edits: Vec<Edit>| -> Fields {
        let all = heading().edits().into_iter().chain(edits);
        all.filter_map(|edit| Some((edit.field, Field::Settled(edit.value?)))).collect()
    };
    let text = |chars: usize| "ế".repeat(chars);
    let check = |edits| check_shape(&fields(edits));
    assert_eq!(check(paragraph_edits(paragraph(1), 0, &text(PARAGRAPH_CHARS_MAX))), Ok(()));
    assert_eq!(check(paragraph_edits(paragraph(1), 0, &text(PARAGRAPH_CHARS_MAX + 1))), Err(Refusal::TooLarge));
    let many = |count: u16| {
        let id = |number: u16| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            ParagraphId::from_bytes(bytes)
        };
        (0..count).flat_map(|number| paragraph_edits(id(number), 0, "x")).collect()
    };
    assert_eq!(check(many(PARAGRAPHS_MAX as u16)), Ok(()));
    assert_eq!(check(many(PARAGRAPHS_MAX as u16 + 1)), Err(Refusal::TooLarge));
    let mut hostile = fields(paragraph_edits(paragraph(1), 0, "x"));
    let long = Written { value: Scalar::Text(text(PARAGRAPH_CHARS_MAX + 1)), by: EntryHash::from_bytes([1; 32]) };
    hostile.insert(text_field(paragraph(1)), Field::Disputed(vec![long.clone(), long]));
    assert_eq!(check_shape(&hostile), Err(Refusal::TooLarge), "one side of a dispute is text, too");
}
