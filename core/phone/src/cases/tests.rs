use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::answer::Answer;
use model::appointment::{Appointment, Chart};
use model::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use model::case::filed::Filed;
use model::case::paper::PaperKind;
use model::cycle::{CycleScope, EvaluationCycle};
use model::document::{Field, Fields};
use model::entry::{EntryDraft, Status, Submit};
use model::form::built_in;
use model::handshake::public;
use model::hash::{ChainHash, Signature};
use model::identity::{SpaceId, UnitId};
use model::membership::Grant;
use model::period::Period;
use model::receipt::{Epoch, Place};
use model::rule_set::RuleSet;
use model::self_assessment::Heading;
use model::signed_value::canonical;
use model::space::person_space;

use super::*;
use crate::device::Home;
use crate::facade::{Phone, now};
use crate::store::entries::Placed;
use crate::views::case::SignatureCheck;

const HEAD: PersonId = PersonId::from_bytes([1; 16]);
const UNIT: UnitId = UnitId::from_bytes([7; 16]);
const CYCLE: CycleId = CycleId::from_bytes([8; 16]);

fn server() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// The key of a cadre's phone.
fn key_of(cadre: PersonId) -> SigningKey {
    SigningKey::from_bytes(&[cadre.as_bytes()[0]; 32])
}

