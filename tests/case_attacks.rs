//! What an attacker and a rule lawyer tried on evaluation cases, and what became of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::appointment::Appointment;
use model::case::CaseState::{self, Appealed, Archived, AwaitingComments, Decided};
use model::case::paper::PaperKind;
use model::document::{Edit, Scalar};
use model::entry::{Content, ENTRY_BYTES_MAX, Entry, SUBMISSION_BYTES_MAX};
use model::exchange::Cursor;
use model::hash::EntryHash;
use model::identity::ParagraphId;
use model::membership::Role;
use model::minutes::paragraph_edits;
use model::paper::{About, Heading};
use model::refusal::Refusal;
use model::self_assessment::fields::answer_name;
use model::space::unit_space;
use model::time::Day;
use phone::work::Paper;
use server::{case_register, machine};
use tests::case_pages::Page;
use tests::cases::chamber::{Chamber, asking, come_down, reading};
use tests::cases::matrix::Sitting;
use tests::cases::ordinary::{self, TURNS, held};
use tests::cases::pen::{Pen, Told};
use tests::cases::{SUBJECT, answers, form_of};
use tests::commune::Commune;
use tests::house::{Handset, House, SEED};

fn say(key: &str, text: &str) -> Edit {
    Edit { field: answer_name(key), value: Some(Scalar::Text(text.to_owned())) }
}

fn amend(sitting: &mut Sitting, name: &str, kind: PaperKind, said: &[(&str, &str)]) {
    let index = sitting.seat(name);
    let paper = sitting.paper(index, kind);
    let edits: Vec<Edit> = said.iter().map(|(key, text)| say(key, text)).collect();
    sitting.seats[index].pen.amend(paper, &edits);
}

/// What was told to a signature, without asking whether it was filed.
fn signs(sitting: &Sitting, chamber: &mut Chamber, name: &str, kind: PaperKind) -> Told {
    let index = sitting.seat(name);
    let (paper, pen) = (sitting.paper(index, kind), &sitting.seats[index].pen);
    let signed = pen.submission(paper, chamber.case(paper).and_then(|state| state.decisions.submitted));
    let pushed: Vec<&Entry> = pen.changes(paper).iter().chain([&signed]).collect();
    let told = pen.push(chamber, paper.space, &pushed);
    told.into_iter().find(|told| *told != Told::Stored).unwrap_or(Told::Stored)
}

fn steps(sitting: &Sitting, chamber: &mut Chamber, name: &str, to: CaseState) -> Told {
    sitting.steps(chamber, sitting.seat(name), to)
}

fn state(sitting: &Sitting, chamber: &Chamber) -> Option<CaseState> {
    chamber.case(sitting.case()).and_then(|state| state.decisions.status).map(|status| status.to)
}

/// From the self-assessment through so many turns.
fn begin(sitting: &Sitting, chamber: &mut Chamber) {
    assert_eq!(signs(sitting, chamber, "subject", PaperKind::SelfAssessment), Told::Stored);
    sitting.write_minutes(chamber);
}

