//! Evaluation cases through the app's only door, against the real server: what each person in a case sees and may do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::answer::Answer;
use model::case::paper::PaperKind;
use model::case::{CaseState, StepRefused};
use model::membership::Role;
use model::refusal::Refusal;
use phone::delivery::Delivery;
use phone::failure::Failure;
use phone::views::case::{CaseItem, CaseTurn, SignatureCheck};
use phone::views::{HistoryAct, PaperCase, PaperStatus};
use tests::case_office::Office;
use tests::cases::{CAST, SUBJECT};
use tests::demo::pocket::Pocket;

use CaseState::{OpinionsOpen, Returned, Submitted, UnderReview};

const REASON: &str = "Thiếu minh chứng mục B.";

/// Sends, receives, and shows the only case.
fn seen(pocket: &Pocket) -> CaseItem {
    pocket.send().unwrap();
    let mut cases = pocket.phone.cases().unwrap();
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

#[test]
fn a_head_returns_a_form_the_cadre_sees_why_and_the_case_goes_on() {
    let office = Office::open();
    let (cadre, head) = (office.lets_in(SUBJECT), office.lets_in_the(Role::Head));
    let personnel = office.lets_in_the(Role::PersonnelOffice);
    assert_eq!((head.phone.cases(), head.phone.papers_to_write()), (Ok(Vec::new()), Ok(Vec::new())));
    let paper = office.submits(&cadre);
    let mine = seen(&cadre);
    assert_eq!((mine.state, mine.role, mine.turn), (Submitted, Some(Role::Subject), CaseTurn::Others));

    let item = seen(&head);
    let case = item.case;
    assert_eq!((item.person_name.as_str(), item.state), (office.name(SUBJECT).as_str(), Submitted));
    assert_eq!((item.role, item.role_vi.as_str(), item.turn), (Some(Role::Head), "trưởng đơn vị", CaseTurn::Own));
    let steps: Vec<_> = item.steps.iter().map(|step| (step.to, step.is_explained, step.missing.is_none())).collect();
    assert_eq!(steps, [(Returned, true, true), (OpinionsOpen, false, true)]);
    let read = head.phone.read_paper(case, PaperKind::SelfAssessment).unwrap();
    assert_eq!((read.paper.person_name, read.paper.signature), (office.name(SUBJECT), SignatureCheck::Holds));
    assert!(read.lines.iter().any(|line| line.question_vi.contains("Ưu điểm") && !line.answer_vi.is_empty()));
    assert!(!read.tasks.is_empty());

    let no_reason = Failure::Step { source: StepRefused::NoReason };
    assert_eq!(head.phone.take_step(case, Returned, Some("  ".to_owned())), Err(no_reason));
    let no_step = Failure::Step { source: StepRefused::NoSuchStep };
    assert_eq!(head.phone.take_step(case, UnderReview, None), Err(no_step));
    let other_role = Failure::Step { source: StepRefused::OtherRole };
    assert_eq!(cadre.phone.take_step(case, OpinionsOpen, None), Err(other_role));
    head.phone.take_step(case, Returned, Some(REASON.to_owned())).unwrap();
    assert_eq!(head.phone.take_step(case, OpinionsOpen, None), Err(Failure::StepWaits));
    let waiting = head.phone.cases().unwrap().remove(0);
    assert_eq!((waiting.turn, waiting.steps.len()), (CaseTurn::Waiting, 0));
    assert_eq!(waiting.taken.map(|taken| (taken.to, taken.delivery)), Some((Returned, Delivery::Waiting)));
    assert_eq!(seen(&head).taken, None, "the case shows it");

    let mine = seen(&cadre);
    assert_eq!((mine.state, mine.latest.reason.as_deref(), mine.turn), (Returned, Some(REASON), CaseTurn::Own));
    assert_eq!((mine.latest.person_name, mine.state_vi.as_str()), (office.name(CAST[0].1), "Trả lại để bổ sung"));
    assert_eq!(cadre.phone.paper(paper).unwrap().item.case, PaperCase::Returned);
    let told = cadre.phone.history(case).unwrap();
    assert!(told.iter().any(|item| item.act == HistoryAct::Returned { reason: REASON.to_owned() }));
    cadre.answer(paper, "strengths", text("Đã bổ sung minh chứng mục B.")).unwrap();
    cadre.phone.submit(paper).unwrap();
    assert_eq!(seen(&cadre).state, Submitted);

    let (_, late) = (seen(&head), seen(&personnel));
    let read = head.phone.read_paper(case, PaperKind::SelfAssessment).unwrap();
    assert!(read.lines.iter().any(|line| line.answer_vi == "Đã bổ sung minh chứng mục B."), "the newer one counts");
    personnel.phone.take_step(late.case, Returned, Some(REASON.to_owned())).unwrap();
    head.phone.take_step(case, OpinionsOpen, None).unwrap();
    assert_eq!(seen(&head).state, OpinionsOpen);
    let refused = seen(&personnel);
    assert_eq!((refused.state, refused.state_vi.as_str()), (OpinionsOpen, "Đang lấy ý kiến"));
    let taken = refused.taken.unwrap();
    assert_eq!((refused.turn, taken.to, taken.delivery), (CaseTurn::Refused, Returned, Delivery::Refused));
    assert_eq!(taken.refused.map(|why| why.refusal), Some(Refusal::DecidedAlready));
    seen(&cadre);
    cadre.answer(paper, "strengths", text("Sửa sau khi đã tiếp nhận.")).unwrap();
    assert_eq!(cadre.phone.submit(paper), Err(Failure::NotNow { state: OpinionsOpen }));
    office.close();
}

/// The head of the Front committee reads no case; what they may write, and about whom, the appointments say.
#[test]
fn somebody_outside_the_case_writes_an_opinion_that_those_inside_read() {
    let office = Office::open();
    let (cadre, front) = (office.lets_in(SUBJECT), office.lets_in_the(Role::FrontHead));
    let (head, personnel) = (office.lets_in_the(Role::Head), office.lets_in_the(Role::PersonnelOffice));
    let person = office.house.cadre(SUBJECT);
    office.submits(&cadre);
    let offered = front.phone.papers_to_write().unwrap();
    let wanted = offered.iter().find(|paper| paper.person == person).unwrap();
    assert!(offered.iter().all(|paper| paper.offer.kind == PaperKind::ResidenceOpinion));
    assert!(offered.iter().all(|paper| paper.person_name != office.name(10)), "nobody writes about themself");
    assert_eq!((wanted.offer.paper, wanted.offer.status), (None, PaperStatus::Draft));
    assert_eq!(front.phone.begin_paper(PaperKind::Minutes, wanted.cycle, person), Err(Failure::OtherRole));
    let paper = front.phone.begin_paper(PaperKind::ResidenceOpinion, wanted.cycle, person).unwrap();
    assert_eq!(front.phone.begin_paper(PaperKind::ResidenceOpinion, wanted.cycle, person), Ok(paper));
    let begun = front.phone.paper(paper).unwrap();
    assert_eq!((begun.kind, begun.item.person_name), (PaperKind::ResidenceOpinion, office.name(SUBJECT)));
    assert_eq!(front.phone.submit(paper), Err(Failure::Incomplete { question: begun.first_gap.unwrap() }));
    for (question, answer) in opinion() {
        front.answer(paper, question, answer).unwrap();
    }
    front.phone.submit(paper).unwrap();
    front.send().unwrap();
    let offer = front.phone.papers_to_write().unwrap().into_iter().find(|paper| paper.person == person).unwrap().offer;
    assert_eq!(offer.refused.map(|why| why.refusal), Some(Refusal::NotNow), "the form was not yet taken as complete");

    let case = seen(&head).case;
    head.phone.take_step(case, OpinionsOpen, None).unwrap();
    assert_eq!(seen(&head).turn, CaseTurn::Others);
    let waiting = seen(&personnel);
    let missing = waiting.steps[0].missing.as_ref().map(|missing| missing.kind);
    assert_eq!((missing, waiting.turn), (Some(PaperKind::ResidenceOpinion), CaseTurn::Others));
    let too_early = StepRefused::NoPaper { paper: PaperKind::ResidenceOpinion };
    let closed = personnel.phone.take_step(case, CaseState::OpinionsClosed, None);
    assert_eq!(closed, Err(Failure::Step { source: too_early }));
    front.phone.submit(paper).unwrap();
    front.send().unwrap();
    let offer = front.phone.papers_to_write().unwrap().into_iter().find(|paper| paper.person == person).unwrap().offer;
    assert_eq!((offer.status, offer.refused), (PaperStatus::Received, None));
    assert_eq!(seen(&personnel).turn, CaseTurn::Own);
    let read = personnel.phone.read_paper(case, PaperKind::ResidenceOpinion).unwrap();
    assert_eq!((read.paper.role, read.paper.signature), (Role::FrontHead, SignatureCheck::KeyUnknown));
    let answers: Vec<_> = read.lines.iter().map(|line| line.answer_vi.as_str()).collect();
    assert!(answers.contains(&"02/12/2026") && answers.contains(&"80") && answers.contains(&"Đã xác nhận"));
    let kinds: Vec<_> = personnel.phone.case_papers(case).unwrap().into_iter().map(|paper| paper.kind).collect();
    assert_eq!(kinds, [PaperKind::SelfAssessment, PaperKind::ResidenceOpinion]);
    office.close();
}

/// A whole opinion from the place of residence.
fn opinion() -> Vec<(&'static str, Answer)> {
    let number = |decimal: &str| Answer::Number { decimal: decimal.to_owned() };
    let choice = |option: &str| Answer::Choice { option: option.to_owned() };
    vec![
        ("purpose", choice("annual")),
        ("meeting_date", Answer::Date { day: "2026-12-02".to_owned() }),
        ("voters_total", number("80")),
        ("voters_present", number("41")),
        ("compliance", choice("good")),
        ("participation", choice("fair")),
        ("attitude", choice("good")),
        ("contact", choice("good")),
        ("exemplary_role", choice("good")),
        ("agree", number("38")),
        ("disagree", number("1")),
        ("no_opinion", number("2")),
        ("acknowledgement", Answer::Acknowledged),
    ]
}