const fn cadre(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

/// The phone of the head of a unit, whom the office told of its people.
struct Held {
    phone: Arc<Phone>,
    _folder: tempfile::TempDir,
}

fn held() -> Held {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let phone = Phone::open(file("p.db"), file("incarnation"), vec![3; 32], None).unwrap();
    let mut desk = phone.desk();
    let home = Home { address: "http://127.0.0.1".to_owned(), server: public(&server()), person: HEAD };
    let own = person_space(&home.server, HEAD);
    desk.device.home = Some(home);
    desk.store.transact(|transaction| spaces::follow(transaction, own)).unwrap();
    for form in built_in::all() {
        let fingerprint = EntryHash::from_bytes(*form.fingerprint().as_bytes());
        desk.directory.forms.insert(fingerprint, Arc::new(form.check_received().unwrap()));
    }
    for (number, name) in [(1, "Bùi Thị Hạnh"), (2, "Đỗ An"), (3, "Lê Bình"), (4, "Ngô Cúc"), (5, "Vũ Dần")]
    {
        desk.directory.cadres.insert(cadre(number), in_post(cadre(number), name));
    }
    desk.directory.cycles.insert(CYCLE, cycle());
    let from = Day::parse("2020-01-01").unwrap();
    let head = Appointment { person: HEAD, role: Role::Head, unit: UNIT, over: None, from, to: None };
    let chart = Chart::of(vec![head], desk.directory.cadres.values(), []);
    desk.directory.chart = chart;
    drop(desk);
    Held { phone, _folder: folder }
}

fn in_post(person: PersonId, full_name: &str) -> CadreInPost {
    let assignment = Assignment {
        person,
        unit: UNIT,
        title: "Chuyên viên".to_owned(),
        staff_class: StaffClass::CivilServant,
        is_leader: false,
        duty_group: "Chuyên môn".to_owned(),
    };
    CadreInPost {
        cadre: Cadre { id: person, full_name: full_name.to_owned(), residence: ResidenceMode::Annual },
        assignment,
    }
}

fn cycle() -> EvaluationCycle {
    let (rules, today) = (RuleSet::decree_335(), now().vietnamese_day());
    EvaluationCycle {
        id: CYCLE,
        title: "Năm nay".to_owned(),
        period: Period::Year { year: today.year().unsigned_abs() },
        rule_set_code: rules.code,
        rule_set_version: rules.version,
        form: built_in::civil_servant_self_assessment().pin(),
        opens: today,
        closes: today,
        scope: CycleScope::default(),
    }
}

/// A self-assessment with nothing but its head, as the cadre's phone signed it.
fn signed(person: PersonId) -> Entry {
    let form = cycle().form;
    let heading = Heading { cycle: CYCLE, person, form: form.clone(), is_leader: false };
    let settled = heading.edits().into_iter().filter_map(|edit| Some((edit.field, Field::Settled(edit.value?))));
    let value = canonical(&settled.collect::<Fields>()).unwrap();
    let form = EntryHash::from_bytes(*form.fingerprint.as_bytes());
    let submit = Submit { heads: Vec::new(), value, form, over: None, claimed_ms: 0 };
    let (kind, space) = (EntryKind::Submit, person_space(&public(&server()), person));
    let document = DocumentId::from_bytes([1; 16]);
    let body = minicbor::to_vec(submit).unwrap();
    Entry::sign(EntryDraft { kind, space, document, person, incarnation: 1, body }, &key_of(person)).unwrap()
}

fn filed(person: PersonId) -> Filed {
    let (cycle, paper) = (CYCLE, PaperKind::SelfAssessment);
    Filed {
        cycle,
        person,
        paper,
        entry: signed(person).bytes,
        claimed_ms: 0,
        consequence: None,
        unit: None,
        residence: None,
    }
}

impl Held {
    /// The case of a cadre as the office's log brings it to this phone: who is in, a paper, and steps up to a state.
    fn has_case(&self, person: PersonId, filed: Filed, steps: &[CaseState]) -> DocumentId {
        let mut desk = self.phone.desk();
        let space = case_space(&public(&server()), CYCLE, person);
        let document = DocumentKind::Case.document_about(space, &subject(CYCLE, person));
        let grant =
            |key: &SigningKey, person, role| Grant { key: Some(public(key)), person, role: Some(role), claimed_ms: 0 };
        let members = [grant(&desk.device.key, HEAD, Role::Head), grant(&key_of(person), person, Role::Subject)];
        let says = |kind, document, body| {
            let person = PersonId::from_bytes([0; 16]);
            Entry::sign(EntryDraft { kind, space, document, person, incarnation: 1, body }, &server()).unwrap()
        };
        let none = DocumentId::from_bytes([0; 16]);
        let mut rows: Vec<Entry> =
            members.iter().map(|grant| says(EntryKind::Grant, none, minicbor::to_vec(grant).unwrap())).collect();
        let paper = says(EntryKind::File, document, minicbor::to_vec(filed).unwrap());
        let (about, mut follows) = (paper.hash, None);
        rows.push(paper);
        for to in steps {
            let status = Status { follows, to: *to, reason: None, about, claimed_ms: 0 };
            let step = says(EntryKind::Status, document, minicbor::to_vec(status).unwrap());
            follows = Some(step.hash);
            rows.push(step);
        }
        keep(&mut desk, (space, document), &rows);
        document
    }

    fn turns(&self) -> Vec<(PersonId, CaseTurn)> {
        self.phone.cases().unwrap().into_iter().map(|item| (item.person, item.turn)).collect()
    }
}

/// Rows of the log, at their places.
fn keep(desk: &mut Desk, (space, document): (SpaceId, DocumentId), rows: &[Entry]) {
    let kept = desk.store.transact(|transaction| {
        spaces::follow(transaction, space)?;
        let mut row = documents::begin(transaction, space, document, HEAD)?;
        for (number, entry) in (1..).zip(rows) {
            let first = Place { epoch: Epoch::NEVER, number };
            let at = Placed { number, chain: ChainHash::EMPTY, first, page: 1, in_force: true };
            let about = (entry.fields.document == document).then_some(&row);
            row.latest = entries::keep_row(transaction, entry, about, &at)?.unwrap();
            row.decisions.record(entry);
        }
        documents::write(transaction, &row)
    });
    kept.unwrap();
}

#[test]
fn cases_stand_in_the_order_in_which_they_need_this_person() {
    let held = held();
    let open = [CaseState::Submitted, CaseState::OpinionsOpen];
    held.has_case(cadre(2), filed(cadre(2)), &open);
    let taken = held.has_case(cadre(3), filed(cadre(3)), &[CaseState::Submitted]);
    held.has_case(cadre(4), filed(cadre(4)), &[CaseState::Submitted]);
    let refused = held.has_case(cadre(5), filed(cadre(5)), &[CaseState::Submitted]);
    for case in [taken, refused] {
        held.phone.take_step(case, CaseState::OpinionsOpen, None).unwrap();
    }
    let mut desk = held.phone.desk();
    let space = desk.case(refused).unwrap().row.space;
    let step = entries::of_document(desk.store.reader(), space, refused).unwrap().pop().unwrap();
    desk.store.transact(|transaction| entries::refuse(transaction, step.id, Refusal::NotNow)).unwrap();
    drop(desk);
    let expected = [
        (cadre(5), CaseTurn::Refused),
        (cadre(4), CaseTurn::Own),
        (cadre(3), CaseTurn::Waiting),
        (cadre(2), CaseTurn::Others),
    ];
    assert_eq!(held.turns(), expected);
    let item = held.phone.cases().unwrap().remove(0);
    let why = item.taken.and_then(|taken| taken.refused).unwrap();
    assert_eq!((why.label_vi.as_str(), item.state), ("Hồ sơ không ở bước làm được việc này", CaseState::Submitted));
    held.phone.take_step(refused, CaseState::OpinionsOpen, None).unwrap();
    assert!(held.turns().contains(&(cadre(5), CaseTurn::Waiting)), "another try takes its place");
}

/// The office files what others signed; what it says of a paper must be what the paper says of itself.
#[test]
fn a_filed_paper_holds_only_as_its_author_signed_it() {
    let check = |filed: Filed| {
        let held = held();
        let case = held.has_case(cadre(2), filed, &[CaseState::Submitted]);
        held.phone.case_papers(case).map(|papers| papers[0].signature)
    };
    assert_eq!(check(filed(cadre(2))), Ok(SignatureCheck::Holds));
    let mut fields = signed(cadre(2)).fields;
    fields.signature = Signature::from_bytes([5; 64]);
    let forged = Filed { entry: minicbor::to_vec(&fields).unwrap(), ..filed(cadre(2)) };
    assert_eq!(check(forged), Ok(SignatureCheck::Broken));
    let of_another = Filed { entry: signed(cadre(3)).bytes, ..filed(cadre(2)) };
    assert_eq!(check(of_another), Ok(SignatureCheck::Broken));
    let as_another = Filed { paper: PaperKind::HeadComment, ..filed(cadre(2)) };
    assert_eq!(check(as_another), Ok(SignatureCheck::Broken));
    let no_entry = Filed { entry: vec![1, 2, 3], ..filed(cadre(2)) };
    assert_eq!(check(no_entry), Err(Failure::PaperDamaged));
}

#[test]
fn a_paper_about_somebody_is_disputed_and_settled_as_a_self_assessment_is() {
    let (one, other) = (held(), held());
    one.has_case(cadre(2), filed(cadre(2)), &[CaseState::AwaitingComments]);
    let text = |text: &str| Answer::Text { text: text.to_owned() };
    let begin = |held: &Held| held.phone.begin_paper(PaperKind::HeadComment, CYCLE, cadre(2)).unwrap();
    let paper = begin(&one);
    assert_eq!(begin(&other), paper, "two phones of one author begin the same paper");
    one.phone.record_answer(paper, "strengths".to_owned(), text("Chủ động.")).unwrap();
    other.phone.record_answer(paper, "strengths".to_owned(), text("Đúng hẹn.")).unwrap();
    one.phone.record_answer(paper, "weaknesses".to_owned(), text("Còn nể nang.")).unwrap();
    let good = Answer::Choice { option: "hoan_thanh_tot".to_owned() };
    one.phone.record_answer(paper, "proposed_rating".to_owned(), good).unwrap();
    comes_over(&other, &one, paper);
    let view = one.phone.paper(paper).unwrap();
    assert_eq!((view.item.disputes, view.first_gap.as_deref(), view.score), (1, Some("strengths"), None));
    let sides: Vec<_> = view.disputes[0].sides.iter().map(|side| (side.value.as_str(), side.is_own_device)).collect();
    assert_eq!(sides, [("Chủ động.", true), ("Đúng hẹn.", false)]);
    assert_eq!(one.phone.submit(paper), Err(Failure::Incomplete { question: "strengths".to_owned() }));
    let dispute = &view.disputes[0];
    one.phone.settle(paper, dispute.field.clone(), dispute.sides[1].by).unwrap();
    let question = one.phone.question(paper, "strengths".to_owned()).unwrap();
    assert_eq!((question.answer, question.dispute), (Some(text("Đúng hẹn.")), None));
    assert_eq!(one.turns(), [(cadre(2), CaseTurn::Own)]);
    one.phone.submit(paper).unwrap();
    assert_eq!(one.turns(), [(cadre(2), CaseTurn::Waiting)]);
    let offer = one.phone.cases().unwrap().remove(0).papers.remove(0);
    assert_eq!((offer.paper, offer.status), (Some(paper), PaperStatus::Waiting));
}

/// What one phone wrote of a paper stands on another of the same person.
fn comes_over(from: &Held, to: &Held, paper: DocumentId) {
    let (from, mut desk) = (from.phone.desk(), to.phone.desk());
    let space = desk.own_space().unwrap();
    let changes = entries::of_document(from.store.reader(), space, paper).unwrap();
    let changes: Vec<Entry> = changes.iter().map(|held| from.entry(&held.hash).unwrap()).collect();
    let taken = desk.store.transact(|transaction| {
        let mut row = documents::find(transaction, space, paper)?.unwrap();
        for entry in &changes {
            row.latest = entries::keep_own(transaction, entry, &row)?;
        }
        documents::write(transaction, &row)
    });
    taken.unwrap();
}

/// Whom the appointments name, nobody else, and not about themself.
#[test]
fn papers_are_written_by_whom_the_office_appointed() {
    let held = held();
    let begin = |kind, person| held.phone.begin_paper(kind, CYCLE, person).err();
    assert_eq!(begin(PaperKind::HeadComment, HEAD), Some(Failure::OtherRole));
    assert_eq!(begin(PaperKind::PartyComment, cadre(2)), Some(Failure::OtherRole));
    assert_eq!(begin(PaperKind::Minutes, cadre(2)), Some(Failure::NotHere), "their place comes with the case");
    assert_eq!(begin(PaperKind::SelfAssessment, HEAD), Some(Failure::NotHere), "it is begun in another way");
    assert_eq!(begin(PaperKind::HeadComment, cadre(77)), Some(Failure::NotHere));
    assert_eq!(held.phone.papers_to_write(), Ok(Vec::new()), "a head is in the cases of the unit");
    let from = Day::parse("2020-01-01").unwrap();
    let over = Some(cadre(3));
    let former = Appointment { person: HEAD, role: Role::FormerHead, unit: UNIT, over, from, to: None };
    held.phone.desk().directory.chart.appoint(former);
    let wanted: Vec<_> =
        held.phone.papers_to_write().unwrap().into_iter().map(|paper| (paper.person_name, paper.offer.kind)).collect();
    assert_eq!(wanted, [("Lê Bình".to_owned(), PaperKind::OldUnitComment)]);
    held.phone
        .desk()
        .directory
        .cycles
        .insert(CYCLE, EvaluationCycle { opens: now().vietnamese_day().plus_days(1).unwrap(), ..cycle() });
    assert_eq!(held.phone.papers_to_write(), Ok(Vec::new()), "the cycle has not begun");
}