fn goes(sitting: &Sitting, chamber: &mut Chamber, turns: std::ops::Range<usize>) {
    for turn in &TURNS[turns] {
        sitting.file_all(chamber, turn);
        let (name, to) = turn.steps[0];
        assert_eq!(steps(sitting, chamber, name, to), Told::Stored, "{to:?}");
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A self-assessment whose signed entry is so many bytes.
fn padded(pen: &mut Pen, paper: Paper, bytes: usize) -> Entry {
    let pad = |field: &str, length: usize| {
        vec![Edit { field: field.to_owned(), value: Some(Scalar::Text("x".repeat(length))) }]
    };
    pen.amend(paper, &pad("x/1", 20_000));
    pen.amend(paper, &pad("x/2", 20_000));
    let mut length = 1_000;
    for _ in 0..6 {
        pen.amend(paper, &pad("x/3", length));
        let signed = pen.submission(paper, None);
        if signed.bytes.len() == bytes {
            return signed;
        }
        length = (length as i64 + bytes as i64 - signed.bytes.len() as i64) as usize;
    }
    panic!("no such length");
}

/// What a pin says in a document.
fn pin(code: &str, form: &model::form::FormTemplate) -> Edit {
    let pin = form.pin();
    let text = format!("{code} {} {}", pin.version, pin.fingerprint);
    Edit { field: "form".to_owned(), value: Some(Scalar::Text(text)) }
}

/// The office files a submission whole within an entry of its own: the largest that it can hold is filed, and one byte more
/// is refused, not an exchange that fails every time.
#[test]
fn a_paper_that_its_filing_could_not_hold_is_refused_in_words() {
    for (bytes, expected) in [
        (SUBMISSION_BYTES_MAX, Told::Stored),
        (SUBMISSION_BYTES_MAX + 1, Told::Refused(Refusal::TooLarge)),
        (ENTRY_BYTES_MAX - 8, Told::Refused(Refusal::TooLarge)),
    ] {
        let mut sitting = ordinary::sitting();
        let mut chamber = sitting.chamber.twin();
        let subject = sitting.seat("subject");
        let paper = sitting.paper(subject, PaperKind::SelfAssessment);
        let signed = padded(&mut sitting.seats[subject].pen, paper, bytes);
        let pen = &sitting.seats[subject].pen;
        for change in pen.changes(paper) {
            assert_eq!(pen.push(&mut chamber, paper.space, &[change]), [Told::Stored]);
        }
        assert_eq!(pen.push(&mut chamber, paper.space, &[&signed]), [expected], "{bytes}");
        assert_eq!(state(&sitting, &chamber).is_some(), expected == Told::Stored, "{bytes}");
    }
}

/// What was signed while nobody held a role is filed later, but never into a case that is past it.
#[test]
fn a_self_assessment_is_not_filed_into_a_decided_case() {
    let mut sitting = ordinary::sitting();
    let mut chamber = sitting.chamber.twin();
    begin(&sitting, &mut chamber);
    goes(&sitting, &mut chamber, 0..6);
    assert_eq!(state(&sitting, &chamber), Some(Decided));
    let before = chamber.case(sitting.case()).unwrap().decisions;
    // The appointments of the year end with the year, and those of the next one come a day later.
    let year = |from: &str, to: Option<&str>| -> Vec<Appointment> {
        let roles = ordinary::appointed(&Commune::generate(SEED));
        roles.into_iter().map(|held| Appointment { from: day(from), to: to.map(day), ..held }).collect()
    };
    chamber.appoint(&year("2026-01-01", Some("2026-12-31")));
    chamber.now_ms += 40 * 86_400_000;
    amend(&mut sitting, "subject", PaperKind::SelfAssessment, &[("self_rating", "hoan_thanh_xuat_sac")]);
    let told = signs(&sitting, &mut chamber, "subject", PaperKind::SelfAssessment);
    chamber.appoint(&year("2027-01-01", None));
    let moment = chamber.moment();
    chamber.office.look_after_all_cases(moment).unwrap();
    let after = chamber.case(sitting.case()).unwrap().decisions;
    assert_eq!(state(&sitting, &chamber), Some(Decided));
    assert_eq!(
        (after.papers[&PaperKind::SelfAssessment], after.findings.self_rating),
        (before.papers[&PaperKind::SelfAssessment], before.findings.self_rating),
        "the account of a decided case was exchanged (told {told:?})"
    );
}

/// An appeal about months that were counted wrong can be upheld.
#[test]
fn an_appeal_about_wrong_months_can_be_upheld() {
    let mut sitting = ordinary::sitting();
    let mut chamber = sitting.chamber.twin();
    begin(&sitting, &mut chamber);
    amend(&mut sitting, "personnel", PaperKind::ServiceRecord, &[("worked_months", "9"), ("absent_months", "3")]);
    assert_eq!(signs(&sitting, &mut chamber, "personnel", PaperKind::ServiceRecord), Told::Stored);
    amend(&mut sitting, "head", PaperKind::HeadComment, &[("proposed_rating", "hoan_thanh")]);
    goes(&sitting, &mut chamber, 0..7);
    assert_eq!(signs(&sitting, &mut chamber, "subject", PaperKind::Appeal), Told::Stored);
    assert_eq!(steps(&sitting, &mut chamber, "subject", Appealed), Told::Stored);
    amend(&mut sitting, "personnel", PaperKind::ServiceRecord, &[("worked_months", "12"), ("absent_months", "0")]);
    let record = signs(&sitting, &mut chamber, "personnel", PaperKind::ServiceRecord);
    amend(&mut sitting, "authority", PaperKind::AppealOutcome, &[("outcome", "changed")]);
    assert_eq!(signs(&sitting, &mut chamber, "authority", PaperKind::AppealOutcome), Told::Stored);
    amend(
        &mut sitting,
        "authority",
        PaperKind::Decision,
        &[
            ("sequence", "2"),
            ("decision_number", "15/QĐ"),
            ("superseded_number", "12/QĐ-UBND"),
            ("rating", "hoan_thanh_tot"),
        ],
    );
    let decision = signs(&sitting, &mut chamber, "authority", PaperKind::Decision);
    assert_eq!((record, decision), (Told::Stored, Told::Stored), "the record of service can never be put right again");
}

/// A result is shown in the unit where it was published, not wherever its cadre goes later.
#[test]
fn an_old_result_does_not_follow_its_cadre_into_another_unit() {
    let mut sitting = ordinary::sitting();
    let mut chamber = sitting.chamber.twin();
    begin(&sitting, &mut chamber);
    goes(&sitting, &mut chamber, 0..9);
    assert_eq!(state(&sitting, &chamber), Some(Archived));
    let mut commune = sitting.commune.clone();
    let other = commune.units[3].id;
    let stranger = commune.members[18].held.cadre.id;
    assert_eq!(commune.members[18].held.assignment.unit, other);
    let pen = Pen::of(&mut chamber, 77, stranger);
    commune.members[SUBJECT].held.assignment.unit = other;
    chamber.now_ms += 300 * 86_400_000;
    chamber.publish(&commune.items());
    let moment = chamber.moment();
    chamber.office.look_after_all_cases(moment).unwrap();
    let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
    let space = unit_space(&chamber.identity(), other);
    let read = come_down(&pen.ask(&mut chamber, &asking(vec![reading(space, cursor)])));
    let filed = read.iter().filter(|entry| matches!(entry.content, Content::File(_))).count();
    assert_eq!(filed, 0, "people of the new unit read last year's strengths and weaknesses from the old one");
}

/// One damaged row hides nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_form_that_lies_in_no_case_hides_no_case() {
    let house = House::new();
    let server = house.opened().await;
    let mut early = Handset::enrolled(&server, 90, house.cadre(5), Role::Subject).await;
    let paper = house.paper(&server, house.cadre(5)).await;
    early.edit(paper, &house.answers(house.cadre(5)));
    early.submit(paper, house.form());
    early.synchronise(&server).await;
    let database = rusqlite::Connection::open(house.settings.data.join("langnghe.db")).unwrap();
    assert_eq!(database.execute("update entry set bytes = substr(bytes, 1, 200) where kind = 2", []).unwrap(), 1);
    drop(database);
    let page = Page::read(&server, &format!("/cases/{}", house.commune.cycle.id)).await;
    let items = tests::cases::appointments(&house);
    let published = server.door().writer.act(move |office| office.publish(&items, machine::moment())).await;
    server.stop().await.unwrap();
    assert_eq!((page.status, published.is_ok()), (200, true), "{}", page.text());
    assert!(page.text().contains("Có 1 hồ sơ không đọc được"), "{}", page.text());
}

/// A draft lies in its author's own space; in that of the minutes lie minutes.
#[test]
fn no_other_paper_is_written_and_signed_in_the_space_of_the_minutes() {
    let sitting = {
        let mut sitting = ordinary::sitting();
        let mut chamber = sitting.chamber.twin();
        begin(&sitting, &mut chamber);
        goes(&sitting, &mut chamber, 0..4);
        sitting.chamber = chamber;
        sitting
    };
    let mut sitting = sitting;
    let mut chamber = sitting.chamber.twin();
    assert_eq!(state(&sitting, &chamber), Some(AwaitingComments));
    let head = sitting.seat("head");
    let space = sitting.paper(head, PaperKind::Minutes).space;
    let form = form_of(PaperKind::HeadComment);
    let mut pen = sitting.seats[head].pen.clone();
    let heading = Heading {
        kind: PaperKind::HeadComment,
        cycle: sitting.cycle(),
        person: sitting.person,
        author: pen.person,
        form: form.pin(),
    };
    let about = About { kind: heading.kind, cycle: heading.cycle, person: heading.person, author: pen.person };
    let paper = Paper { space, document: about.document(space) };
    let mut edits = heading.edits();
    edits.extend(answers(PaperKind::HeadComment).iter().map(|(key, text)| say(key, text)));
    pen.begin(paper, &edits, EntryHash::from_bytes(*form.pin().fingerprint.as_bytes()));
    let draft = pen.push(&mut chamber, space, &[pen.change(paper)]);
    let signed = pen.push(&mut chamber, space, &[&pen.submission(paper, None)]);
    let is_filed = chamber.case(sitting.case()).unwrap().decisions.papers.contains_key(&PaperKind::HeadComment);
    let party = &sitting.seats[sitting.seat("secretary")].pen;
    let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
    let read = come_down(&party.ask(&mut chamber, &asking(vec![reading(space, cursor)])));
    let is_read = read.iter().any(|entry| entry.fields.document == paper.document);
    assert_eq!(
        (draft[0], signed[0], is_filed, is_read),
        (Told::Refused(Refusal::WrongDocument), Told::Missing, false, false),
        "the secretary, who may not read the case, reads the head's comment and its draft"
    );
}

/// A paper follows the form of its kind: with the form of another paper it is not complete.
#[test]
fn a_paper_cannot_be_signed_by_the_form_of_another_kind() {
    let mut taken = Vec::new();
    let short = form_of(PaperKind::PartyComment);
    let fingerprint = EntryHash::from_bytes(*short.pin().fingerprint.as_bytes());
    for (kind, turn, needed) in [
        (PaperKind::ResidenceOpinion, 1_usize, vec![]),
        (PaperKind::Minutes, 3, vec![]),
        (PaperKind::HeadComment, 4, vec![("outcome", "rated"), ("proposed_rating", "hoan_thanh_tot")]),
        (PaperKind::Notice, 6, vec![("decision_number", "12/QĐ-UBND")]),
    ] {
        let mut sitting = ordinary::sitting();
        let mut chamber = sitting.chamber.twin();
        assert_eq!(signs(&sitting, &mut chamber, "subject", PaperKind::SelfAssessment), Told::Stored);
        if kind != PaperKind::Minutes {
            sitting.write_minutes(&mut chamber);
        }
        goes(&sitting, &mut chamber, 0..turn);
        // Somebody else who holds the same role.
        let (person, other) = (sitting.person, sitting.commune.members[21].held.cadre.id);
        let unit = sitting.commune.units[usize::from(kind == PaperKind::HeadComment)].id;
        let mut pen = Pen::of(&mut chamber, 60 + turn as u8, other);
        chamber.appoint(&[held(other, kind.author(), unit)]);
        let moment = chamber.moment();
        chamber.office.look_after_all_cases(moment).unwrap();
        let space = if kind == PaperKind::Minutes { sitting.paper(0, kind).space } else { pen.own_space() };
        let about = About { kind, cycle: sitting.cycle(), person, author: other };
        let paper = Paper { space, document: about.document(space) };
        let mut edits = match kind {
            PaperKind::Minutes => {
                let heading = model::minutes::Heading { cycle: sitting.cycle(), person, form: short.pin() };
                [heading.edits(), paragraph_edits(ParagraphId::from_bytes([1; 16]), 0, "x")].concat()
            }
            _ => Heading { kind, cycle: sitting.cycle(), person, author: pen.person, form: short.pin() }.edits(),
        };
        edits.retain(|edit| edit.field != "form");
        edits.push(pin(kind.form_code().unwrap(), &short));
        edits.push(say("comment", "x"));
        edits.extend(needed.iter().map(|(key, text)| say(key, text)));
        pen.begin(paper, &edits, fingerprint);
        let mut fresh = chamber.twin();
        let told = pen.push(&mut fresh, paper.space, &[pen.change(paper)]);
        let signed = pen.push(&mut fresh, paper.space, &[&pen.submission(paper, None)]);
        let filed = fresh.case(sitting.case()).unwrap().decisions.papers.contains_key(&kind);
        taken.push((kind, told[0], signed[0], filed));
    }
    assert!(taken.iter().all(|(_, _, _, filed)| !filed), "signed with one answer, \"x\": {taken:?}");
}

/// A self-assessment follows the form that its cycle pins (invariant I13: the self-rating and all that is asked).
#[test]
fn a_self_assessment_cannot_be_submitted_by_another_form() {
    let commune = Commune::generate(SEED);
    let mut chamber = Chamber::of(&commune);
    let member = &commune.members[3].held;
    let person = member.cadre.id;
    chamber.appoint(&[held(commune.members[0].held.cadre.id, Role::Head, commune.units[1].id)]);
    let mut pen = Pen::of(&mut chamber, 1, person);
    let about = About { kind: PaperKind::SelfAssessment, cycle: commune.cycle.id, person, author: person };
    let paper = Paper { space: pen.own_space(), document: about.document(pen.own_space()) };
    let short = form_of(PaperKind::PartyComment);
    let heading =
        model::self_assessment::Heading { cycle: commune.cycle.id, person, form: short.pin(), is_leader: false };
    pen.begin(
        paper,
        &[heading.edits(), vec![say("comment", "x")]].concat(),
        EntryHash::from_bytes(*short.pin().fingerprint.as_bytes()),
    );
    let told = pen.push(&mut chamber, paper.space, &[pen.change(paper), &pen.submission(paper, None)]);
    let cases = case_register::of_cycle(chamber.office.reader(), commune.cycle.id).unwrap().cases;
    assert_eq!((told[1], cases.len()), (Told::Refused(Refusal::UnknownForm), 0), "{cases:?}");
}
